"""For machines: site maps, robots.txt, and what stands before the addresses in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from html import escape
from itertools import islice
from typing import Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.response import Response
from pyramid.view import view_config

from egov.base import clock
from egov.base.memory import spared
from egov.base.permissions import Permission
from egov.base.text import as_number
from egov.model.container import Container
from egov.model.item import Item
from egov.model.node import Node
from egov.model.site import SiteGroup, language_of
from egov.public.languages import counterpart_of, editions
from egov.security.policy import permits
from egov.security.principals import ANONYMOUS
from egov.web.cache import keep, never_keep
from egov.web.hant import offers_hant
from egov.web.urls import public_url

IN_MAP = 50_000  # addresses in one file, as the protocol has it (sitemaps.org)
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
    """The index of site maps; with `part`, one of them: first the containers, then the items that a visitor may see."""
    keep(request)
    base, part = base_of(request), request.GET.get("part", "")
    if not part:
        days = [*_newest_containers(context), *_newest_items(context)]
        lines = (
            f"<sitemap><loc>{base}/sitemap.xml?part={number}</loc><lastmod>{clock.day(day)}</lastmod></sitemap>"
            for number, day in enumerate(days, start=1)
        )
        return _xml("sitemapindex", lines)
    nodes = _part(context, as_number(part, 5))
    if nodes is None:
        raise HTTPNotFound
    has_hant = offers_hant(request)
    return _xml(
        "urlset", (_url(node, base, _alternates(context, node, has_hant)) for node in nodes)
    )


def _part(site: SiteGroup, number: int) -> Iterator[Node] | None:
    in_containers = -(-sum(1 for _c in _containers(site)) // IN_MAP)
    start = (number - 1) * IN_MAP
    if 1 <= number <= in_containers:
        return islice(_containers(site), start, start + IN_MAP)
    start -= in_containers * IN_MAP
    uids = list(islice(site.catalog.live_uids(), start, start + IN_MAP)) if start >= 0 else []
    return _visible(site, uids) if uids else None


def _newest_containers(site: SiteGroup) -> list[datetime]:
    newest: list[datetime] = []
    for place, container in enumerate(_containers(site)):
        if place % IN_MAP == 0:
            newest.append(container.modified)
        newest[-1] = max(newest[-1], container.modified)
    return newest


def _newest_items(site: SiteGroup) -> list[datetime]:
    """For each part with items, when something in it last changed; loads none of them."""
    recent: dict[int, int] = {}
    for change in site.catalog.journal.since(clock.micros(clock.now() - _REMEMBERED)):
        recent[change.uid] = max(change.at, recent.get(change.uid, 0))
    newest: list[int] = []
    for place, (at, uid) in enumerate(site.catalog.live_rows()):
        if place % IN_MAP == 0:
            newest.append(0)
        newest[-1] = max(newest[-1], at, recent.get(uid, 0))
    return [clock.from_micros(at) for at in newest]


def _containers(site: SiteGroup) -> Iterator[Container]:
    """The containers that a visitor may enter."""
    return spared(site._p_jar, _entered(site))


def _entered(site: SiteGroup) -> Iterator[Container]:
    waiting: list[Container] = [site]
    while waiting:
        container = waiting.pop()
        if permits(ANONYMOUS, Permission.VIEW, container):
            waiting += list(container.containers())[::-1]
            yield container


def _visible(site: SiteGroup, uids: Iterable[int]) -> Iterator[Node]:
    for uid in spared(site._p_jar, uids):  # a map of many thousands must not fill the memory
        node = site.catalog.node(uid)
        if isinstance(node, Item) and permits(ANONYMOUS, Permission.VIEW, node):
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
