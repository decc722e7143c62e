"""What was done below a container, as its people may know it: the log without addresses and refused attempts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from egov.base import clock
from egov.base.permissions import Permission
from egov.history.actions import ACTIONS
from egov.history.audit import Record
from egov.model.container import Container
from egov.model.node import Node, path_of
from egov.model.site import SiteGroup, site_of
from egov.operations.tree import may_undelete
from egov.operations.undo import can_be_undone
from egov.security.policy import permits
from egov.security.principals import Actor


class Wanted(NamedTuple):
    """Which operations are looked for; empty means any."""

    who: str = ""
    what: str = ""
    since: datetime | None = None
    until: datetime | None = None


class Event(NamedTuple):
    """An operation on a node; `key` is that of its entry in the node's trail where it can be undone, else 0."""

    record: Record
    node: Node
    key: int


def events(
    container: Container, wanted: Wanted, *, by: Actor, most: int
) -> Iterator[Event | Record]:
    """What fits, newest first; after looking at `most` records, the record at which to go on."""
    site = site_of(container)
    place = path_of(container).rstrip("/")
    for number, record in enumerate(site.audit.newest(wanted.until)):
        if wanted.since is not None and record.at < wanted.since:
            return
        if number >= most:
            yield record
            return
        if not _fits(record, wanted, place):
            continue
        node = known(site, record.target, by=by)
        if node is not None:
            yield Event(record, node, _key_of(node, record))


def known(site: SiteGroup, uid: int, *, by: Actor) -> Node | None:
    """The node of that uid, be it in the trash, if the person may see it there."""
    node = site.catalog.node(uid)
    if node is not None:
        return node if permits(by, Permission.PREVIEW, node) else None
    entry = site.trash.get(uid)
    return entry.node if entry is not None and may_undelete(site, entry, by) else None


def _fits(record: Record, wanted: Wanted, place: str) -> bool:
    return (
        record.target != 0
        and record.outcome == "done"
        and record.action in ACTIONS
        and (record.path == place or record.path.startswith(place + "/"))
        and wanted.who in ("", record.actor, record.actor_name)
        and wanted.what in ("", record.action)
    )


def _key_of(node: Node, record: Record) -> int:
    """The entry that was written with a record, where it still stands and can be taken back."""
    if not node.log or node.log.minKey() > clock.micros(record.at):
        return 0
    key: int = node.log.maxKey(clock.micros(record.at))
    entry = node.log[key]
    is_it = (entry.by, entry.action) == (record.actor, record.action)
    return key if is_it and can_be_undone(entry) else 0
