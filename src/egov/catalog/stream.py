"""Streams: the uids of one domain, state and type by date, and how several of them are read as one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heapify, heappop, heapreplace, merge
from typing import Any

from persistent import Persistent
from ZODB.POSException import ConflictError
from ZODB.utils import z64

from egov.model.btrees import DateTree, backwards

_NEVER = 1 << 62  # after every date, as keys are negated
_TAKEN_OUT = -1

State = tuple[Any, int, int]


class Stream(Persistent):
    """Uids in one domain, state and type; keys are negated microseconds, so that iteration is newest first.

    `size` counts them. No key is below `head`, which is where the newest stands unless that one has gone since: who
    merges many streams need not open those whose turn does not come. Both stand here, for one object to load instead
    of three, and people who write in one stream at once are brought together.
    """

    dates: DateTree
    size: int
    head: int

    def __init__(self) -> None:
        self.dates = DateTree()
        self.size, self.head = 0, _NEVER

    def __getstate__(self) -> State:
        return self.dates, self.size, self.head

    def __setstate__(self, state: State | dict[str, Any]) -> None:
        if isinstance(state, dict):  # of an earlier version, which counted in an object of its own
            dates = state["dates"]
            state = dates, state["count"](), _first(dates)
        dates, size, head = state
        super().__setstate__({"dates": dates, "size": size, "head": head})

    def add(self, key: int, uid: int) -> int:
        """Put a uid in at the first free key from `key` on; returns that key."""
        while not self.dates.insert(key, uid):
            key += 1
        self.size, self.head = self.size + 1, min(self.head, key)
        return key

    def remove(self, key: int) -> None:
        """Take the uid at `key` out."""
        del self.dates[key]
        self.size -= 1

    def is_consistent(self) -> bool:
        """Whether count and bound agree with what is there."""
        return self.size == len(self.dates) and self.head <= _first(self.dates)

    def mend(self) -> None:
        """Make them agree."""
        self.size, self.head = len(self.dates), _first(self.dates)

    def take_out(self) -> None:
        """Let nobody add to a stream that the catalog gives up; who does so at this moment must begin again."""
        self.size = _TAKEN_OUT

    @property
    def is_new(self) -> bool:
        """Whether nobody else can know it, because it was made in this very transaction."""
        return bool(self._p_serial == z64)

    def _p_resolveConflict(self, old: State, saved: State, new: State) -> State:  # noqa: N802
        states = old, saved, new
        if any(isinstance(state, dict) or state[1] == _TAKEN_OUT for state in states):
            raise ConflictError("a stream was taken out, or is of an earlier version")
        return new[0], saved[1] + new[1] - old[1], min(saved[2], new[2])


def _first(dates: DateTree) -> int:
    return dates.minKey() if dates else _NEVER


def newest_first(streams: Iterable[Stream]) -> Iterator[tuple[int, int]]:
    """(key, uid) of several streams, the newest first; a stream is opened when its turn has come."""
    # A stream that is not open yet stands where its newest may stand, before every uid there.
    heap: list[tuple[int, int, int, Any]] = [
        (stream.head, 0, number, stream) for number, stream in enumerate(streams) if stream.size
    ]
    heapify(heap)
    while heap:
        key, uid, number, source = heap[0]
        if uid:
            yield key, uid
        else:
            source = iter(source.dates.items())
        following = next(source, None)
        if following is None:
            heappop(heap)
        else:
            heapreplace(heap, (*following, number, source))


def oldest_first(streams: Iterable[Stream]) -> Iterator[tuple[int, int]]:
    """(time, uid) of several streams, the oldest first, looked up as they are taken."""
    filled = (stream for stream in streams if stream.size)
    return merge(*(((-key, uid) for key, uid in backwards(s.dates)) for s in filled))
