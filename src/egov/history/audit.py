"""AuditLog: append-only, hash-chained, one record per operation.

Records stand in strands. Every database connection writes a strand of its own, so that people who work at
the same time seldom collide on the chain's end; readers see one log, merged by time. A strand's records are
chained by a hash over the record before; strands are numbered without gaps. A digest names its hash (`sm3:…`), so that
another can be taken into use at any record; those of the first years name none, which is SHA-256.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Iterator, Mapping
from datetime import datetime
from heapq import merge
from secrets import randbelow
from typing import Any, NamedTuple

from BTrees.Length import Length
from persistent import Persistent

from egov.base import clock
from egov.base.memory import spared
from egov.model.btrees import LogTree, UidTree, backwards
from egov.model.node import Node, path_of
from egov.security.principals import Actor

_EVER = 1 << 62  # microseconds; a clock that was set back must hide nothing
# Several times as many as write at once; each is opened to show the newest records.
MOST_STRANDS = 64
_REMEMBERED = 64  # heads: of the records that one transaction writes, and of those before
OUTCOMES = ("done", "refused", "failed")
FIRST_HASH = "sha256"
# Each of them holds; one that holds no more is only verified.
HASHES = (FIRST_HASH, "sha512", "sha3_256", "sm3")


_PARTS = (
    "at", "actor", "actor_name", "address", "action", "outcome", "target", "title", "before", "digest", "reason",
    "path",
)  # fmt: skip


class Record(Persistent):
    """One operation: when, who, from where, what, on what, with which outcome and why.

    It is stored as a tuple of its parts: their names would make up a quarter of the log.
    """

    reason: str = ""
    path: str = ""

    def __init__(self, at: datetime, actor: Actor, action: str, outcome: str) -> None:
        self.at = at
        self.actor = actor.id
        self.actor_name = actor.name
        self.address = actor.address
        self.action = action
        self.outcome = outcome
        self.target = 0
        self.title = ""
        self.before = ""
        self.digest = ""

    def __getstate__(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in _PARTS)

    def __setstate__(self, state: tuple[Any, ...] | dict[str, Any]) -> None:
        super().__setstate__(
            dict(zip(_PARTS, state, strict=True)) if isinstance(state, tuple) else state
        )

    def facts(self) -> dict[str, Any]:
        """Everything the record says, as it enters the chain."""
        return {
            "at": self.at.isoformat(),
            "actor": self.actor,
            "actor_name": self.actor_name,
            "address": self.address,
            "action": self.action,
            "outcome": self.outcome,
            "target": self.target,
            "title": self.title,
            "path": self.path,
            "reason": self.reason,
            "before": self.before,
        }

    def is_as_written(self) -> bool:
        """Whether the record's facts give its digest."""
        return has_digest(self.facts(), self.digest)


def computed_from(facts: dict[str, Any], chosen: str = FIRST_HASH) -> str:
    """The digest of a record's facts by one of the HASHES; raises ValueError for one that this machine has not."""
    canonical = json.dumps(facts, sort_keys=True, ensure_ascii=False)
    found = hashlib.new(chosen, canonical.encode()).hexdigest()
    return found if chosen == FIRST_HASH else f"{chosen}:{found}"


def has_digest(facts: dict[str, Any], digest: str) -> bool:
    """Whether a digest is that of the facts, by the hash that it names."""
    named, colon, _hex = digest.partition(":")
    chosen = named if colon else FIRST_HASH
    return chosen in HASHES and computed_from(facts, chosen) == digest


