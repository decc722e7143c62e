"""KeptForms: what somebody sent after their session had ended, until they have signed in again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from persistent import Persistent

from egov.base import clock
from egov.model.btrees import NameTree
from egov.model.files import StoredFile

REGISTER = "kept_forms"  # of the site group, made for the first form
KEPT_FOR = timedelta(hours=2)
MOST = 5  # of one person


class KeptForm(NamedTuple):
    """A form as it was sent: to which address and view, and what was typed.

    The files that were with it stand among the fields by their ids; `lost_files` has the names of those not kept.
    """

    path: str
    view: str
    fields: tuple[tuple[str, str], ...]
    lost_files: tuple[str, ...]
    at: datetime
    files: tuple[StoredFile, ...] = ()


class KeptForms(Persistent):
    """Everybody's kept forms, each found by nobody else."""

    def __init__(self) -> None:
        self._kept = NameTree()  # (user, microseconds) -> KeptForm

    def add(self, user: str, form: KeptForm) -> None:
        """Keep a form, instead of an earlier one of the same address; of each person only the newest few."""
        self.forget(user, form.path)
        mine = list(self._of(user))
        for key in mine[: max(0, len(mine) - MOST + 1)]:
            del self._kept[key]
        key = user, clock.micros(form.at)
        while key in self._kept:
            key = user, key[1] + 1
        self._kept[key] = form

    def newest(self, user: str, since: datetime) -> list[KeptForm]:
        """A person's forms since a moment, newest first."""
        found = [self._kept[key] for key in self._of(user)]
        return [form for form in reversed(found) if form.at >= since]

    def forget(self, user: str, path: str) -> None:
        """Forget what was sent to an address."""
        for key in [key for key in self._of(user) if self._kept[key].path == path]:
            del self._kept[key]

    def sweep(self, before: datetime) -> None:
        """Forget what was kept before a moment."""
        for key in [key for key, form in self._kept.items() if form.at < before]:
            del self._kept[key]

    def _of(self, user: str) -> Iterator[tuple[str, int]]:
        span: Iterator[tuple[str, int]] = self._kept.keys(
            (user, 0), (user + "\0", 0), excludemax=True
        )
        return span
