"""Batches: the same work on many things, done piece by piece, so that it survives a crash and tells how far it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from persistent import Persistent

from egov.base import clock
from egov.base.i18n import Message
from egov.model.btrees import NameTree, UidTree

WAITING, RUNNING, DONE, CANCELLED, STOPPED = "waiting", "running", "done", "cancelled", "stopped"
OPEN_STATES = frozenset({WAITING, RUNNING})


class Outcome(NamedTuple):
    """What became of one thing; `problem` is empty when it went through, `key` is what undoes it."""

    uid: int
    title: str
    key: int = 0
    problem: Message = ""
    details: tuple[Message, ...] = ()


class Batch(Persistent):
    """One piece of long work: what is done to which things, how far it is, and what became of each."""

    state: str = WAITING
    place: int = 0  # how many are through
    failed: int = 0
    ended: datetime | None = None
    why: Message = ""  # it was stopped
    undoes: int = 0  # the key of the batch that this one takes back
    undone_by: int = 0  # the key of the batch that took this one back
    kept: UidTree | None = None  # place -> what a kind of work keeps of a thing for taking it back
    runner: tuple[str, datetime] | None = None  # who works on it, and how long that is believed

    def __init__(
        self, what: str, by: str, things: Sequence[Any], arguments: Mapping[str, Any], home: int
    ) -> None:
        self.key = 0
        self.what = what
        self.by = by
        self.at = clock.now()
        self.arguments = dict(arguments)
        self.home = home  # the uid of the container from which it was begun
        # Trees of their own: going on writes neither what is to be done nor what has been.
        self.things = UidTree(list(enumerate(things)))
        self.outcomes = UidTree()
        self.size = len(things)

    @property
    def is_open(self) -> bool:
        """Whether there is still something to do."""
        return self.state in OPEN_STATES

    def note(self, outcome: Outcome) -> None:
        """Keep what became of the thing whose turn it was."""
        self.outcomes[self.place] = outcome
        self.place += 1
        self.failed += bool(outcome.problem)

    def end(self, state: str, why: Message = "") -> None:
        """Let it be over."""
        self.state, self.why, self.ended, self.runner = state, why, clock.now(), None


class Batches(Persistent):
    """All batches by a key that grows with time, and by whose they are."""

    def __init__(self) -> None:
        self._kept = UidTree()
        self._of = NameTree()  # (user, -key) -> None
        self.open = UidTree()  # key -> Batch

    def add(self, batch: Batch) -> Batch:
        """Keep a batch under a key of its own."""
        batch.key = clock.micros(batch.at)
        while batch.key in self._kept:
            batch.key += 1
        self._kept[batch.key] = batch
        self._of[batch.by, -batch.key] = None
        self.open[batch.key] = batch
        return batch

    def get(self, key: int) -> Batch | None:
        """The batch of that key."""
        found: Batch | None = self._kept.get(key)
        return found

    def of(self, user: str) -> Iterator[Batch]:
        """A person's batches, newest first."""
        span = self._of.keys((user, -(2**62)), (user, 1))
        return (self._kept[-key] for _user, key in span)

    def close(self, batch: Batch) -> None:
        """Note that nothing is left to do."""
        self.open.pop(batch.key, None)

    def sweep(self, before: datetime) -> None:
        """Forget what was begun before a moment and is over."""
        old = [b for b in self._kept.values(None, clock.micros(before)) if not b.is_open]
        for batch in old:
            del self._kept[batch.key]
            self._of.pop((batch.by, -batch.key), None)
