"""Throttling of sign-in: counted in the database, so that it holds across processes."""

from __future__ import annotations

from datetime import datetime, timedelta

from persistent import Persistent

from egov.base import clock
from egov.model.btrees import NameTree


class Attempts(Persistent):
    """Failed sign-ins per account: times of the last failures, forgotten on success."""

    def __init__(self) -> None:
        self._failures = NameTree()

    def locked_until(self, key: str, limit: int, lock: timedelta) -> datetime | None:
        """When the account opens again, or None if it is not locked."""
        failures: tuple[datetime, ...] = self._failures.get(key, ())
        recent = [at for at in failures if clock.now() - at < lock]
        return recent[-1] + lock if len(recent) >= limit else None

    def record_failure(self, key: str, limit: int) -> None:
        """Remember a failure; keeps the last `limit` of them."""
        self._failures[key] = (*self._failures.get(key, ()), clock.now())[-limit:]

    def forget(self, key: str) -> None:
        """Forget an account's failures."""
        self._failures.pop(key, None)
