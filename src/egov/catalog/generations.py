"""What is read from the whole tree once for each generation of the catalog, and kept in memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from ZODB.DB import DB

from egov.model.site import SiteGroup

Told = TypeVar("Told")


class OncePerGeneration(Generic[Told]):
    """A way of reading the tree that remembers, for each database, what it found last."""

    def __init__(self, read: Callable[[SiteGroup], Told]) -> None:
        self._read = read
        self._known: WeakKeyDictionary[DB, tuple[int, Told]] = WeakKeyDictionary()

    def __call__(self, site: SiteGroup) -> Told:
        """What it finds in a site group, from memory if nothing has changed since."""
        generation = site.catalog.generation
        jar = generation._p_jar
        if jar is None or generation._p_changed:
            # What this very transaction has changed may yet be rolled back: never remember it.
            return self._read(site)
        known = self._known.get(jar.db())
        if known is None or known[0] != generation():
            known = self._known[jar.db()] = generation(), self._read(site)
        return known[1]
