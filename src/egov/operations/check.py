"""Whether everything still fits together: the audit chain, the tree, the catalog."""

from __future__ import annotations

from collections.abc import Iterator

from egov.model.container import Container
from egov.model.item import Item
from egov.model.node import Node, path_of
from egov.model.placement import Placement
from egov.model.site import SiteGroup, is_attached


def check(site: SiteGroup) -> Iterator[str]:
    """A line for everything that is wrong; reads the whole site group."""
    report = site.audit.verify()
    for fault in report.faults:
        yield f"audit: strand {fault.strand}, record {fault.position}: {fault.what}"
    yield from _check_container(site, site)


def _check_container(site: SiteGroup, container: Container) -> Iterator[str]:
    if len(container) != sum(1 for _name in container):
        yield f"{path_of(container)}: number of children is wrong"
    for name, node in container.items():
        if node.__parent__ is not container or node.__name__ != name:
            yield f"{path_of(node)}: does not know its place"
        yield from _check_catalog(site, node)
        if isinstance(node, Container):
            yield from _check_container(site, node)


def _check_catalog(site: SiteGroup, node: Node) -> Iterator[str]:
    if site.catalog.nodes.get(node.uid) is not node:
        yield f"{path_of(node)}: not in the catalog"
        return
    for lane in ("work", "live"):
        row = node.rows.get(lane)
        if row is not None:
            stream = site.catalog.stream(row[0], row[1])
            if stream is None or stream.dates.get(row[2]) != node.uid:
                yield f"{path_of(node)}: row {lane} is missing"
            if lane == "work" and row[0][1] != node.state:
                yield f"{path_of(node)}: row {lane} has another state"
    if isinstance(node, Item) and not node.live and not node.draft:
        yield f"{path_of(node)}: has no edition"
    if isinstance(node, Placement) and not is_attached(node.target):
        yield f"{path_of(node)}: shows something that was deleted"
