"""For machines: site maps, robots.txt, and what stands before the addresses in them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from html import escape
from typing import Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.response import Response
from pyramid.view import view_config

from egov.base import clock
from egov.base.ids import UID_BITS
from egov.base.memory import spared
from egov.base.permissions import Permission
from egov.base.text import as_number
from egov.model.container import Container
from egov.model.item import Item
from egov.model.node import Node
from egov.model.site import SiteGroup, is_attached, language_of
from egov.public.languages import counterpart_of, editions
from egov.security.policy import permits
from egov.security.principals import ANONYMOUS
from egov.web.cache import keep, never_keep
from egov.web.hant import offers_hant
from egov.web.urls import public_url

IN_MAP = 500  # addresses in one file at most, on average; 50,000 are allowed (sitemaps.org)
_REMEMBERED = timedelta(days=365)  # changes longer ago than that need not bring a crawler back


def base_of(request: Any) -> str:
    """What stands before a path in an absolute address: the portal's domain, or the address that was asked."""
    domain = request.site.values.get("domain", "")
    if domain:
        return f"https://{domain}"
    never_keep(request)  # the next visitor may have asked another address
    host: str = request.host_url
    return host


def changed(item: Item) -> str:
    """When an item last changed for the public, as feeds and site maps write it."""
    at = item.updated_at or item.published_at
    return clock.local(at).isoformat() if at is not None else ""


@view_config(context=SiteGroup, name="sitemap.xml", permission=Permission.VIEW)
def site_map(context: SiteGroup, request: Any) -> Response:
    """The index of site maps; with `part`, one of them: the sites, sections and items that a visitor may see.

    A map has those whose uids lie in one stretch; so a publication changes one map, however many there are. The whole
    is halved until the stretches are short enough. Part 1 is the whole, 2 and 3 its halves, 4 to 7 the quarters.
    """
    keep(request)
    base, part = base_of(request), request.GET.get("part", "")
    if not part:
        lines = (
            f"<sitemap><loc>{base}/sitemap.xml?part={number}</loc><lastmod>{clock.day(day)}</lastmod></sitemap>"
            for number, day in _newest(context)
        )
        return _xml("sitemapindex", lines)
    nodes = list(_visible(context, as_number(part, 6)))
    if not nodes:
        raise HTTPNotFound
    has_hant = offers_hant(request)
    return _xml(
        "urlset", (_url(node, base, _alternates(context, node, has_hant)) for node in nodes)
    )


def _newest(site: SiteGroup) -> list[tuple[int, datetime]]:
    """For each part that has something, when something in it last changed; loads no item."""
    recent: dict[int, int] = {}
    for change in site.catalog.journal.since(clock.micros(clock.now() - _REMEMBERED)):
        recent[change.uid] = max(change.at, recent.get(change.uid, 0))
    found = [(c.uid, clock.micros(c.modified)) for c in spared(site._p_jar, _containers(site))]
    found += ((uid, max(at, recent.get(uid, 0))) for at, uid in site.catalog.live_rows())
    halvings = max(0, (len(found) - 1) // IN_MAP).bit_length()
    newest: dict[int, int] = {}
    for uid, at in found:
        part = (1 << halvings) + (uid >> (UID_BITS - halvings))
        newest[part] = max(at, newest.get(part, 0))
    return [(part, clock.from_micros(newest[part])) for part in sorted(newest)]


def _containers(site: SiteGroup) -> Iterator[Container]:
    """The containers that a visitor may enter."""
    waiting: list[Container] = [site]
    while waiting:
        container = waiting.pop()
        if permits(ANONYMOUS, Permission.VIEW, container):
            waiting += list(container.containers())[::-1]
            yield container


def _visible(site: SiteGroup, part: int) -> Iterator[Node]:
    halvings = part.bit_length() - 1
    if halvings < 0:
        return
    size = 1 << (UID_BITS - halvings)
    first = (part - (1 << halvings)) * size
    for uid, node in spared(site._p_jar, site.catalog.nodes.items(first)):
        if uid >= first + size:
            return
        is_listed = isinstance(node, Container) or (isinstance(node, Item) and "live" in node.rows)
        if is_listed and is_attached(node) and permits(ANONYMOUS, Permission.VIEW, node):
            yield node


def _alternates(site: SiteGroup, node: Node, has_hant: bool) -> list[tuple[str, str]]:
    """The page in each of its languages; the default is one of them, and is told on the page itself."""
    other = counterpart_of(site, node, ANONYMOUS)
    paths = public_url(node), public_url(other) if other is not None else ""
    chinese, english = paths[::-1] if language_of(node) else paths
    return editions(chinese, english, has_hant)[:-1]


def _url(node: Node, base: str, alternates: list[tuple[str, str]]) -> str:
    day = changed(node)[:10] if isinstance(node, Item) else ""
    told = f"<lastmod>{day}</lastmod>" if day else ""
    links = "".join(
        f'<xhtml:link rel="alternate" hreflang="{lang}" href="{escape(base + path)}"/>'
        for lang, path in alternates
    )
    return f"<url><loc>{escape(base + public_url(node))}</loc>{told}{links}</url>"


_NAMESPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml"'
)


def _xml(root: str, lines: Any) -> Response:
    body = "\n".join(lines)
    markup = f'<?xml version="1.0" encoding="utf-8"?>\n<{root} {_NAMESPACES}>\n{body}\n</{root}>\n'
    return Response(markup, content_type="application/xml", charset="utf-8")


@view_config(context=SiteGroup, name="robots.txt", permission=Permission.VIEW)
def robots(context: SiteGroup, request: Any) -> Response:
    """What crawlers may read: everything public but the searches, which are without end (RFC 9309)."""
    keep(request)
    lines = ("User-agent: *", "Disallow: /manage", "Disallow: /login", "Disallow: /*@@search",
             f"Sitemap: {base_of(request)}/sitemap.xml", "")  # fmt: skip
    return Response("\n".join(lines), content_type="text/plain", charset="utf-8")
