"""Which objects of the database the making of a page has read: what the page depends on, whatever its template shows.

A connection's cache keeps its objects in the order of their last use, so what was read since a mark was touched stands
after it. Nothing below knows that it is watched; only what is remembered between pages must say so (`Reads.shared`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from egov.model.btrees import DateTree, NameTree, UidTree
from egov.operations.setup import ROOT_KEY
from egov.web.connections import Connections

READS = "egov.reads"  # in a request's environ: who records what it reads
_KEPT = 600  # objects kept from page to page: what all pages need, and a list for its next page
_MOST = 20_000  # read by one page; of one that reads more it is said that it reads everything

Oids = frozenset[bytes]
Made = TypeVar("Made")


def reads_of(request: Any) -> Reads | None:
    """Who records what this request reads; None outside an export."""
    found: Reads | None = request.environ.get(READS)
    return found


class Reads:
    """Records what the pages of one application read, one page after the other."""

    def __init__(self, database: Any, connections: Connections) -> None:
        self._connections = connections
        database.setCacheSize(_MOST)  # so that nothing is given up while a page is made
        self._shared: dict[str, tuple[Any, Oids]] = {}
        self._found: set[bytes] = set()
        self._used: set[str] = set()
        self._making = 0  # shared things, one for another
        self._start()

    def _start(self) -> None:
        lease = self._connections.take()  # the one that the next request will have
        lease.manager.begin()
        connection = lease.attend()
        site = connection.root()[ROOT_KEY]
        self._mark = site.audit  # which no page reads
        # Every page asks whether anything has changed at all; that is no part of what it shows.
        self._apart = {site.catalog.revision._p_oid, site.catalog.generation._p_oid}
        self._cache = connection._cache
        self._cache.cache_size = _KEPT
        self._cache.incrgc()
        self._cache.cache_size = _MOST
        self._touch()
        self._connections.give_back(lease)

    def begin(self) -> None:
        """Begin with a page."""
        self._found, self._used = set(), set()
        self._start()

    def end(self) -> tuple[Oids | None, frozenset[str]]:
        """What the page has read by itself, None for everything; and which shared things it showed.

        A page that seems to have read nothing was not seen reading: it is said to have read everything.
        """
        is_too_much = self._take() >= _MOST
        shared = [self._shared[key][1] for key in self._used]
        if is_too_much or not self._found.union(*shared) or not all(shared):
            return None, frozenset(self._used)
        return frozenset(self._found.difference(self._apart, *shared)), frozenset(self._used)

    def shared(self, key: str, make: Callable[[], Made]) -> Made:
        """What several pages show, made once; each of them depends on what was read for it.

        So does another shared thing that shows it.
        """
        if key not in self._shared:
            self._take()
            before, self._found = self._found, set()
            self._making += 1
            made = make()
            self._making -= 1
            self._take()
            self._shared[key] = made, frozenset(self._found - self._apart)
            self._found = before
        self._used.add(key)
        known: Made
        known, read = self._shared[key]
        if self._making:
            self._found |= read
        return known

    def read_for(self, key: str) -> Oids:
        """What was read for something that several pages show."""
        return self._shared[key][1]

    def _take(self) -> int:
        """Note what stands after the mark, and put the mark last again; how many objects the cache holds."""
        held = self._cache.lru_items()  # walks over all of them, as counting them does
        for oid, read in reversed(held):
            if read is self._mark:
                break
            if not _leads_only(read):
                self._found.add(oid)
        self._touch()
        return len(held)

    def _touch(self) -> None:
        getattr(self._mark, "touched", None)  # any look makes it the one that was used last


def _leads_only(read: Any) -> bool:
    # The inner node of a tree says which leaf holds a key, and changes when a leaf elsewhere splits. What the page
    # got, or looked for in vain, stands in the leaves.
    if not isinstance(read, NameTree | UidTree | DateTree):
        return False
    first = read._firstbucket
    return first is not None and first._p_oid is not None
