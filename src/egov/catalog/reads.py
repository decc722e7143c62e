"""The listings: every one applies the reader's rights while it reads, and loads only what it shows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from egov.base import clock
from egov.base.permissions import Permission
from egov.catalog.access import Access, access_of
from egov.catalog.index import LIVE, OWN, Catalog, Shelf
from egov.catalog.outline import outline_of
from egov.catalog.stream import Stream, oldest_first, together
from egov.model.container import Container
from egov.model.item import Item
from egov.model.node import Node
from egov.model.site import SiteGroup, site_of
from egov.security.policy import obstacle, permits, table_for
from egov.security.principals import Actor
from egov.workflow.office import deciding_states, preview_roles
from egov.workflow.stock import roles_that_may
from egov.workflow.table import ROLES, Transition

_VIEW_ROLES = frozenset(ROLES) - {"owner"}
_LOOKED_AT = 200  # rows before a page of a listing
_DRAFTS_LOOKED_AT = 500
_WRITING = frozenset({"author", "editor", "manager"})
_BEARING = 500  # as many items with one keyword are looked at


class Page(NamedTuple):
    """A stretch of a listing."""

    nodes: list[Node]
    reckon: Callable[[], int]

    @property
    def total(self) -> int:
        """How many there are in the whole of it; looks at each of its streams."""
        return self.reckon()


class Waiting(NamedTuple):
    """An item that waits for a decision, and the steps that the reader may take."""

    node: Item
    steps: list[Transition]


class Late(NamedTuple):
    """An item that waits for a decision, whoever may take it: since when, in microseconds, in what state and domain."""

    uid: int
    since: int
    state: str
    domain: int


def published(
    container: Container,
    actor: Actor,
    *,
    limit: int,
    offset: int = 0,
    deep: bool = False,
    types: Collection[str] | None = None,
) -> Page:
    """What the public side lists in a container (with `deep`: in its whole subtree), newest first."""
    return published_in([container], actor, limit=limit, offset=offset, deep=deep, types=types)


def published_in(
    places: Collection[Container],
    actor: Actor,
    *,
    limit: int,
    offset: int = 0,
    deep: bool = False,
    types: Collection[str] | None = None,
    keyword: str = "",
) -> Page:
    """The same of several containers at once; with `keyword` only what bears that very word.

    With a keyword `total` counts what was looked at.
    """
    if not places:
        return Page([], int)
    site = site_of(next(iter(places)))
    catalog: Catalog = site.catalog
    access = access_of(site, actor.principals)
    inside = dict.fromkeys(uid for place in places for uid in _domains(place, deep))
    domains = [uid for uid in inside if access.holds(uid, _VIEW_ROLES)]
    if keyword:
        return _bearing(catalog, actor, set(domains), keyword, types, limit)
    shelves = list(_shelves(catalog, LIVE, None, types))
    far, near = _parted(offset)
    newest = _nodes(catalog, catalog.newest_first(shelves, domains), far)
    nodes = (n for n in newest if permits(actor, Permission.VIEW, n))
    shown = list(islice(nodes, near, near + limit))
    return Page(shown, lambda: _total(_streams(catalog, shelves, domains)))


def _bearing(
    catalog: Catalog,
    actor: Actor,
    domains: set[int],
    keyword: str,
    types: Collection[str] | None,
    limit: int,
) -> Page:
    entries = islice(catalog.fields.get("keywords", {}).get(keyword, {}).items(), _BEARING)
    nodes = (catalog.node(uid) for uid, domain in entries if domain in domains)
    found = [
        n for n in nodes
        if isinstance(n, Item) and (types is None or n.type_name in types)
        and permits(actor, Permission.VIEW, n) and _has(n, "keywords", keyword)
    ]  # fmt: skip
    found.sort(key=lambda n: n.published_at or n.created, reverse=True)
    return Page(found[:limit], found.__len__)


def contents(
    container: Container,
    actor: Actor,
    *,
    limit: int,
    offset: int = 0,
    states: Collection[str] | None = None,
    types: Collection[str] | None = None,
    sort: str = "order",
) -> Page:
    """What the manage side lists of a container's own children, in their order or by last change."""
    if sort == "order" and states is None and types is None:
        far, near = _parted(offset)
        children = (container[name] for name in islice(container, far, None))
        seen = (n for n in children if permits(actor, Permission.PREVIEW, n))
        return Page(list(islice(seen, near, near + limit)), container.__len__)
    site = site_of(container)
    catalog: Catalog = site.catalog
    inside = [c for c in container.containers() if _matches(c, states, types)]
    inside = [c for c in inside if permits(actor, Permission.PREVIEW, c)]
    streams = list(_previewed(site, actor, domains_in(container), states, types))
    far, near = _parted(max(0, offset - len(inside)))
    newest = _nodes(catalog, together(streams), far)
    items = (n for n in newest if permits(actor, Permission.PREVIEW, n))
    rest = islice(items, near, near + min(limit, max(0, offset + limit - len(inside))))
    return Page([*inside[offset : offset + limit], *rest], lambda: len(inside) + _total(streams))


