"""Desk: what is said about an item while it is worked on, and who is to deal with it; apart from what is published."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, NamedTuple

from persistent import Persistent

from egov.base import clock
from egov.model.btrees import NameTree, UidTree
from egov.model.states import with_state


class Reply(NamedTuple):
    """One answer to a remark."""

    by: str
    at: datetime
    text: str


class Remark(Persistent):
    """Something said about an item, one of its fields, or a passage of it; settled when it is resolved."""

    replies: tuple[Reply, ...] = ()
    resolved_by: str = ""
    resolved_at: datetime | None = None

    def __init__(self, by: str, text: str, field: str, passage: str, edition: int) -> None:
        self.key = 0
        self.by = by
        self.at = clock.now()
        self.text = text
        self.field = field
        self.passage = passage
        self.edition = edition

    @property
    def people(self) -> set[str]:
        """Everybody who has spoken here."""
        return {self.by, *(reply.by for reply in self.replies)}


class Assignment(NamedTuple):
    """Who is to deal with an item, and by when."""

    to: str
    by: str
    at: datetime
    due: date
    note: str


class Desk(Persistent):
    """The remarks on an item by key, and its assignment."""

    assignment: Assignment | None = None

    def __init__(self) -> None:
        self.remarks = UidTree()

    def add(self, remark: Remark) -> Remark:
        """Keep a remark under a key of its own, which grows with time."""
        remark.key = clock.micros(remark.at)
        while remark.key in self.remarks:
            remark.key += 1
        self.remarks[remark.key] = remark
        return remark

    def put_back(self, key: int, state: dict[str, Any] | None) -> None:
        """Let the remark of a key be as it was at another time; None for none."""
        if state is None:
            self.remarks.pop(key, None)
        else:
            self.remarks[key] = with_state(Remark, self.remarks.get(key), state)

    @property
    def open_count(self) -> int:
        """How many remarks are not settled."""
        return sum(1 for remark in self.remarks.values() if not remark.resolved_by)


class Tasks(Persistent):
    """All assignments, by whom they wait for and when they are due; the stage tells who has been reminded."""

    day: str = ""  # the last day on which reminders were given, ISO
    waited_day: str = ""  # the same of what was given to nobody
    _waited: UidTree | None = None  # uid -> (handed in, microseconds; stage)

    def __init__(self) -> None:
        self._stages = NameTree()  # (user, day due ISO, uid of the item) -> stage

    def add(self, assignment: Assignment, uid: int) -> None:
        """Enter an assignment."""
        self._stages[assignment.to, assignment.due.isoformat(), uid] = 0

    def remove(self, assignment: Assignment, uid: int) -> None:
        """Take an assignment out."""
        self._stages.pop((assignment.to, assignment.due.isoformat(), uid), None)

    def of(self, user: str) -> Iterator[int]:
        """The uids of what waits for a person, the earliest day first."""
        span = self._stages.keys((user, "", 0), (user + "\0", "", 0), excludemax=True)
        return (uid for _user, _due, uid in span)

    def by_day(self) -> list[tuple[date, int]]:
        """All days due with the uids of what is due, the earliest first."""
        return sorted((date.fromisoformat(due), uid) for _user, due, uid in self._stages)

    def reaching(self, stage: int, until: str) -> list[int]:
        """The uids of what is due by a day and has not come to a stage; they come to it now."""
        late = [key for key, known in self._stages.items() if known < stage and key[1] <= until]
        for key in late:
            self._stages[key] = stage
        return [uid for _user, _due, uid in late]

    def has_waited(self, uid: int, since: int, stage: int) -> bool:
        """Whether people were told that what was handed in at a moment has come to a stage."""
        known = self._waited.get(uid) if self._waited is not None else None
        return known is not None and known[0] == since and known[1] >= stage

    def note_waited(self, uid: int, since: int, stage: int) -> None:
        """Note that people were told of it."""
        if self._waited is None:
            self._waited = UidTree()
        self._waited[uid] = since, stage

    def keep_waited(self, uids: set[int]) -> None:
        """Forget what was told of everything else."""
        if self._waited is not None:
            for uid in [uid for uid in self._waited if uid not in uids]:
                del self._waited[uid]
