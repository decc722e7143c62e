"""Reviews: when a published text is to be looked at again, and by whom."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from persistent import Persistent

from egov.model.btrees import NameTree


class Review(NamedTuple):
    """When an item is to be looked at again, and by whom."""

    due: date
    who: str


class Reviews(Persistent):
    """All reviews to come, by their day."""

    told_until: str = ""  # the last day of which people were told, ISO

    def __init__(self) -> None:
        self._due = NameTree()  # (day ISO, uid) -> user

    def set(self, uid: int, before: Review | None, after: Review | None) -> None:
        """Change when an item is to be looked at; None for never."""
        if before is not None:
            self._due.pop((before.due.isoformat(), uid), None)
        if after is not None:
            self._due[after.due.isoformat(), uid] = after.who

    def until(self, day: date) -> Iterator[tuple[int, Review]]:
        """What is to be looked at by a day, the oldest first."""
        for (due, uid), who in self._due.items(None, (day.isoformat(), 2**63)):
            yield uid, Review(date.fromisoformat(due), who)
