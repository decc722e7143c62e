"""Blocks as the public sees them: each kind prepares plain values; what would be empty is left out.

The pages that nobody has arranged are made of the same blocks (`public/home.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from pyramid.traversal import find_resource

from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.catalog.reads import published, published_in
from egov.model.arrangement import Block
from egov.model.block_kinds import KINDS
from egov.model.container import Container
from egov.model.item import Item
from egov.model.node import Node
from egov.model.site import Section, SiteGroup, Subsite, language_of, site_of, subsite_of
from egov.public.frame import Entry
from egov.public.items import readable
from egov.public.leaving import address_of_link, way_out, with_ways_out
from egov.public.lists import Line, distinct, item_of, lines, told_line, told_lines
from egov.public.people import Person, people_in
from egov.public.topics import Topic, topics_in
from egov.security.policy import permits
from egov.security.principals import Actor
from egov.web.urls import public_url

_ROW = 6
_SPANS = {"full": 6, "wide": 4, "half": 3, "third": 2}
_TITLES = {"services": _("服务直达"), "subsites": _("部门网站"), "about": _("关于本单位")}
_LOOKED_AT_FOR_A_PICTURE = 8
_PICTURES_LOOKED_AT = 3  # times as many as are shown


class Figure(NamedTuple):
    """A number for people to remember."""

    label: str
    value: str
    unit: str
    note: str
    url: str


class Shown(NamedTuple):
    """A block, ready for its template; what its kind does not have stays empty."""

    key: int
    kind: str
    span: int  # of six columns
    title: Message
    url: str = ""
    lead: Line | None = None
    lines: list[Line] = []  # noqa: RUF012  never changed
    style: str = ""
    entries: list[Entry] = []  # noqa: RUF012
    figures: list[Figure] = []  # noqa: RUF012
    people: list[Person] = []  # noqa: RUF012
    topics: list[Topic] = []  # noqa: RUF012
    note: str = ""
    body: str = ""
    organiser: str = ""
    contact: str = ""


class _Where(NamedTuple):
    """What a block is shown in, and to whom."""

    page: Container
    actor: Actor
    block: Block

    def place(self, name: str = "place") -> Container | None:
        """The container that the block draws from: its page's own unless it names one; None if that is closed."""
        uid = self.block.values.get(name) or 0
        found = site_of(self.page).catalog.node(uid) if uid else self.page
        is_open = isinstance(found, Container) and permits(self.actor, Permission.VIEW, found)
        return found if is_open else None

    def named(self, place: Container | None, **more: Any) -> Shown:
        """The block with its title, or else its place's, and the way to all of it."""
        block = self.block
        elsewhere = place if place is not None and place is not self.page else None
        usual = elsewhere.title if elsewhere is not None else _TITLES.get(block.kind, "")
        title = block.title or usual
        url = public_url(elsewhere) if elsewhere is not None else ""
        return Shown(block.key, block.kind, _SPANS.get(block.width, _ROW), title, url, **more)

    def value(self, name: str, default: Any) -> Any:
        """What an editor filled in, or the default."""
        return self.block.values.get(name) or default


def shown_blocks(page: Container, actor: Actor, blocks: Iterable[Block]) -> list[Shown]:
    """The blocks that have something to show to this reader, in their order."""
    known = (b for b in blocks if b.kind in KINDS)
    made = (_MAKERS[block.kind](_Where(page, actor, block)) for block in known)
    return fitted([shown for shown in made if shown is not None])


def fitted(blocks: list[Shown]) -> list[Shown]:
    """The blocks so that each row is full: the last of a row takes what the next would not fit into."""
    used = 0
    for number, block in enumerate(blocks):
        used = (used if used < _ROW else 0) + block.span
        follower = blocks[number + 1].span if number + 1 < len(blocks) else _ROW
        if used < _ROW < used + follower:
            blocks[number] = block._replace(span=block.span + _ROW - used)
            used = _ROW
    return blocks


def _headline(at: _Where) -> Shown | None:
    place = at.place()
    if place is None:
        return None
    limit = at.value("limit", 8)
    nodes = distinct(published(place, at.actor, limit=_looked_at(limit) + 1, deep=True).nodes)
    told = [told_line(node) for node in nodes[:_LOOKED_AT_FOR_A_PICTURE]]
    pinned = _pinned(at)
    if pinned is None and not told:
        return None
    lead = pinned or next((line for line in told if line.picture is not None), told[0])
    others = [line for line in lines(nodes) if line.url != lead.url]
    return at.named(place, lead=lead, lines=others[:limit])


def _pinned(at: _Where) -> Line | None:
    path = at.value("pinned", "")
    if not path.startswith("/"):
        return None
    try:
        found = find_resource(site_of(at.page), path)
    except (KeyError, UnicodeDecodeError, ValueError):
        return None
    if not isinstance(found, Item) or not permits(at.actor, Permission.VIEW, found):
        return None
    return told_line(found)


def _pictures(at: _Where) -> Shown | None:
    place, limit = at.place(), at.value("limit", 4)
    if place is None:
        return None
    found = published(place, at.actor, limit=limit * _PICTURES_LOOKED_AT, deep=True)
    told = [line for line in told_lines(distinct(found.nodes)) if line.picture is not None]
    return at.named(place, lines=told[:limit]) if told else None


