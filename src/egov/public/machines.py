"""For machines: site maps, robots.txt, and what stands before the addresses in them."""

from __future__ import annotations

from html import escape
from typing import Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.response import Response
from pyramid.view import view_config

from egov.base import clock
from egov.base.permissions import Permission
from egov.base.text import as_number
from egov.model.item import Item
from egov.model.node import Node
from egov.model.site import SiteGroup, language_of
from egov.public.languages import counterpart_of, editions
from egov.public.map_parts import newest_parts, visible_in
from egov.security.principals import ANONYMOUS
from egov.web.cache import keep, never_keep
from egov.web.hant import offers_hant
from egov.web.reads import reads_of
from egov.web.urls import public_url


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
    """The index of site maps; with `part`, one of them: the sites, sections and items that a visitor may see."""
    keep(request)
    base, part = base_of(request), request.GET.get("part", "")
    if not part:
        lines = (
            f"<sitemap><loc>{base}/sitemap.xml?part={number}</loc><lastmod>{clock.day(day)}</lastmod></sitemap>"
            for number, day in newest_parts(context, anew=reads_of(request) is not None)
        )
        return _xml("sitemapindex", lines)
    number = as_number(part, 6)
    if not number:
        raise HTTPNotFound
    nodes = visible_in(context, number)
    has_hant = offers_hant(request)
    return _xml(
        "urlset", (_url(node, base, _alternates(context, node, has_hant)) for node in nodes)
    )


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