class Strand(Persistent):
    """The records of one connection, in the order in which they were written."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.head = self.genesis()
        self.count = 0
        self.last = 0
        self.records = LogTree()

    def genesis(self) -> str:
        """What the first record of the strand is chained to."""
        return hashlib.sha256(f"strand {self.number}".encode()).hexdigest()

    def append(self, record: Record, chosen: str = FIRST_HASH) -> None:
        """Chain a record to the end by one of the HASHES."""
        self.last = max(clock.micros(record.at), self.last + 1)
        record.before = self.head
        record.digest = computed_from(record.facts(), chosen)
        self.records[self.last] = record
        self.head = record.digest
        self.count += 1

    def newest(self, before: int) -> Iterator[tuple[int, Record]]:
        """(-time, record) of the strand up to a moment in microseconds, newest first."""
        last_first = backwards(self.records, min(self.last, before))
        return ((-key, record) for key, record in last_first)

    def after(self, known: int) -> Iterator[Passed]:
        """The records of the strand after a moment in microseconds, oldest first."""
        return (Passed(key, self.number, record) for key, record in self.records.items(known + 1))


class Fault(NamedTuple):
    """A place where the chain does not hold."""

    strand: int
    position: int
    what: str


class Examined(NamedTuple):
    """What a verification of one strand found; its head proves later that nothing before was written anew."""

    strand: int
    records: int
    head: str
    faults: tuple[Fault, ...]


class Report(NamedTuple):
    """What a verification of the whole log found."""

    records: int
    strands: int
    faults: tuple[Fault, ...]

    @property
    def is_sound(self) -> bool:
        """Whether every record is as it was written."""
        return not self.faults


class Passed(NamedTuple):
    """A record on its way through the log: its strand, the moment that is its place there, and itself."""

    key: int
    strand: int
    record: Record


class AuditLog(Persistent):
    """The log of the site group; nothing in egov changes or removes a record."""

    hash: str = FIRST_HASH  # of the records to come
    _v_mine: tuple[int, deque[str]]  # this connection's strand, and the heads that it had lately

    def __init__(self) -> None:
        self.strands = UidTree()
        # How many there have been, so that even the last cannot go missing unseen. An object of its own:
        # were the log itself written, every other connection would lose its strand and begin a new one.
        self.begun = Length()

    def append(
        self,
        actor: Actor,
        action: str,
        node: Node | None = None,
        *,
        outcome: str = "done",
        reason: str = "",
    ) -> Record:
        """Write one record at the present time and chain it."""
        record = Record(clock.now(), actor, action, outcome)
        record.reason = reason
        if node is not None:
            record.target = node.uid
            record.title = node.title
            record.path = path_of(node)
        strand = self._strand()
        seen = self._v_mine[1]
        seen.append(strand.head)
        strand.append(record, self.hash)
        seen.append(strand.head)
        return record

    def newest(self, until: datetime | None = None) -> Iterator[Record]:
        """All records, or those up to a moment, newest first, loaded as they are read."""
        before = clock.micros(until) if until is not None else _EVER
        strands = [strand.newest(before) for strand in self.strands.values()]
        return (record for _key, record in merge(*strands, key=lambda pair: pair[0]))

    def after(self, known: Mapping[int, int]) -> Iterator[Passed]:
        """The records after the last known one of each strand, oldest first, loaded as they are read."""
        waiting = [
            strand.after(known.get(strand.number, 0))
            for strand in self.strands.values()
            if strand.last > known.get(strand.number, 0)
        ]
        return merge(*waiting, key=lambda passed: passed.key)

    def verify(self) -> Report:
        """Walk every chain; names each record that is not as it was written."""
        found = list(self.examined())
        faults = [fault for examined in found for fault in examined.faults]
        total = sum(examined.records for examined in found)
        return Report(total, len(self.strands), tuple(faults))

    def examined(self) -> Iterator[Examined]:
        """The verification strand by strand, those that are missing first."""
        missing = sorted(set(range(1, self.begun() + 1)) - set(self.strands.keys()))
        for number in missing:
            yield Examined(number, 0, "", (Fault(number, 0, "strand missing"),))
        for strand in self.strands.values():
            faults = tuple(_verify_strand(strand))
            yield Examined(strand.number, len(strand.records), strand.head, faults)

    def _strand(self) -> Strand:
        """The strand of this connection: the one it wrote last, while nobody else has written there."""
        # A volatile attribute belongs to this connection's copy of the log alone. It outlives a transaction
        # that failed: then the head is as it was before, or another's, who was faster with the same strand.
        number, seen = getattr(self, "_v_mine", (0, deque()))
        strand: Strand | None = self.strands.get(number)
        if strand is None or strand.head not in seen:
            strand = self._another()
            self._v_mine = (strand.number, deque(maxlen=_REMEMBERED))
        return strand

    def _another(self) -> Strand:
        """Any strand; all are made by who writes first, so that nobody later meets others at making one."""
        begun = self.begun()
        for number in range(begun + 1, MOST_STRANDS + 1):
            self.strands[number] = Strand(number)
        if begun < MOST_STRANDS:
            self.begun.change(MOST_STRANDS - begun)
        number = begun + 1 if begun < MOST_STRANDS else randbelow(begun) + 1
        strand: Strand | None = self.strands.get(number)
        if strand is None:  # somebody took it away, which `verify` tells; the log goes on
            self.begun.change(1)
            strand = self.strands[begun + 1] = Strand(begun + 1)
        return strand


def _verify_strand(strand: Strand) -> Iterator[Fault]:
    before = strand.genesis()
    position = 0
    records = spared(strand._p_jar, strand.records.values())  # a log may be larger than memory
    for position, record in enumerate(records, start=1):
        if record.before != before:
            yield Fault(strand.number, position, "chain broken before this record")
        if not record.is_as_written():
            yield Fault(strand.number, position, "record changed")
        before = record.digest
    if position != strand.count or before != strand.head:
        yield Fault(strand.number, position + 1, "records missing at the end")
