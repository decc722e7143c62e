"""Notices: what each person is told of, what they have read of it, and what they do not want to hear."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from persistent import Persistent

from egov.base import clock
from egov.model.btrees import NameTree, NoticeTree

MANY = 100


class Notice(NamedTuple):
    """One thing that happened to a node, told to one person."""

    at: datetime
    event: str
    uid: int
    title: str
    by: str  # the name of who did it
    text: str


class Notices(Persistent):
    """Everybody's notices."""

    def __init__(self) -> None:
        self._kept = NoticeTree()  # (user, microseconds) -> Notice
        self.read_until = NameTree()  # user -> microseconds
        self.mailed_until = NameTree()  # user -> microseconds
        self.digested = NameTree()  # user -> day of the last digest, ISO
        self.muted = NameTree()  # user -> frozenset of events, and of "mail:" + event

    def add(self, user: str, notice: Notice) -> None:
        """Keep a notice for a person."""
        key = clock.micros(notice.at)
        while (user, key) in self._kept:
            key += 1
        self._kept[user, key] = notice

    def since(self, user: str, after: int) -> Iterator[tuple[int, Notice]]:
        """A person's notices after a moment in microseconds, oldest first, with their own moments."""
        span = self._kept.items((user, after), (user + "\0", 0), excludemin=True)
        return ((key, notice) for (_user, key), notice in span)

    def unread(self, user: str) -> int:
        """How many notices a person has not read; no more than MANY are counted, every page tells the number."""
        return sum(1 for _notice in islice(self.since(user, self.read_until.get(user, 0)), MANY))

    def newest(self, user: str, limit: int) -> list[tuple[int, Notice]]:
        """A person's newest notices, newest first."""
        return list(islice(self._backwards(user), limit))

    def _backwards(self, user: str) -> Iterator[tuple[int, Notice]]:
        # A tree walks forwards only; each step back is a search of its own, instead of a walk over them all.
        first, key = (user, 0), (user + "\0", 0)
        while True:
            try:
                key = self._kept.maxKey(key)
            except ValueError:
                return
            if key < first:
                return
            yield key[1], self._kept[key]
            key = (user, key[1] - 1)

    def trim(self, before: int) -> None:
        """Forget the notices from before a moment in microseconds."""
        for key in [key for key in self._kept if key[1] < before]:
            del self._kept[key]
