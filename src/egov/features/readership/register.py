"""What was read and how useful it was found, by day and month, in numbers only.

Each process writes its own strand of the present day, so that no two ever write the same object. When the day is over,
whoever comes first adds the strands together. A container counts what lies below it, so that nothing is summed up
when somebody looks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from heapq import nlargest

from persistent import Persistent

from egov.catalog.links import leads_to
from egov.model.btrees import DateTree, NameTree
from egov.model.container import Container
from egov.model.item import Item
from egov.model.node import Node, inside, lineage
from egov.model.site import SiteGroup

NAME = "readership"
SEEN, BELOW = "seen", "below"
YES, NO = "yes", "no"
REASONS = ("hard", "missing", "old", "broken")  # why something was of no use
KINDS = frozenset({SEEN, YES, NO, *REASONS})
KEPT_DAYS = 400
_LOOKED_AT = 3000  # of the most read pages of the whole site, for those of one section


class Tally(Persistent):
    """What was counted in a span of time: what, and how often for which uid."""

    def __init__(self) -> None:
        self._counts = NameTree()

    def add(self, what: str, uid: int, count: int) -> None:
        """Count more of something."""
        if what not in self._counts:
            self._counts[what] = DateTree()
        counts = self._counts[what]
        counts[uid] = counts.get(uid, 0) + count

    def of(self, what: str, uid: int) -> int:
        """How often something was counted for a uid."""
        found: int = self._counts.get(what, {}).get(uid, 0)
        return found

    def all_of(self, what: str) -> Iterator[tuple[int, int]]:
        """Every uid for which something was counted, and how often."""
        return iter(self._counts.get(what, {}).items())

    def merge(self, other: Tally) -> None:
        """Add everything that another has counted."""
        for what, counts in other._counts.items():
            for uid, count in counts.items():
                self.add(what, uid, count)


class Readership(Persistent):
    """The tallies of a site group."""

    def __init__(self) -> None:
        self._open = NameTree()  # (day, strand) -> Tally
        self._days = NameTree()  # day -> Tally
        self._months = NameTree()  # month -> Tally

    def note(
        self, site: SiteGroup, strand: str, counts: Mapping[tuple[str, str, str], int]
    ) -> None:
        """Note what a process has counted, by day, what and path; paths that lead nowhere are dropped."""
        found: Counter[tuple[str, str, int]] = Counter()
        for (day, what, path), count in counts.items():
            node = _node_at(site, path)
            if what in KINDS and node is not None:
                found[day, what, node.uid] += count
                if what == SEEN:
                    found.update({(day, BELOW, c.uid): count for c in _around(node)})
        for (day, what, uid), count in found.items():
            if (day, strand) not in self._open:
                self._open[day, strand] = Tally()
            self._open[day, strand].add(what, uid, count)

    def settle(self, today: date) -> None:
        """Add together what the processes counted on days that are over, and forget days long ago."""
        for day, strand in list(self._open.keys(None, (today.isoformat(), ""), excludemax=True)):
            tally = self._open.pop((day, strand))
            for tallies, span in ((self._days, day), (self._months, day[:7])):
                if span not in tallies:
                    tallies[span] = Tally()
                tallies[span].merge(tally)
        oldest = (today - timedelta(days=KEPT_DAYS)).isoformat()
        for day in list(self._days.keys(None, oldest, excludemax=True)):
            del self._days[day]

    def of_day(self, day: date, what: str, uid: int) -> int:
        """How often something was counted for a uid on a day."""
        told = day.isoformat()
        tallies = list(self._open.values((told, ""), (told + "\0", ""), excludemax=True))
        if told in self._days:
            tallies.append(self._days[told])
        return sum(tally.of(what, uid) for tally in tallies)

    def of_month(self, month: str, what: str) -> Counter[int]:
        """How often something was counted in a month, by uid."""
        counts: Counter[int] = Counter()
        if month in self._months:
            counts.update(dict(self._months[month].all_of(what)))
        for tally in self._open.values((month, ""), (month + "~", ""), excludemax=True):
            counts.update(dict(tally.all_of(what)))
        return counts

    def months(self) -> list[str]:
        """The months in which anything was counted, the latest first."""
        told = set(self._months) | {day[:7] for day, _strand in self._open}
        return sorted(told, reverse=True)


def readership_of(site: SiteGroup) -> Readership:
    """What was read on a site group."""
    found: Readership = site.register(NAME, Readership)
    return found


def most_read(site: SiteGroup, place: Container, month: str, limit: int) -> list[tuple[Item, int]]:
    """The items at or below a place that were read most in a month."""
    counts = readership_of(site).of_month(month, SEEN)
    found: list[tuple[Item, int]] = []
    for uid, count in nlargest(_LOOKED_AT, counts.items(), key=lambda pair: pair[1]):
        node = site.catalog.node(uid)
        if isinstance(node, Item) and inside(node, place):
            found.append((node, count))
            if len(found) == limit:
                break
    return found


def opinions(site: SiteGroup, place: Node, month: str) -> dict[int, Counter[str]]:
    """What readers of the pages at or below a place said in a month: how many found each useful, or not, and why."""
    found: dict[int, Counter[str]] = {}
    for what in (YES, NO, *REASONS):
        for uid, count in readership_of(site).of_month(month, what).items():
            node = site.catalog.node(uid)
            if node is not None and inside(node, place):
                found.setdefault(uid, Counter())[what] += count
    return found


def _node_at(site: SiteGroup, path: str) -> Node | None:
    if "@@" in path or path.startswith("/-"):
        return None
    try:
        return leads_to(site, path.encode("latin-1").decode())
    except UnicodeError:
        return None


def _around(node: Node) -> list[Container]:
    return [above for above in lineage(node) if isinstance(above, Container)]