def counts(container: Container, actor: Actor) -> dict[tuple[str, str], int]:
    """How many items of each (state, type) stand directly in a container, as the reader may know."""
    site = site_of(container)
    access = access_of(site, actor.principals)
    allowed = preview_roles(site)
    found: dict[tuple[str, str], int] = {}
    for domain in domains_in(container):
        for shelf in site.catalog.shelves_of("work"):
            stream = site.catalog.stream(shelf, domain)
            if stream is not None and stream.size and access.holds(domain, allowed[shelf[1]]):
                key = shelf[1:]
                found[key] = found.get(key, 0) + stream.size
    return found


def domains_below(container: Container) -> tuple[int, ...]:
    """The uids of the domains at or below a container."""
    return outline_of(site_of(container)).below(container.uid)


def domains_by_part(container: Container) -> Iterator[tuple[int, tuple[int, ...]]]:
    """The uids of the containers directly in one, each with those of the domains at or below it; loads none of them."""
    return outline_of(site_of(container)).parts(container.uid)


def domains_in(container: Container) -> tuple[int, ...]:
    """The uids of the domains in which a container's own items stand."""
    return container.uid, *site_of(container).catalog.own_rights.get(container.uid, ())


def live_streams(container: Container, *, deep: bool = True) -> Iterator[Stream]:
    """The streams of what the public finds in a container, by the date of publication; whoever may see it."""
    catalog: Catalog = site_of(container).catalog
    return _streams(catalog, catalog.shelves_of(LIVE), _domains(container, deep))


def last_published(container: Container) -> datetime | None:
    """When something was last published at or below a container; None for never."""
    catalog: Catalog = site_of(container).catalog
    shelves, domains = catalog.shelves_of(LIVE), domains_below(container)
    newest = next(catalog.newest_first(shelves, domains), None)
    return clock.from_micros(-newest[0]) if newest is not None else None


def items_below(
    container: Container, actor: Actor, *, states: Collection[str] | None = None
) -> Iterator[Node]:
    """The items at or below a container that the reader may preview, last changed first; loaded one by one."""
    site = site_of(container)
    streams = _previewed(site, actor, domains_below(container), states, None)
    newest = _nodes(site.catalog, together(streams))
    return (n for n in newest if isinstance(n, Item) and permits(actor, Permission.PREVIEW, n))


def count_below(container: Container) -> int:
    """How many items and placements stand at or below a container, whoever may see them; loads none of them."""
    catalog: Catalog = site_of(container).catalog
    inside = set(domains_below(container))
    shelves = (catalog.shelves[shelf] for shelf in catalog.shelves_of("work"))
    return _total(s for shelf in shelves for domain, s in shelf.items() if domain in inside)


def waiting(
    actor: Actor,
    within: Container,
    *,
    states: Collection[str] | None = None,
    types: Collection[str] | None = None,
    owners: Collection[str] | None = None,
) -> Iterator[Waiting]:
    """What waits for this person's decision at or below a container, oldest first."""
    site = site_of(within)
    streams = _awaited(actor, within, states, types)
    for _at, uid in oldest_first(streams):
        node = site.catalog.node(uid)
        is_wanted = isinstance(node, Item) and (owners is None or node.owner in owners)
        if isinstance(node, Item) and is_wanted and (steps := decisions(actor, node)):
            yield Waiting(node, steps)


def waiting_about(
    actor: Actor,
    within: Container,
    *,
    states: Collection[str] | None = None,
    types: Collection[str] | None = None,
) -> int:
    """About how much `waiting` finds, without a look at the items: what one wrote oneself is counted too."""
    return _total(_awaited(actor, within, states, types))


def _awaited(
    actor: Actor, within: Container, states: Collection[str] | None, types: Collection[str] | None
) -> Iterator[Stream]:
    site = site_of(within)
    access = access_of(site, actor.principals)
    domains = set(domains_below(within)) if within is not site else None
    for state, roles in deciding_states(site).items():
        if states is not None and state not in states:
            continue
        for shelf in _shelves(site.catalog, "work", {state}, types):
            for domain, stream in site.catalog.shelves[shelf].items():
                if access.holds(domain, roles) and (domains is None or domain in domains):
                    yield stream


def late(site: SiteGroup, before: datetime) -> Iterator[Late]:
    """What has waited for a decision since before a moment; for reminders, in nobody's name. Loads no item."""
    latest = -clock.micros(before)
    for state in deciding_states(site):
        for shelf in _shelves(site.catalog, "work", {state}, None):
            filled = (pair for pair in site.catalog.shelves[shelf].items() if pair[1].size)
            for domain, stream in filled:
                for key, uid in stream.dates.items(latest, excludemin=True):
                    yield Late(uid, -key, state, domain)


