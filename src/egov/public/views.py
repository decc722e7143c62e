"""The public pages: each prepares plain values and leaves the rest to a template."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pyramid.httpexceptions import HTTPFound
from pyramid.response import Response
from pyramid.view import view_config

from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.model.container import Container
from egov.model.item import Item
from egov.model.placement import Placement
from egov.model.site import SiteGroup, Subsite, language_of
from egov.public.frame import page
from egov.public.heads import item_head
from egov.public.home import blocks_of
from egov.public.items import item_values
from egov.public.leaving import way_out
from egov.public.theme import accents_of, stylesheet
from egov.security.policy import permits
from egov.web.cache import keep
from egov.web.urls import public_url

READING, WITH_SIDE = "reading", "with-side"
_A_YEAR = 365 * 24 * 3600


@view_config(context=SiteGroup, permission=Permission.VIEW, renderer="templates/home.pt")
def portal(context: SiteGroup, request: Any) -> dict[str, Any]:
    """The portal's home page."""
    return _home(context, request, context.title)


@view_config(context=Subsite, permission=Permission.VIEW, renderer="templates/home.pt")
def subsite(context: Subsite, request: Any) -> dict[str, Any]:
    """A department's home page."""
    return _home(context, request, f"{context.title} - {request.site.title}")


def _home(context: Container, request: Any, window_title: str) -> dict[str, Any]:
    shown = page(request, context, context)
    about = shown["page"]
    about.window_title, about.crumbs = window_title, ""
    return shown | {"blocks": blocks_of(context, request.actor, request.look)}


@view_config(context=Item, permission=Permission.VIEW, renderer="templates/item.pt")
def item(context: Item, request: Any) -> Any:
    """An item as it was approved; a link leads on at once, where it leaves the government by a page that says so."""
    url = context.live.values.get("url", "") if context.live is not None else ""
    if url and request.actor.is_anonymous and context.type_name == "link":
        return HTTPFound(way_out(context, url))
    return item_page(context, request, context.__parent__)


def item_page(item: Item, request: Any, place: Any) -> dict[str, Any]:
    """The values of an item's page, at its own address or as the one page of a section."""
    shown = page(request, item, place, title=item.live_title)
    frame, about = shown["frame"], shown["page"]
    if request.context is place:
        about.layout = WITH_SIDE if frame.side else READING
    else:
        about.layout, about.crumbs = READING, frame.item_crumbs
    about.metas += "\n" + item_head(request, item, about.canonical, frame)
    if item.type_info.template:
        request.override_renderer = item.type_info.template
    return shown | {"item": item_values(item), "foot": frame.foot(public_url(item))}


@view_config(context=SiteGroup, name="sitemap", permission=Permission.VIEW, request_method="GET",
             renderer="templates/sitemap.pt")  # fmt: skip
def sitemap(context: SiteGroup, request: Any) -> dict[str, Any]:
    """All sites and sections that this reader may enter, for people."""
    shown = page(request, context, context, title=_("网站地图"))
    shown["page"].crumbs = ""
    children = list(context.containers())
    own = [child for child in children if not isinstance(child, Subsite)]
    sites = [child for child in children if isinstance(child, Subsite)]
    chinese, english = (
        [s for s in sites if bool(language_of(s)) is told] for told in (False, True)
    )
    parts = ((context.title, own), (_("部门网站"), chinese), ("English", english))
    told = ((heading, _branches(inside, request.actor)) for heading, inside in parts)
    return shown | {"parts": [(heading, branches) for heading, branches in told if branches]}


def _branches(containers: Iterable[Container], actor: Any) -> list[tuple[str, str, list[Any]]]:
    return [
        (one.title, public_url(one), _branches(one.containers(), actor))
        for one in containers
        if permits(actor, Permission.VIEW, one)
    ]


@view_config(context=Placement, permission=Permission.VIEW)
def placement(context: Placement, request: Any) -> Any:
    """A placement leads to the one object that it shows."""
    return HTTPFound(public_url(context.target))


@view_config(context=SiteGroup, name="theme.css", permission=Permission.VIEW)
@view_config(context=Subsite, name="theme.css", permission=Permission.VIEW)
def theme(context: Container, request: Any) -> Any:
    """The site's own colour, over the tokens that all share; its address changes with the colour."""
    keep(request)
    accents = accents_of(context.values, request.site.values)
    response = Response(stylesheet(accents), content_type="text/css", charset="utf-8")
    response.cache_control = f"public, max-age={_A_YEAR}"
    return response
