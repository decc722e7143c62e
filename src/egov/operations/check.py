"""Whether everything still fits together, and how it is made to: the audit chain, the tree, the catalog."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from egov.base.permissions import Permission
from egov.catalog.index import Row, Shelf, has_rules
from egov.model.container import Container
from egov.model.item import Item
from egov.model.node import Node, path_of
from egov.model.placement import Placement
from egov.model.site import SiteGroup, is_attached
from egov.operations.record import record_site, require_duty
from egov.operations.tree import delete
from egov.security.principals import Actor


class Finding(NamedTuple):
    """Something that is wrong, and what puts it right; None where only a backup can."""

    what: str
    repair: Callable[[Actor], object] | None = None


def check(site: SiteGroup) -> Iterator[str]:
    """A line for everything that is wrong; reads the whole site group."""
    return (finding.what for finding in examine(site))


def repair(site: SiteGroup, *, by: Actor) -> tuple[list[Finding], list[Finding]]:
    """Put right what can be, and record it; returns what was repaired and what is left.

    Raises Forbidden without the duty `system`.
    """
    require_duty(by, Permission.SYSTEM)
    done: list[Finding] = []
    for finding in list(examine(site)):
        if finding.repair is not None:
            finding.repair(by)
            record_site(by, "repair", site, reason=finding.what)
            done.append(finding)
    return done, list(examine(site))


def examine(site: SiteGroup) -> Iterator[Finding]:
    """Everything that is wrong, one by one; reads the whole site group."""
    report = site.audit.verify()
    for fault in report.faults:
        yield Finding(f"audit: strand {fault.strand}, record {fault.position}: {fault.what}")
    yield from _examine_container(site, site)
    yield from _examine_streams(site)


def _examine_container(site: SiteGroup, container: Container) -> Iterator[Finding]:
    mended = partial(_mend, site, container)
    if not container.is_consistent():
        yield Finding(f"{path_of(container)}: order and children differ", mended)
    for name, node in container.by_name():
        if node.__parent__ is not container or node.__name__ != name:
            yield Finding(f"{path_of(container)}: {name} does not know its place", mended)
        yield from _examine_node(site, node)
        if isinstance(node, Container):
            yield from _examine_container(site, node)


def _row_faults(site: SiteGroup, node: Node) -> Iterator[str]:
    for lane in ("work", "live"):
        row = node.rows.get(lane)
        if row is not None:
            stream = site.catalog.stream(row[0], row[1])
            if stream is None or stream.dates.get(row[2]) != node.uid:
                yield f"row {lane} is missing"
            elif lane == "work" and row[0][1] != node.state:
                yield f"row {lane} has another state"


def _mend(site: SiteGroup, container: Container, _by: Actor) -> None:
    container.mend()
    site.catalog.rights_changed()


def _examine_node(site: SiteGroup, node: Node) -> Iterator[Finding]:
    indexed = partial(_index_again, site, node)
    if site.catalog.nodes.get(node.uid) is not node:
        yield Finding(f"{path_of(node)}: not in the catalog", indexed)
        return
    if has_rules(node) != (node.uid in site.catalog.ruled):
        yield Finding(
            f"{path_of(node)}: rules not in the catalog",
            lambda _by: site.catalog.note_rules(node),
        )
    for fault in _row_faults(site, node):
        yield Finding(f"{path_of(node)}: {fault}", indexed)
    for field, value, _domain in node.rows.get("fields", ()):
        if node.uid not in site.catalog.fields.get(field, {}).get(value, ()):
            yield Finding(f"{path_of(node)}: index {field} does not know {value}", indexed)
    if isinstance(node, Item) and not node.live and not node.draft:
        yield Finding(f"{path_of(node)}: has no edition")
    if isinstance(node, Placement):
        yield from _examine_placement(site, node)


def _examine_placement(site: SiteGroup, node: Placement) -> Iterator[Finding]:
    if not is_attached(node.target):
        taken_away = partial(_delete, node)
        yield Finding(f"{path_of(node)}: shows something that was deleted", taken_away)
    elif node.uid not in site.catalog.shown_in.get(node.target.uid, ()):
        indexed = partial(_index_again, site, node)
        yield Finding(f"{path_of(node)}: what it shows does not know of it", indexed)


def _delete(node: Node, by: Actor) -> None:
    delete(node, by=by)


def _examine_streams(site: SiteGroup) -> Iterator[Finding]:
    """Rows that no node claims."""
    for shelf, domains in site.catalog.shelves.items():
        for domain, stream in domains.items():
            for key, uid in stream.dates.items():
                if not _is_claimed(site, (shelf, domain, key), uid):
                    removed = partial(_remove_row, site, (shelf, domain, key), uid)
                    yield Finding(f"catalog: row {shelf} of {uid} belongs to nothing", removed)
            if not (stream.is_consistent() and site.catalog.is_bounded(shelf, domain)):
                mended = partial(_mend_stream, site, shelf, domain)
                yield Finding(f"catalog: {shelf} in {domain} is miscounted", mended)


def _is_claimed(site: SiteGroup, row: Row, uid: int) -> bool:
    node: Node | None = site.catalog.nodes.get(uid)
    return node is not None and node.rows.get(row[0][0]) == row


def _remove_row(site: SiteGroup, row: Row, uid: int, _by: Actor) -> None:
    stream = site.catalog.stream(row[0], row[1])
    # An earlier repair may have given the row its owner back, or taken it away.
    if stream is not None and row[2] in stream.dates and not _is_claimed(site, row, uid):
        stream.remove(row[2])


def _mend_stream(site: SiteGroup, shelf: Shelf, domain: int, _by: Actor) -> None:
    site.catalog.mend_stream(shelf, domain)


def _index_again(site: SiteGroup, node: Node, _by: Actor) -> None:
    """Take out the rows that are there, then index the node as if it were new."""
    for lane in ("work", "live"):
        row = node.rows.get(lane)
        stream = site.catalog.stream(row[0], row[1]) if row is not None else None
        if row is not None and stream is not None and stream.dates.get(row[2]) == node.uid:
            stream.remove(row[2])
    node.rows = {}
    site.catalog.nodes[node.uid] = node
    site.catalog.index(node)