def may_decide(actor: Actor, site: SiteGroup) -> bool:
    """Whether this person holds, on anything at all, a role that decides in some state."""
    access = access_of(site, actor.principals)
    return any(access.where(roles) for roles in deciding_states(site).values())


def decisions(actor: Actor, item: Item) -> list[Transition]:
    """The deciding steps (approve, return, publish …) that the actor may take on the item now."""
    table = table_for(item)
    if item.state not in table.deciding():
        return []
    steps = [t for t in table.leaving(item.draft_state) if not obstacle(actor, t, item)]
    return steps if any(t.guards or t.name == "publish" for t in steps) else []


def mine(actor: Actor, within: Container, *, states: Collection[str], limit: int) -> list[Item]:
    """The person's own items in some states, last changed first; looks at 500 of their drafts."""
    site = site_of(within)
    access = access_of(site, actor.principals)
    own = islice(drafts_of(site, actor.id, access), _DRAFTS_LOOKED_AT)
    found = [n for n in own if n.state in states]
    return sorted(found, key=lambda n: n.modified, reverse=True)[:limit]


def drafts_of(site: SiteGroup, user_id: str, access: Access | None = None) -> Iterator[Item]:
    """The items with a draft that a person began or was given, where they write now; nothing else is loaded."""
    catalog: Catalog = site.catalog
    rows = catalog.fields.get(OWN, {}).get(user_id, {}).items()
    found = (
        catalog.node(uid)
        for uid, domain in rows
        if access is None or access.holds(domain, _WRITING)
    )
    return (node for node in found if isinstance(node, Item))


def find(
    field: str, value: str, actor: Actor, site: SiteGroup, *, permission: Permission
) -> list[Item]:
    """The items with exactly that value in an indexed field, as far as the actor may see them."""
    catalog: Catalog = site.catalog
    access = access_of(site, actor.principals)
    found: list[Item] = []
    for uid, domain in catalog.fields.get(field, {}).get(value, {}).items():
        node = catalog.node(uid) if actor.is_system or domain in access.roles else None
        if isinstance(node, Item) and permits(actor, permission, node):
            found.append(node)
    # The index knows drafts too: what only a draft says is no answer to a visitor.
    return [n for n in found if permission != Permission.VIEW or _has(n, field, value)]


def containers_where(actor: Actor, site: SiteGroup, permission: Permission) -> Iterator[Container]:
    """The containers on which the actor has the permission, in the order of the tree, looked at as they are taken."""
    for uid in access_of(site, actor.principals).where(roles_that_may(permission)):
        node = site.catalog.node(uid)
        if isinstance(node, Container) and permits(actor, permission, node):
            yield node


def _has(item: Item, field: str, value: str) -> bool:
    live = item.live.values.get(field) if item.live else None
    return value == live or (isinstance(live, tuple) and value in live)


def _matches(node: Node, states: Collection[str] | None, types: Collection[str] | None) -> bool:
    return (states is None or node.state in states) and (types is None or node.type_name in types)


def _domains(container: Container, deep: bool) -> tuple[int, ...]:
    return domains_below(container) if deep else domains_in(container)


def _shelves(
    catalog: Catalog, lane: str, states: Collection[str] | None, types: Collection[str] | None
) -> Iterator[Shelf]:
    for shelf in catalog.shelves_of(lane):
        if (states is None or shelf[1] in states) and (types is None or shelf[2] in types):
            yield shelf


def _streams(
    catalog: Catalog,
    shelves: Iterable[Shelf],
    domains: Iterable[int],
) -> Iterator[Stream]:
    shelves = list(shelves)
    for domain in domains:
        for shelf in shelves:
            stream = catalog.stream(shelf, domain)
            if stream is not None:
                yield stream


def _previewed(
    site: SiteGroup,
    actor: Actor,
    domains: Iterable[int],
    states: Collection[str] | None,
    types: Collection[str] | None,
) -> Iterator[Stream]:
    access = access_of(site, actor.principals)
    allowed = preview_roles(site)
    shelves = list(_shelves(site.catalog, "work", states, types))
    for domain in domains:
        for shelf in shelves:
            if access.holds(domain, allowed.get(shelf[1], frozenset())):
                stream = site.catalog.stream(shelf, domain)
                if stream is not None:
                    yield stream


def _parted(offset: int) -> tuple[int, int]:
    """How many rows to pass over unseen, and how many to pass over of those that the reader may see.

    Far back in a listing only the first: looking at all would load them all, for one who pages through a large section
    as for a robot that asks for its last page. At worst an entry stands on two pages.
    """
    return (offset, 0) if offset > _LOOKED_AT else (0, offset)


def _nodes(catalog: Catalog, rows: Iterator[tuple[int, int]], unseen: int = 0) -> Iterator[Node]:
    found = (catalog.node(uid) for _key, uid in islice(rows, unseen, None))
    return (node for node in found if node is not None)


def _total(streams: Iterable[Stream]) -> int:
    return sum(stream.size for stream in streams)
