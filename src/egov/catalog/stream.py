"""Streams: the uids of one domain, state and type by date, and how several of them are read as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from heapq import heapify, heappop, heapreplace, merge
from typing import Any

from persistent import Persistent
from persistent.timestamp import TimeStamp
from ZODB.POSException import ConflictError
from ZODB.utils import z64

from egov.model.btrees import DateTree, backwards, forwards

_TAKEN_OUT = -1
_HOUR = 3_600_000_000  # microseconds

State = tuple[Any, int]
Place = tuple[Any, int]  # where a stream stands: its shelf and domain


class Stream(Persistent):
    """Uids in one domain, state and type; keys are negated microseconds, so that iteration is newest first.

    `size` counts them. It stands here for one object to load instead of two, and people who write in one stream at
    once are brought together.
    """

    dates: DateTree
    size: int

    def __init__(self) -> None:
        self.dates = DateTree()
        self.size = 0

    def __getstate__(self) -> State:
        return self.dates, self.size

    def __setstate__(self, state: Any) -> None:
        if isinstance(state, dict):  # of an earlier version, which counted in an object of its own
            state = state["dates"], state["count"]()
        dates, size = state[:2]  # and of one that had its newest beside
        super().__setstate__({"dates": dates, "size": size})

    def add(self, key: int, uid: int) -> int:
        """Put a uid in at the first free key from `key` on; returns that key."""
        while not self.dates.insert(key, uid):
            key += 1
        self.size += 1
        return key

    def remove(self, key: int) -> None:
        """Take the uid at `key` out."""
        del self.dates[key]
        self.size -= 1

    def is_consistent(self) -> bool:
        """Whether the count agrees with what is there."""
        return self.size == len(self.dates)

    def mend(self) -> None:
        """Make it agree."""
        self.size = len(self.dates)

    def take_out(self) -> None:
        """Let nobody add to a stream that the catalog gives up; who does so at this moment must begin again."""
        self.size = _TAKEN_OUT

    @property
    def is_new(self) -> bool:
        """Whether nobody else can know it, because it was made in this very transaction."""
        return bool(self._p_serial == z64)

    @property
    def changed(self) -> int:
        """When it was last written, in microseconds since 1970."""
        return int(TimeStamp(self._p_serial).timeTime() * 1_000_000)

    def _p_resolveConflict(self, old: Any, saved: Any, new: Any) -> State:  # noqa: N802
        if any(len(s) != 2 or isinstance(s, dict) or s[1] == _TAKEN_OUT for s in (old, saved, new)):
            raise ConflictError("a stream was taken out, or is of an earlier version")
        return new[0], saved[1] + new[1] - old[1]


def hour_of(key: int) -> int:
    """The full hour, counted from 1970, at which or before which a key of a stream lies."""
    return -(key // _HOUR)


def newest_first(
    places: Iterable[tuple[int, Place]], load: Callable[[Place], Stream | None]
) -> Iterator[tuple[int, int]]:
    """(key, uid) of the streams at several places, the newest first; one is loaded when its turn may have come.

    With each place goes a full hour after which nothing there lies. What bears one moment comes in the order of the
    places.
    """
    # A place that is not loaded yet stands at its hour. Of many whose newest bears the date of one day, as what is
    # brought in does, those are loaded that are shown.
    heap: list[tuple[int, int, int, Any]] = [
        (-hour * _HOUR, number, 0, place) for number, (hour, place) in enumerate(places)
    ]
    heapify(heap)
    while heap:
        key, number, uid, source = heap[0]
        if uid:
            yield key, uid
        else:
            stream = load(source)
            source = iter(forwards(stream.dates) if stream is not None else ())
        following = next(source, None)
        if following is None:
            heappop(heap)
        else:
            heapreplace(heap, (following[0], number, following[1], source))


def together(streams: Iterable[Stream]) -> Iterator[tuple[int, int]]:
    """(key, uid) of several streams, the newest first; all of them are opened at once."""
    return merge(*(forwards(stream.dates) for stream in streams if stream.size))


def oldest_first(streams: Iterable[Stream]) -> Iterator[tuple[int, int]]:
    """(time, uid) of several streams, the oldest first, looked up as they are taken."""
    filled = (stream for stream in streams if stream.size)
    return merge(*(((-key, uid) for key, uid in backwards(s.dates)) for s in filled))
