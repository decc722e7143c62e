"""What needs looking after, as lists: due for review, long unchanged, found by nobody, leading nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import islice
from typing import NamedTuple

from egov.base import clock
from egov.base.permissions import Permission
from egov.catalog import reads
from egov.catalog.links import LOST, addresses_in, leads_to, linked_uids, links_to
from egov.catalog.stream import oldest_first, together
from egov.model.container import Container
from egov.model.item import Item
from egov.model.node import Node, inside
from egov.model.site import Section, site_of
from egov.operations.outside import outside_of
from egov.operations.reviewing import reviews_of
from egov.security.policy import permits
from egov.security.principals import Actor

MOST_LOOKED_AT = 20_000
LISTED_BY_ITS_SECTION = 200  # so deep do readers turn the pages of a list


class DeadLink(NamedTuple):
    """A link that leads nowhere: where it stands, its address, and why."""

    item: Item
    address: str
    why: str  # "gone", "hidden", or what an outside server answered


def due_for_review(top: Container, by: Actor, until: date) -> Iterator[Item]:
    """What is to be looked at again by a day, the oldest first."""
    site = site_of(top)
    found = (site.catalog.node(uid) for uid, _review in reviews_of(site).until(until))
    return (n for n in found if isinstance(n, Item) and _is_seen(n, top, by))


def long_unchanged(top: Container, by: Actor, days: int) -> Iterator[Item]:
    """What is public and has not been updated for so many days, the oldest first."""
    site, before = site_of(top), clock.now() - timedelta(days=days)
    for at, uid in oldest_first(reads.live_streams(top)):
        if clock.from_micros(at) > before:
            return
        node = site.catalog.node(uid)
        if isinstance(node, Item) and _changed(node) <= before and _is_seen(node, top, by):
            yield node


def _changed(item: Item) -> datetime:
    found = item.updated_at or item.published_at
    return found if found is not None else item.created


def orphaned(top: Container, by: Actor) -> Iterator[Item]:
    """What is public and found by no reader: no link, no placement, and no list of an open section that reaches it."""
    site = site_of(top)
    for container in top.with_below():
        shown = _shown_by(container)
        for stream in reads.live_streams(container, deep=False):
            for uid in stream.dates.values():
                if uid in shown or site.catalog.shown_in.get(uid):
                    continue
                node = site.catalog.node(uid)
                if isinstance(node, Item) and not links_to(site, uid) and _is_seen(node, top, by):
                    yield node


def _shown_by(container: Container) -> set[int]:
    """The uids that a container's public list shows."""
    if not isinstance(container, Section) or container.state == "hidden":
        return set()
    most = 1 if container.values.get("layout") == "single" else LISTED_BY_ITS_SECTION
    listed = together(reads.live_streams(container, deep=False))
    return {uid for _key, uid in islice(listed, most)}


def dead_links(top: Container, by: Actor) -> Iterator[DeadLink]:
    """Links on this site that lead nowhere, and to what the public cannot see; known at once from the catalog."""
    site = site_of(top)
    lost = site.catalog.fields.get(LOST, {})
    for address, items in islice(lost.items(), MOST_LOOKED_AT):
        if leads_to(site, address) is None:
            yield from (DeadLink(n, address, "gone") for n in _items(top, by, items))
    for uid in islice(linked_uids(site), MOST_LOOKED_AT):
        target = site.catalog.node(uid)
        if target is None or (isinstance(target, Item) and target.live_state != "published"):
            why = "gone" if target is None else "hidden"
            for item in links_to(site, uid):
                if isinstance(item, Item) and _is_seen(item, top, by):
                    yield DeadLink(item, _address_of(item, uid), why)


def _address_of(item: Item, uid: int) -> str:
    """The address by which an item leads to a node, which may be gone."""
    site = site_of(item)
    for address in addresses_in(item.work.values):
        node = leads_to(site, address)
        if (node is None and str(uid) in address) or (node is not None and node.uid == uid):
            return address
    return f"/-/node/{uid}"


def dead_outside(top: Container, by: Actor) -> Iterator[DeadLink]:
    """Links to other sites that did not answer twice in a row, as the last check found them."""
    site = site_of(top)
    known = site.catalog.fields.get("outside", {})
    for address, told in outside_of(site).dead():
        yield from (DeadLink(n, address, told) for n in _items(top, by, known.get(address, ())))


def _items(top: Container, by: Actor, uids: object) -> Iterator[Item]:
    catalog = site_of(top).catalog
    found = (catalog.node(uid) for uid in uids)  # type: ignore[attr-defined]
    return (n for n in found if isinstance(n, Item) and _is_seen(n, top, by))


def _is_seen(node: Node, top: Container, by: Actor) -> bool:
    return inside(node, top) and permits(by, Permission.PREVIEW, node)
