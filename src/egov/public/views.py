"""The public pages: each prepares plain values and leaves the rest to a template."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPFound, HTTPNotFound
from pyramid.response import FileResponse, Response
from pyramid.view import view_config

from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.catalog.reads import published
from egov.model.container import Container
from egov.model.files import StoredFile
from egov.model.item import Item
from egov.model.placement import Placement
from egov.model.site import Section, SiteGroup, Subsite
from egov.public.frame import page
from egov.public.heads import item_head
from egov.public.home import block_of, home_values
from egov.public.items import item_values, stays_with_government
from egov.public.lists import lines, page_url, paging, told_lines
from egov.public.theme import accent_of, stylesheet
from egov.security.policy import permits
from egov.web.cache import keep
from egov.web.urls import public_url

_READING, _WITH_SIDE = "reading", "with-side"
_A_YEAR = 365 * 24 * 3600


@view_config(context=SiteGroup, permission=Permission.VIEW, renderer="templates/portal.pt")
def portal(context: SiteGroup, request: Any) -> dict[str, Any]:
    """The portal's home page."""
    return _home(context, request, context.title)


@view_config(context=Subsite, permission=Permission.VIEW, renderer="templates/subsite.pt")
def subsite(context: Subsite, request: Any) -> dict[str, Any]:
    """A department's home page."""
    return _home(context, request, f"{context.title} - {request.site.title}", _WITH_SIDE)


def _home(context: Container, request: Any, window_title: str, layout: str = "") -> dict[str, Any]:
    shown = page(request, context, context)
    about = shown["page"]
    about.window_title, about.layout, about.crumbs = window_title, layout, ""
    return shown | {"home": home_values(context, request.actor)}


@view_config(context=Section, permission=Permission.VIEW, renderer="templates/section.pt")
def section(context: Section, request: Any) -> dict[str, Any]:
    """A section: its sub-sections, and its items newest first, twenty to a page; or its one page."""
    number = _page_number(request)
    single = context.values.get("layout") == "single" and number == 1
    if single and (only := _first_item(context, request.actor)) is not None:
        request.override_renderer = "egov.public:templates/item.pt"
        return _item_page(only, request, context)
    return _list_page(context, request, number)


def _first_item(context: Container, actor: Any) -> Item | None:
    nodes = published(context, actor, limit=20).nodes
    first = min(nodes, key=lambda node: node.position, default=None)
    first = first.target if isinstance(first, Placement) else first
    return first if isinstance(first, Item) else None


def _list_page(context: Section, request: Any, number: int) -> dict[str, Any]:
    size = request.registry.egov.list_page_size
    layout = context.values.get("layout")
    found = published(context, request.actor, limit=size, offset=(number - 1) * size)
    if number > 1 and not found.nodes:
        raise HTTPNotFound
    url = public_url(context)
    pages = paging(url, number, -(-found.total // size), found.total)
    shown = page(request, context, context)
    frame, about = shown["frame"], shown["page"]
    if number > 1:
        about.window_title = f"{context.title}（{number}） - {frame.title}"
    if frame.side:
        about.layout = _WITH_SIDE
    if pages is not None:
        about.previous, about.next = pages.previous, pages.next
        about.canonical = frame.base + page_url(url, number)
    return shown | {
        "description": context.values.get("description", "") if number == 1 else "",
        "lines": told_lines(found.nodes) if layout in ("summary", "grid") else lines(found.nodes),
        "as_grid": layout == "grid",
        "as_summaries": layout == "summary",
        "blocks": _blocks(context, request.actor) if number == 1 else [],
        "paging": pages,
    }


def _blocks(context: Container, actor: Any) -> list[Any]:
    children = (c for c in context.containers() if permits(actor, Permission.VIEW, c))
    return [block for child in children if (block := block_of(child, actor)).lines]


def _page_number(request: Any) -> int:
    raw = request.GET.get("page", "1")
    if not (raw.isascii() and raw.isdigit()) or raw[0] == "0" or len(raw) > 6:
        raise HTTPNotFound
    return int(raw)


@view_config(context=Item, permission=Permission.VIEW, renderer="templates/item.pt")
def item(context: Item, request: Any) -> Any:
    """An item as it was approved; a link to this site or another of the government leads there at once."""
    url = context.live.values.get("url", "") if context.live is not None else ""
    if url and request.actor.is_anonymous and stays_with_government(url):
        return HTTPFound(url)
    return _item_page(context, request, context.__parent__)


def _item_page(item: Item, request: Any, place: Any) -> dict[str, Any]:
    shown = page(request, item, place, title=item.live_title)
    frame, about = shown["frame"], shown["page"]
    if request.context is place:
        about.layout = _WITH_SIDE if frame.side else _READING
    else:
        about.layout, about.crumbs = _READING, frame.item_crumbs
    about.metas += "\n" + item_head(request, item, about.canonical, frame)
    if item.type_info.template:
        request.override_renderer = item.type_info.template
    return shown | {"item": item_values(item), "path": public_url(item)}


@view_config(context=SiteGroup, name="sitemap", permission=Permission.VIEW, request_method="GET",
             renderer="templates/sitemap.pt")  # fmt: skip
def sitemap(context: SiteGroup, request: Any) -> dict[str, Any]:
    """All sites and sections that this reader may enter, for people."""
    shown = page(request, context, context, title=_("网站地图"))
    about = shown["page"]
    about.window_title, about.crumbs = f"网站地图 - {context.title}", ""
    about.canonical = f"{shown['frame'].base}/@@sitemap"
    return shown | {"sites": _branches(context, request.actor)}


def _branches(container: Container, actor: Any) -> list[tuple[str, str, list[Any]]]:
    children = (c for c in container.containers() if permits(actor, Permission.VIEW, c))
    return [(child.title, public_url(child), _branches(child, actor)) for child in children]


@view_config(context=Placement, permission=Permission.VIEW)
def placement(context: Placement, request: Any) -> Any:
    """A placement leads to the one object that it shows."""
    return HTTPFound(public_url(context.target))


@view_config(context=SiteGroup, name="theme.css", permission=Permission.VIEW)
@view_config(context=Subsite, name="theme.css", permission=Permission.VIEW)
def theme(context: Container, request: Any) -> Any:
    """The site's own colour, over the tokens that all share; its address changes with the colour."""
    keep(request)
    accent = accent_of(context.values.get("accent"), request.site.values.get("accent"))
    response = Response(stylesheet(accent), content_type="text/css", charset="utf-8")
    response.cache_control = f"public, max-age={_A_YEAR}"
    return response


@view_config(context=SiteGroup, name="logo", permission=Permission.VIEW)
@view_config(context=Subsite, name="logo", permission=Permission.VIEW)
def logo(context: Container, request: Any) -> Any:
    """The site's own sign."""
    file = context.values.get("logo")
    if not isinstance(file, StoredFile):
        raise HTTPNotFound
    response = FileResponse(file.path(), request=request, content_type=file.content_type)
    response.cache_control = f"public, max-age={_A_YEAR}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
