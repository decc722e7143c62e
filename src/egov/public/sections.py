"""The pages of sections, one for each layout that a section may have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyramid.httpexceptions import HTTPFound, HTTPNotFound
from pyramid.view import view_config

from egov.base.permissions import Permission
from egov.catalog.reads import published
from egov.model.item import Item
from egov.model.site import Section, subsite_of
from egov.public.frame import page
from egov.public.home import blocks_of, sub_sections
from egov.public.lists import item_of, lines, page_url, paging, told_lines
from egov.public.people import offices_in, people_in
from egov.public.structured import listed, office, person
from egov.public.topics import topic_of, topics_in
from egov.public.views import WITH_SIDE, item_page
from egov.web.urls import public_url

_TEMPLATES = "egov.public:templates/"


@view_config(context=Section, permission=Permission.VIEW, renderer="templates/section.pt")
def section(context: Section, request: Any) -> dict[str, Any]:
    """A section as its layout says: a list, pictures, one page, sub-sections, a topic, people, offices."""
    number = _page_number(request)
    layout = context.values.get("layout") or "list"
    if number == 1 and layout in _PAGES:
        return _PAGES[layout](context, request)
    return _list_page(context, request, number)


def _list_page(context: Section, request: Any, number: int = 1) -> dict[str, Any]:
    size = request.registry.egov.list_page_size
    layout = context.values.get("layout")
    found = published(context, request.actor, limit=size, offset=(number - 1) * size)
    url, last = public_url(context), -(-found.total // size)
    if number > 1 and not found.nodes:
        raise HTTPFound(page_url(url, max(1, min(last, number - 1))))  # it has become shorter
    pages = paging(url, number, last, found.total)
    shown = _page(context, request)
    frame, about = shown["frame"], shown["page"]
    if number > 1:
        about.window_title = f"{context.title}（{number}） - {frame.title}"
        shown["description"] = ""
    if pages is not None:
        about.previous, about.next = pages.previous, pages.next
        about.canonical = page_url(about.canonical, number)
        about.path = page_url(about.path, number) if about.path else ""
        about.other = about.other if number == 1 else ""
    return shown | {
        "lines": told_lines(found.nodes) if layout in ("summary", "grid") else lines(found.nodes),
        "as_grid": layout == "grid",
        "as_summaries": layout == "summary",
        "blocks": sub_sections(context, request.actor) if number == 1 else [],
        "paging": pages,
    }


def _page(context: Section, request: Any, template: str = "") -> dict[str, Any]:
    if template:
        request.override_renderer = f"{_TEMPLATES}{template}.pt"
    shown = page(request, context, context)
    if shown["frame"].side:
        shown["page"].layout = WITH_SIDE
    return shown | {"description": context.values.get("description", "")}


def _single(context: Section, request: Any) -> dict[str, Any]:
    nodes = published(context, request.actor, limit=20).nodes
    first = min(nodes, key=lambda node: node.position, default=None)
    only = item_of(first) if first is not None else None
    if not isinstance(only, Item):
        return _list_page(context, request)
    request.override_renderer = f"{_TEMPLATES}item.pt"
    return item_page(only, request, context)


def _sections(context: Section, request: Any) -> dict[str, Any]:
    shown = _page(context, request)
    return shown | {"lines": [], "blocks": sub_sections(context, request.actor), "paging": None}


def _topic(context: Section, request: Any) -> dict[str, Any]:
    shown = _page(context, request, "topic")
    shown["page"].layout = "topic"
    return shown | {
        "topic": topic_of(context),
        "blocks": blocks_of(context, request.actor, request.look),
    }


def _zone(context: Section, request: Any) -> dict[str, Any]:
    found = topics_in(context, request.actor)
    shown = _page(context, request, "zone")
    shown["page"].layout = ""
    return shown | {
        "current": [topic for topic in found if not topic.archived],
        "archived": [topic for topic in found if topic.archived],
    }


def _leaders(context: Section, request: Any) -> dict[str, Any]:
    shown, people = _page(context, request, "leaders"), people_in(context, request.actor)
    base, home = shown["frame"].base, subsite_of(context)
    shown["page"].metas += "\n" + listed(person(one, home, base) for one in people)
    return shown | {"people": people}


def _offices(context: Section, request: Any) -> dict[str, Any]:
    shown, offices = _page(context, request, "offices"), offices_in(context, request.actor)
    base, home = shown["frame"].base, subsite_of(context)
    shown["page"].metas += "\n" + listed(office(one, home, base) for one in offices)
    return shown | {"offices": offices}


_PAGES: dict[str, Callable[[Section, Any], dict[str, Any]]] = {
    "single": _single,
    "sections": _sections,
    "topic": _topic,
    "zone": _zone,
    "leaders": _leaders,
    "offices": _offices,
}


def _page_number(request: Any) -> int:
    raw = request.GET.get("page", "1")
    if not (raw.isascii() and raw.isdigit()) or raw[0] == "0" or len(raw) > 6:
        raise HTTPNotFound
    return int(raw)