def _list(at: _Where) -> Shown | None:
    place = at.place()
    also = at.place("also") if at.value("also", 0) else None
    places = [one for one in (place, also) if one is not None]
    limit = at.value("limit", 6)
    found = published_in(places, at.actor, limit=_looked_at(limit), deep=True)
    return _listed(at, place, found.nodes, limit)


def _query(at: _Where) -> Shown | None:
    place, wanted = at.place(), at.value("column_type", "")
    if place is None:
        return None
    kind, limit = at.value("type", ""), at.value("limit", 6)
    found = published_in(
        _columns(place, wanted) if wanted else [place],
        at.actor,
        limit=_looked_at(limit),
        deep=True,
        types=(kind,) if kind else None,
        keyword=at.value("keyword", ""),
    )
    return _listed(at, place, found.nodes, limit)


def _columns(top: Container, column_type: str) -> list[Container]:
    found: list[Container] = []
    for child in top.containers():
        if child.values.get("language") not in (None, "", language_of(top)):
            continue  # nobody looks for it there
        if child.values.get("column_type") == column_type:
            found.append(child)  # with all below it
        else:
            found += _columns(child, column_type)
    return found


def _listed(at: _Where, place: Container | None, nodes: list[Node], limit: int) -> Shown | None:
    style, seen = at.value("style", "titles"), distinct(nodes)[:limit]
    told = told_lines(seen) if style == "told" else lines(seen)
    return at.named(place, lines=told, style=style) if told else None


def _looked_at(limit: int) -> int:
    # An item and its placements may stand among the same nodes.
    return limit + max(2, limit // 2)


def _notices(at: _Where) -> Shown | None:
    place = at.place()
    if place is None:
        return None
    limit = at.value("limit", 5)
    found = published(place, at.actor, limit=_looked_at(limit), deep=True)
    return _listed(at, place, found.nodes, limit)


def _services(at: _Where) -> Shown | None:
    place, rows = at.place(), at.value("rows", ())
    entries = [Entry(title, way_out(at.page, url)) for title, url in rows if url]
    if not entries and place is not None:
        found = published(place, at.actor, types=("link",), limit=at.value("limit", 12)).nodes
        items = sorted((n for n in map(item_of, found) if isinstance(n, Item)), key=_position)
        entries = [Entry(link.live_title, address_of_link(link)) for link in items]
    return at.named(place if not rows else None, entries=entries) if entries else None


def _position(node: Node) -> int:
    return node.position


def _banners(at: _Where) -> Shown | None:
    place = at.place()
    found = topics_in(place, at.actor) if place is not None else []
    current = [topic for topic in found if not topic.archived][: at.value("limit", 3)]
    return at.named(place, topics=current) if current else None


def _figures(at: _Where) -> Shown | None:
    rows = at.value("rows", ())
    figures = [
        Figure(label, value, unit, note, way_out(at.page, url) if url else "")
        for label, value, unit, note, url in rows
    ]
    return at.named(None, figures=figures, note=at.value("note", "")) if figures else None


def _people(at: _Where) -> Shown | None:
    place = at.place()
    people = people_in(place, at.actor)[: at.value("limit", 8)] if place is not None else []
    return at.named(place, people=people) if people else None


def _subsites(at: _Where) -> Shown | None:
    entries = [
        Entry(child.values.get("short_name") or child.title, public_url(child))
        for child in site_of(at.page).containers()
        if isinstance(child, Subsite)
        and child.values.get("language") != "en"  # every page leads there by itself
        and permits(at.actor, Permission.VIEW, child)
    ]
    return at.named(None, entries=entries) if entries else None


def _links(at: _Where) -> Shown | None:
    entries = [Entry(row[0], way_out(at.page, row[1])) for row in at.value("rows", ()) if row[1]]
    return at.named(None, entries=entries) if entries else None


def _text(at: _Where) -> Shown | None:
    body = readable(with_ways_out(at.page, at.value("body", "")), at.page, at.block.title)
    return at.named(None, body=body) if body else None


def _about(at: _Where) -> Shown | None:
    home = subsite_of(at.page)
    values = home.values
    standing = [
        Entry(section.title, public_url(section))
        for section in home.containers()
        if isinstance(section, Section) and section.values.get("layout") == "single"
        and permits(at.actor, Permission.VIEW, section)
    ]  # fmt: skip
    told = values.get("description", "")
    contact = values.get("contact", "")
    if not (told or contact or standing):
        return None
    organiser = values.get("organiser", "") if not isinstance(home, SiteGroup) else ""
    return at.named(None, note=told, contact=contact, organiser=organiser, entries=standing)


_MAKERS: dict[str, Callable[[_Where], Shown | None]] = {
    "headline": _headline,
    "pictures": _pictures,
    "list": _list,
    "query": _query,
    "notices": _notices,
    "services": _services,
    "banners": _banners,
    "figures": _figures,
    "people": _people,
    "subsites": _subsites,
    "links": _links,
    "text": _text,
    "about": _about,
}
