"""Catalog: where everything is, so that listings read only what they show.

A row names the node's *domain*: the nearest node at or above it that is a container or has grants or a blocked
inheritance of its own. Rights and names live on domains, so a grant, a rename or a move changes no row.

Shelves: (lane, state, type) -> domain -> Stream of dates. Lane "work" holds every item once, by the date of its
last change; lane "live" what the public may find, by the date of publication. `newest` tells of each stream of the
live lane an hour after which nothing in it lies, sixty and more of them to an object: a listing of many sections loads
the streams whose turn comes, and nothing of the others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from BTrees.Length import Length
from persistent import Persistent

from egov.base import clock
from egov.base.memory import spared
from egov.catalog.agenda import Agenda
from egov.catalog.journal import Journal
from egov.catalog.links import FIELD as LINKS
from egov.catalog.links import (
    LOST,
    ORIGINAL,
    OUTSIDE,
    linked_from,
    lost_in,
    original_in,
    outside_in,
)
from egov.catalog.stream import Stream, hour_of, newest_first
from egov.model.btrees import DateTree, HourTree, NameTree, SpreadTree, UidTree
from egov.model.container import Container
from egov.model.item import Item
from egov.model.node import Node, inside, lineage
from egov.model.placement import Placement
from egov.model.site import is_attached, site_of
from egov.security.principals import SYSTEM_ACTOR

Shelf = tuple[str, str, str]  # lane, state, type
Row = tuple[Shelf, int, int]  # shelf, domain, key in the stream
LIVE = "live"
OWN = "own"  # field: whose draft it is
_LASTING = frozenset(
    {OWN}
)  # fields whose values come again and again: an empty place waits for the next entry
FOUND_BY_THE_PUBLIC = frozenset({"published"})


def domain_of(node: Node) -> Node:
    """The nearest node at or above that decides on rights by itself."""
    for current in lineage(node):
        if isinstance(current, Container) or current.grants or not current.inherits:
            return current
    return node


def has_rules(node: Node) -> bool:
    """Whether a node says something about rights or workflow that its surroundings do not."""
    return bool(node.grants or not node.inherits or getattr(node, "workflows", None))


class Catalog(Persistent):
    """All indexes of a site group."""

    def __init__(self) -> None:
        self.nodes = SpreadTree()  # uid -> node
        self.shelves = NameTree()  # Shelf -> UidTree(domain -> Stream)
        self.newest = NameTree()  # Shelf of the live lane -> HourTree(domain -> hour)
        self.fields = NameTree()  # field -> NameTree(value -> DateTree(uid -> domain))
        self.shown_in = UidTree()  # item uid -> tuple of placement uids
        self.own_rights = (
            UidTree()
        )  # container uid -> tuple of uids of items that are their own domain
        self.journal = Journal()
        self.agenda = Agenda()
        self.ruled = UidTree()  # uid of a node with rules of its own -> the node
        self.generation = Length()  # changes with everything that changes who may read which domain
        self.revision = Length()  # changes with everything that a public page may show

    def node(self, uid: int) -> Node | None:
        """The node of that uid, if it is in the tree."""
        found: Node | None = self.nodes.get(uid)
        return found if found is not None and is_attached(found) else None

    def holds_more_than(self, count: int) -> bool:
        """Whether there are more nodes than that; a tree's own length is counted leaf by leaf, all of them."""
        return next(islice(self.nodes, count, None), None) is not None

    def index(self, node: Node) -> None:
        """Bring a node's rows up to date; writes only what differs from where the node stood."""
        if node.uid not in self.nodes:
            self.nodes[node.uid] = node
            self.note_rules(node)
            if isinstance(node, Container):
                self.rights_changed()
        if isinstance(node, Placement):
            self._remember_placement(node)
        self._move_rows(node, _wanted_rows(node))
        if isinstance(node, Item):
            for uid in self.shown_in.get(node.uid, ()):
                placement = self.nodes[uid]
                self._move_rows(placement, _wanted_rows(placement))

    def unindex(self, node: Node) -> None:
        """Forget a node; its subtree is the caller's business."""
        self._move_rows(node, {})
        self.nodes.pop(node.uid, None)
        for uid in self.shown_in.get(node.uid, ()):
            self._move_rows(self.nodes[uid], _wanted_rows(self.nodes[uid]))
        if isinstance(node, Placement):
            rest = tuple(uid for uid in self.shown_in.get(node.target.uid, ()) if uid != node.uid)
            self.shown_in[node.target.uid] = rest
        if isinstance(node, Container):
            self.rights_changed()

    def rights_changed(self, node: Node | None = None) -> None:
        """Note that who may read what has changed; an item's own rights give it a domain of its own or take it away."""
        self.generation.change(1)
        if node is not None:
            self.note_rules(node)
        if node is not None and not isinstance(node, Container):
            self._note_own_rights(node)
            self._move_rows(node, _wanted_rows(node))

    def note_rules(self, node: Node) -> None:
        """Remember, or forget, that a node has grants, a blocked inheritance or workflow tables of its own."""
        if has_rules(node):
            if node.uid not in self.ruled:
                self.ruled[node.uid] = node
        elif node.uid in self.ruled:
            del self.ruled[node.uid]

    def ruled_below(self, top: Node) -> Iterator[Node]:
        """The nodes with rules of their own at or below a node; nothing else of the subtree is loaded."""
        return (node for node in self.ruled.values() if inside(node, top))

    def moved(self, node: Node, old_parent: Container) -> None:
        """Note that a node has another parent now; a container's subtree is not touched."""
        self.generation.change(1)
        if not isinstance(node, Container):
            self._drop_own_rights(old_parent.uid, node.uid)
            self._note_own_rights(node)
            self._move_rows(node, _wanted_rows(node))

    def stream(self, shelf: Shelf, domain: int) -> Stream | None:
        """The stream of a shelf in a domain."""
        domains = self.shelves.get(shelf)
        found: Stream | None = domains.get(domain) if domains is not None else None
        return found

    def shelves_of(self, lane: str) -> Iterator[Shelf]:
        """The shelves of a lane that hold, or once held, something."""
        return iter(self.shelves.keys((lane, "", ""), (lane + "\0", "", "")))

    def newest_first(
        self, shelves: Iterable[Shelf], domains: Collection[int]
    ) -> Iterator[tuple[int, int]]:
        """(key, uid) of what shelves of the live lane hold of some domains, the newest first."""
        places = (
            (hour, (shelf, domain))
            for shelf in shelves
            if (hours := self.newest.get(shelf)) is not None
            for domain in domains
            if (hour := hours.get(domain)) is not None
        )
        return newest_first(places, lambda place: self.stream(*place))

    def is_bounded(self, shelf: Shelf, domain: int) -> bool:
        """Whether nothing in a stream lies after the hour that is told of it."""
        stream = self.stream(shelf, domain)
        if shelf[0] != LIVE or stream is None or not stream.dates:
            return True
        hour = self.newest.get(shelf, {}).get(domain)
        return hour is not None and hour_of(stream.dates.minKey()) <= hour

    def mend_stream(self, shelf: Shelf, domain: int) -> None:
        """Make what is told of a stream agree with what is in it."""
        stream = self.stream(shelf, domain)
        if stream is not None:
            if not stream.is_consistent():
                stream.mend()
            if stream.dates:
                self._note_hour(shelf, domain, stream.dates.minKey())

    def live_items(self) -> Iterator[Node]:
        """Everything that the public may find, one by one."""
        found = (self.node(uid) for _at, uid in self.live_rows())
        return (node for node in found if node is not None)

    def live_count(self) -> int:
        """How many `live_items` there are."""
        shelves = (self.shelves[shelf] for shelf in self.shelves_of(LIVE))
        return sum(stream.size for shelf in shelves for stream in shelf.values())

    def live_rows(self) -> Iterator[tuple[int, int]]:
        """When each of `live_items` was first published, in microseconds, and its uid; loads none of them."""
        for shelf in self.shelves_of(LIVE):
            for stream in self.shelves[shelf].values():
                yield from ((-key, uid) for key, uid in stream.dates.items())

    def give_up_empty(self, before: datetime) -> int:
        """Take out the streams that have been empty since a moment; returns how many.

        They are looked at wherever many streams are, and each section has one for every state that ever was.
        """
        given_up, moment = 0, clock.micros(before)
        for shelf, domains in self.shelves.items():
            found = spared(self._p_jar, domains.items())
            empty = [(domain, stream) for domain, stream in found if not stream.size]
            for domain, stream in empty:
                if stream.changed < moment:
                    stream.take_out()
                    self._drop_stream(shelf, domain)
                    given_up += 1
        return given_up

    def _note_own_rights(self, node: Node) -> None:
        parent = node.__parent__
        if parent is None:
            return
        if domain_of(node) is node:
            known: tuple[int, ...] = self.own_rights.get(parent.uid, ())
            if node.uid not in known:
                self.own_rights[parent.uid] = (*known, node.uid)
        else:
            self._drop_own_rights(parent.uid, node.uid)

    def _drop_own_rights(self, parent_uid: int, uid: int) -> None:
        known: tuple[int, ...] = self.own_rights.get(parent_uid, ())
        if uid in known:
            self.own_rights[parent_uid] = tuple(u for u in known if u != uid)

    def _remember_placement(self, node: Placement) -> None:
        known: tuple[int, ...] = self.shown_in.get(node.target.uid, ())
        if node.uid not in known:
            self.shown_in[node.target.uid] = (*known, node.uid)

    def _move_rows(self, node: Node, wanted: dict[str, Any]) -> None:
        rows: dict[str, Any] = dict(node.rows)
        for lane in ("work", LIVE):
            old: Row | None = rows.get(lane)
            new: Row | None = wanted.get(lane)
            if old is not None and (
                new is None or old[:2] != new[:2] or old[2] // 1000 != new[2] // 1000
            ):
                self._take(old)
                rows.pop(lane)
                old = None
            if new is not None and old is None:
                shelf, domain, key = new
                rows[lane] = (shelf, domain, self._made(shelf, domain).add(key, node.uid))
                self._note_hour(shelf, domain, key)
        self._move_fields(node.uid, rows.pop("fields", ()), wanted.get("fields", ()))
        if wanted.get("fields"):
            rows["fields"] = wanted["fields"]
        if rows != node.rows:
            node.rows = rows

    def _move_fields(self, uid: int, old: tuple[Any, ...], new: tuple[Any, ...]) -> None:
        for field, value, _domain in set(old) - set(new):
            found = self.fields[field][value]
            found.pop(uid, None)
            if not found and field not in _LASTING:
                del self.fields[field][value]
        for field, value, domain in set(new) - set(old):
            values = self.fields.setdefault(field, NameTree())
            values.setdefault(value, DateTree())[uid] = domain

    def _take(self, row: Row) -> None:
        shelf, domain, key = row
        stream: Stream = self.shelves[shelf][domain]
        stream.remove(key)
        if not stream.size and stream.is_new:  # an import goes through states that nobody sees
            self._drop_stream(shelf, domain)

    def _drop_stream(self, shelf: Shelf, domain: int) -> None:
        # Both in one transaction: whoever makes the stream again tells its hour anew.
        del self.shelves[shelf][domain]
        if shelf[0] == LIVE:
            self.newest[shelf].pop(domain, None)

    def _note_hour(self, shelf: Shelf, domain: int, key: int) -> None:
        # An hour is only ever raised: who adds at this moment has seen it and relies on it.
        if shelf[0] != LIVE:
            return
        hours = self.newest.get(shelf)
        if hours is None:
            hours = self.newest[shelf] = HourTree()
        hour = hour_of(key)
        if (known := hours.get(domain)) is None or hour > known:
            hours[domain] = hour

    def _made(self, shelf: Shelf, domain: int) -> Stream:
        domains = self.shelves.get(shelf)
        if domains is None:
            domains = self.shelves[shelf] = UidTree()
        stream: Stream | None = domains.get(domain)
        if stream is None:
            stream = domains[domain] = Stream()
        return stream


