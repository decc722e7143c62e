"""Links that leave the government's sites: they lead to a page that says so first (国办发〔2017〕47号).

The page's address names the node that has the link and the link's digest, so that it tells of no address but those
that stand in what was published.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from html import escape, unescape
from typing import Any
from urllib.parse import urlsplit

from pyramid.httpexceptions import HTTPNotFound
from pyramid.view import view_config

from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.model.container import Container
from egov.model.item import Item
from egov.model.node import Node
from egov.model.site import site_of
from egov.public.frame import page
from egov.security.policy import permits
from egov.web.cache import keep
from egov.web.urls import public_url

GOVERNMENT = (
    ".gov.cn",
    ".政务",
    ".xn--zfr164b",
    ".conac.cn",
)  # the last gives out .政务 and its signs
_HREF = re.compile(r'href="(https?://[^"]*)"')
_DIGEST = 16


def stays_with_government(node: Node, url: str) -> bool:
    """Whether an address is on this site or on another one of the government."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        return True
    host = parts.hostname or ""
    own = site_of(node).values.get("domain", "").removeprefix("www.")
    return host.endswith(GOVERNMENT) or bool(own and f".{host}".endswith(f".{own}"))


def way_out(node: Node, url: str) -> str:
    """The address to put into a page of the node: the same, or where the reader is told of leaving."""
    if stays_with_government(node, url):
        return url
    return f"/-/leave/{node.uid}/{_digest(url)}"


def address_of_link(link: Item) -> str:
    """Where a published link leads: its target, or the word about leaving."""
    url = link.live.values.get("url", "") if link.live is not None else ""
    return way_out(link, url) if url else public_url(link)


def with_ways_out(node: Node, body: str) -> str:
    """A text with its foreign links led over the page that tells of leaving."""
    if 'href="http' not in body:
        return body
    return _HREF.sub(lambda m: f'href="{escape(way_out(node, unescape(m[1])))}"', body)


@view_config(route_name="preview_leave", permission=Permission.PUBLIC, request_method="GET",
             renderer="templates/leave.pt")  # fmt: skip
@view_config(route_name="hant_leave", permission=Permission.PUBLIC, request_method="GET",
             renderer="templates/leave.pt")  # fmt: skip
@view_config(route_name="leave", permission=Permission.PUBLIC, request_method="GET",
             renderer="templates/leave.pt")  # fmt: skip
def leave(request: Any) -> dict[str, Any]:
    """Tell the reader that the next page is not the government's."""
    node = request.site.catalog.node(int(request.matchdict["uid"]))
    place = node if isinstance(node, Container) or node is None else node.__parent__
    if node is None or place is None or not permits(request.actor, Permission.VIEW, node):
        raise HTTPNotFound
    links = (url for url in _links_of(node) if _digest(url) == request.matchdict["digest"])
    url = next(links, "")
    if not url:
        raise HTTPNotFound
    shown = page(request, node, place, title=_("您即将离开本网站"))
    about = shown["page"]
    about.crumbs, about.robots, about.canonical = "", "noindex", ""
    about.other, about.has_hant = "", False
    back = getattr(node, "live_title", "") or node.title
    keep(request)
    return shown | {"url": url, "host": urlsplit(url).hostname, "back": (back, public_url(node))}


def _links_of(node: Node) -> Iterator[str]:
    if isinstance(node, Item):
        values = node.live.values if node.live is not None else {}
        yield values.get("url") or ""
        yield from _links_in(values)
    elif isinstance(node, Container) and node.arrangement is not None:
        for block in node.arrangement.live or ():
            yield from _links_in(block.values)


def _links_in(values: Any) -> Iterator[str]:
    for value in values.values():
        if isinstance(value, str):
            yield from (unescape(found) for found in _HREF.findall(value))
        elif isinstance(value, tuple):
            yield from (cell for row in value if isinstance(row, tuple) for cell in row)


def _digest(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()[:_DIGEST]
