"""Lines of lists: what a list shows of a node, without loading its text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from egov.base import clock
from egov.base.html import excerpt
from egov.model.item import Item
from egov.model.node import Node
from egov.model.placement import Placement
from egov.web.urls import public_url


class Line(NamedTuple):
    """One line: title on the left, day on the right."""

    title: str
    url: str
    day: str
    summary: str


def lines(nodes: Iterable[Node], *, with_summary: bool = False) -> list[Line]:
    """The lines of some nodes, each object once; only a list with summaries reads the editions."""
    found = {line.url: line for line in (_line(node, with_summary) for node in nodes)}
    return list(found.values())


def _line(node: Node, with_summary: bool) -> Line:
    item = node.target if isinstance(node, Placement) else node
    title, at, summary = node.title, node.created, ""
    if isinstance(item, Item):
        title, at = item.live_title, item.published_at or item.created
        if with_summary and item.live is not None:
            values = item.live.values
            summary = values.get("summary") or excerpt(values.get("body", ""))
    return Line(title, public_url(item), clock.day(at), summary)
