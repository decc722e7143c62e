"""Journal: which items' public text changed, in the order of time, for indexes that live outside the database."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge
from typing import NamedTuple

from persistent import Persistent

from egov.base import clock
from egov.model.btrees import DateTree, UidTree, backwards

# People who publish at the same time write different leaves.
_STREAMS = 16


class Change(NamedTuple):
    """An item that changed, and when."""

    at: int  # microseconds since 1970
    uid: int


class Journal(Persistent):
    """Changes of the last time; what is older than `kept_since` has been forgotten."""

    kept_since = 0  # microseconds

    def __init__(self) -> None:
        self._streams = UidTree()
        for number in range(_STREAMS):
            self._streams[number] = DateTree()

    def note(self, uid: int) -> None:
        """Note that the public text of an item may have changed."""
        stream, at = self._streams[uid % _STREAMS], clock.micros(clock.now())
        while not stream.insert(at, uid):
            at += 1

    def since(self, at: int) -> Iterator[Change]:
        """The changes from a moment on."""
        for stream in self._streams.values():
            for moment, uid in stream.items(at):
                yield Change(moment, uid)

    def latest(self) -> Iterator[Change]:
        """The changes, the last first."""
        last_first = (map(Change._make, backwards(stream)) for stream in self._streams.values())
        return merge(*last_first, reverse=True)

    def forget(self, before: int) -> None:
        """Forget the changes before a moment: an index that has not seen them must be built anew."""
        for stream in self._streams.values():
            for moment in list(stream.keys(None, before, excludemax=True)):
                del stream[moment]
        self.kept_since = max(self.kept_since, before)