def _wanted_rows(node: Node) -> dict[str, Any]:
    rows: dict[str, Any] = {}
    if isinstance(node, Container):
        told = [("unit", unit)] if (unit := node.values.get("unit")) else []
        told += ((ORIGINAL, uid) for uid in original_in(site_of(node), node.values))
        if told:
            rows["fields"] = tuple((field, value, node.uid) for field, value in told)
        return rows
    domain = domain_of(node).uid
    kind = node.type_name
    rows["work"] = (("work", node.state, kind), domain, -clock.micros(node.modified))
    if isinstance(node, Placement):
        if node.target.live_state in FOUND_BY_THE_PUBLIC and is_attached(node.target):
            rows[LIVE] = ((LIVE, "published", kind), domain, -clock.micros(node.listed_at))
    elif isinstance(node, Item):
        if node.live_state in FOUND_BY_THE_PUBLIC and node.published_at is not None:
            rows[LIVE] = (
                (LIVE, node.live_state, kind),
                domain,
                -clock.micros(node.published_at),
            )
        rows["fields"] = tuple(_field_rows(node, domain))
    return rows


def _field_rows(item: Item, domain: int) -> Iterator[tuple[str, str, int]]:
    seen: set[tuple[str, str]] = set()
    if item.draft is not None and item.owner not in ("", SYSTEM_ACTOR.id):
        yield OWN, item.owner, domain
    for edition in (item.draft, item.live):
        if edition is None:
            continue
        for uid in linked_from(site_of(item), edition.values):
            if (LINKS, str(uid)) not in seen:
                seen.add((LINKS, str(uid)))
                yield LINKS, str(uid), domain
        originals = ((ORIGINAL, uid) for uid in original_in(site_of(item), edition.values))
        far = ((OUTSIDE, address) for address in outside_in(edition.values))
        lost = ((LOST, address) for address in lost_in(site_of(item), edition.values))
        for row in {*far, *lost, *originals} - seen:
            seen.add(row)
            yield (*row, domain)
        for field in item.type_info.indexed:
            value = edition.values.get(field)
            for word in value if isinstance(value, tuple) else (value,):
                if word and isinstance(word, str) and (field, word) not in seen:
                    seen.add((field, word))
                    yield field, word, domain
