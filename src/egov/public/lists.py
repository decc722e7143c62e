"""Lines of lists: what a list shows of a node, by default without loading its text."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from egov.base import clock
from egov.base.html import excerpt
from egov.base.i18n import Message, _
from egov.model.files import StoredFile
from egov.model.item import SUPERSEDED, Item
from egov.model.node import Node
from egov.model.placement import Placement
from egov.web.urls import file_url, picture_url, public_url

SUMMARY_LENGTH = 110
VALIDITY = {SUPERSEDED: _("已被取代")}  # besides what a document says of itself
_OLDER = timedelta(days=7)  # than its adoption: then a line tells both days
_BESIDE = 2  # numbers shown on either side of the present page


class Picture(NamedTuple):
    """A picture and the words that stand for it."""

    url: str
    alt: str
    width: int
    height: int
    srcset: str = ""


class Line(NamedTuple):
    """One line: title on the left, day on the right; the rest only where a list asks for it."""

    title: str
    url: str
    day: str  # when it came to the list
    first_day: str = ""  # when it was published, where that was long before
    is_superseded: bool = False
    summary: str = ""
    picture: Picture | None = None


class Step(NamedTuple):
    """One number of the paging; without an address it is the present page, or a gap."""

    label: str
    url: str
    here: bool


class Paging(NamedTuple):
    """Where in a long list the reader is."""

    previous: str
    next: str
    steps: list[Step]
    summary: Message


def lines(nodes: Iterable[Node]) -> list[Line]:
    """The lines of some nodes; reads no edition."""
    return [_line(node) for node in nodes]


def told_lines(nodes: Iterable[Node]) -> list[Line]:
    """The lines of some nodes with summary and picture; reads the editions."""
    return [told_line(node) for node in nodes]


def item_of(node: Node) -> Node:
    """What a placement shows; every other node itself."""
    return node.target if isinstance(node, Placement) else node


def distinct(nodes: Iterable[Node]) -> list[Node]:
    """Each item once, however many of its places are among the nodes: there where it came last."""
    found: dict[int, Node] = {}
    for node in nodes:
        found.setdefault(item_of(node).uid, node)
    return list(found.values())


def listed_at(node: Node) -> datetime | None:
    """When a node came to its list, by which lists are sorted: published there, or adopted from elsewhere."""
    if isinstance(node, Placement):
        return node.listed_at
    return node.published_at if isinstance(node, Item) else node.created


def _line(node: Node) -> Line:
    shown, came = item_of(node), listed_at(node)
    if not isinstance(shown, Item):
        return Line(shown.title, public_url(shown), clock.day(came))
    first = shown.published_at
    is_older = came is not None and first is not None and came - first > _OLDER
    return Line(
        shown.live_title,
        public_url(shown),
        clock.day(came),
        clock.day(first) if is_older else "",
        bool(shown.superseded_by),
    )


def told_line(node: Node) -> Line:
    """The line of a node with summary and picture."""
    line, shown = _line(node), item_of(node)
    if not isinstance(shown, Item) or shown.live is None:
        return line
    values = shown.live.values
    summary = values.get("summary") or excerpt(values.get("body", ""), SUMMARY_LENGTH)
    return line._replace(summary=summary, picture=picture_of(shown, values))


def picture_of(item: Item, values: dict[str, Any]) -> Picture | None:
    """The picture that stands for an item: itself, or its cover."""
    for name in ("image", "cover"):
        if (found := picture(item, values.get(name), values.get("alt", ""))) is not None:
            return found
    return None


def picture(node: Node, file: object, alt: str = "") -> Picture | None:
    """A picture among a node's values, in all its sizes; None if it is none."""
    if not isinstance(file, StoredFile) or not file.is_image:
        return None
    url = file_url(node, file)
    sizes = [f"{picture_url(node, file, width)} {width}w" for width, *_blob in file.smaller]
    srcset = ", ".join([*sizes, f"{url} {file.width}w"]) if sizes else ""
    return Picture(url, alt, file.width, file.height, srcset)


def paging(url: str, number: int, last: int, total: int) -> Paging | None:
    """The paging of a list, or None if everything stands on one page."""
    if last <= 1:
        return None
    near = {1, last, *range(max(1, number - _BESIDE), min(last, number + _BESIDE) + 1)}
    steps: list[Step] = []
    for one in sorted(near):
        if steps and str(one - 1) != steps[-1].label:
            steps.append(Step("…", "", here=False))
        steps.append(Step(str(one), page_url(url, one), here=one == number))
    return Paging(
        previous=page_url(url, number - 1) if number > 1 else "",
        next=page_url(url, number + 1) if number < last else "",
        steps=steps,
        summary=_(
            "共 ${total} 条，第 ${number} 页，共 ${last} 页",
            mapping={"total": total, "number": number, "last": last},
        ),
    )


def page_url(url: str, number: int) -> str:
    """The address of a page of a list."""
    return f"{url}{'&' if '?' in url else '?'}page={number}" if number > 1 else url
