"""Agenda: what is due when, so that a job finds it and a cached page knows how long it is true."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from persistent import Persistent

from egov.base import clock
from egov.model.btrees import NameTree

PUBLISH, EXPIRE = "publish", "expire"
RELEASE = "release"  # of a set; its key stands in the place of the uid


class Due(NamedTuple):
    """Something to be done with an item at a moment."""

    at: int  # microseconds since 1970
    uid: int
    what: str


class Agenda(Persistent):
    """Everything that is to be done at a moment, in the order of the moments."""

    def __init__(self) -> None:
        self._due = NameTree()  # Due -> None

    def set(self, uid: int, what: str, before: datetime | None, after: datetime | None) -> None:
        """Change the moment at which something is due; None for never."""
        if before is not None:
            self._due.pop(Due(clock.micros(before), uid, what), None)
        if after is not None:
            self._due[Due(clock.micros(after), uid, what)] = None

    def due(self) -> Iterator[Due]:
        """What is due by now, the oldest first."""
        return iter(list(self._due.keys(None, (clock.micros(clock.now()) + 1,))))

    def drop(self, due: Due) -> None:
        """Forget an entry, done or not."""
        self._due.pop(due, None)

    def next(self) -> datetime | None:
        """When the next thing is due."""
        first = next(iter(self._due.keys()), None)
        return clock.from_micros(first[0]) if first is not None else None

    def __contains__(self, due: Due) -> bool:
        return due in self._due
