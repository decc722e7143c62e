"""The parts of a site map, and when something in each last changed.

A part has those whose uids lie in one stretch, so a publication changes one part, however many there are. The whole is
halved until the stretches are short enough: part 1 is the whole, 2 and 3 its halves, 4 to 7 the quarters. Of a large
site group each process remembers the parts, and brings them up by what the journal tells of items; once a day, and when
rights or places of containers have changed, it looks at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from weakref import WeakKeyDictionary

from ZODB.DB import DB

from egov.base import clock
from egov.base.ids import UID_BITS
from egov.base.memory import spared
from egov.base.permissions import Permission
from egov.model.container import Container
from egov.model.item import Item
from egov.model.node import Node
from egov.model.site import SiteGroup, is_attached
from egov.security.policy import permits
from egov.security.principals import ANONYMOUS

IN_MAP = 500  # addresses in one part at most, on average; 50,000 are allowed (sitemaps.org)
LARGE = 20_000  # addresses, from which on the parts are remembered
_DAY = 86_400 * 1_000_000  # microseconds
_OVERLAP = 120 * 1_000_000  # the same: commits do not arrive in the order of their times


class _Parts:
    """What is known of the parts at one moment, in microseconds."""

    def __init__(self, site: SiteGroup, at: int) -> None:
        self.generation = site.catalog.generation()
        self.looked_at = self.seen = at
        places = [(c.uid, clock.micros(c.modified)) for c in spared(site._p_jar, _containers(site))]
        self.count = len(places) + site.catalog.live_count()
        self._halvings = max(0, (self.count - 1) // IN_MAP).bit_length()
        self.newest: dict[int, int] = {}
        # The last changes tell of all parts where everything changes now and then, what came first of the rest.
        for change in site.catalog.journal.latest():
            self._note(change.uid, change.at)
            if len(self.newest) == 1 << self._halvings:
                break
        else:
            for published, uid in site.catalog.live_rows():
                self._note(uid, published)
        for uid, changed in places:
            self._note(uid, changed)

    def is_good(self, site: SiteGroup, at: int) -> bool:
        """Whether what has come since can be told from the journal alone."""
        is_known = site.catalog.journal.kept_since <= self.seen - _OVERLAP
        is_fresh = at - self.looked_at < _DAY and self.generation == site.catalog.generation()
        return self.count >= LARGE and is_known and is_fresh

    def bring_up(self, site: SiteGroup, at: int) -> None:
        """Note what has changed since."""
        for change in site.catalog.journal.since(self.seen - _OVERLAP):
            self._note(change.uid, change.at)
        self.seen = at

    def _note(self, uid: int, at: int) -> None:
        part = (1 << self._halvings) + (uid >> (UID_BITS - self._halvings))
        self.newest[part] = max(at, self.newest.get(part, 0))


_remembered: WeakKeyDictionary[DB, _Parts] = WeakKeyDictionary()


def newest_parts(site: SiteGroup, *, anew: bool = False) -> list[tuple[int, datetime]]:
    """Each part that has something, and when something in it last changed; loads no item.

    Made `anew` for who records what it reads: what is remembered reads nothing.
    """
    now, database = clock.micros(clock.now()), site._p_jar.db()
    known = _remembered.get(database)
    if known is not None and not anew and known.is_good(site, now):
        known.bring_up(site, now)
    else:
        known = _remembered[database] = _Parts(site, now)
    return [(part, clock.from_micros(at)) for part, at in sorted(known.newest.copy().items())]


def _containers(site: SiteGroup) -> Iterator[Container]:
    """The containers that a visitor may enter."""
    waiting: list[Container] = [site]
    while waiting:
        container = waiting.pop()
        if permits(ANONYMOUS, Permission.VIEW, container):
            waiting += list(container.containers())[::-1]
            yield container


def visible_in(site: SiteGroup, part: int) -> Iterator[Node]:
    """The sites, sections and items of a part that a visitor may see; nothing where there is no such part."""
    halvings = part.bit_length() - 1
    size = 1 << (UID_BITS - halvings)
    first = (part - (1 << halvings)) * size
    for uid, node in spared(site._p_jar, site.catalog.nodes.items(first)):
        if uid >= first + size:
            return
        is_listed = isinstance(node, Container) or (isinstance(node, Item) and "live" in node.rows)
        if is_listed and is_attached(node) and permits(ANONYMOUS, Permission.VIEW, node):
            yield node
