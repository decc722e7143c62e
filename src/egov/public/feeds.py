"""What is new, for programs that follow sites: Atom (RFC 4287) and RSS 2.0, of a site, a section or a question."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from email.utils import format_datetime
from html import escape
from typing import Any, NamedTuple

from pyramid.httpexceptions import HTTPNotFound
from pyramid.response import Response
from pyramid.view import view_config

from egov.base import clock
from egov.base.html import excerpt
from egov.base.permissions import Permission
from egov.catalog.reads import published
from egov.model.container import Container
from egov.model.item import Item
from egov.model.node import Node
from egov.model.site import Section, SiteGroup, Subsite
from egov.public.lists import distinct, item_of, listed_at
from egov.public.machines import base_of, changed
from egov.public.search import newest_for
from egov.search.questions import as_query
from egov.security.principals import ANONYMOUS
from egov.web.cache import keep
from egov.web.rendering import LANG
from egov.web.urls import public_url

IN_FEED = 20
_RSS_LANG = {"zh-Hans": "zh-cn", "en": "en"}
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b-\x1f]")


class Feed(NamedTuple):
    """What a feed tells of itself."""

    title: str
    author: str
    home: str  # the page for people
    own: str  # its own address
    lang: str  # as HTML names it


class Told(NamedTuple):
    """An item of a feed, and when it came there, in local time."""

    item: Item
    at: datetime

    @property
    def updated(self) -> str:
        """When it came there, or changed since."""
        return max(self.at.isoformat(), changed(self.item))


def _for_containers(name: str) -> Callable[[Any], Any]:
    def decorated(view: Any) -> Any:
        for context in (SiteGroup, Subsite, Section):
            view = view_config(
                context=context, name=name, permission=Permission.VIEW, request_method="GET"
            )(view)
        return view

    return decorated


@_for_containers("feed.xml")
def atom_of_place(context: Container, request: Any) -> Response:
    """The newest published items of a site or section as Atom."""
    keep(request)
    return _atom(_feed(context, request, "@@feed.xml"), _newest(context), base_of(request))


@_for_containers("rss.xml")
def rss_of_place(context: Container, request: Any) -> Response:
    """The newest published items of a site or section as RSS."""
    keep(request)
    return _rss(_feed(context, request, "@@rss.xml"), _newest(context), base_of(request))


@_for_containers("search-feed.xml")
def atom_of_question(context: Container, request: Any) -> Response:
    """The newest items that answer a question as Atom."""
    feed, items = _answers(context, request, "@@search-feed.xml")
    return _atom(feed, items, base_of(request))


@_for_containers("search-rss.xml")
def rss_of_question(context: Container, request: Any) -> Response:
    """The newest items that answer a question as RSS."""
    feed, items = _answers(context, request, "@@search-rss.xml")
    return _rss(feed, items, base_of(request))


def _feed(context: Container, request: Any, name: str) -> Feed:
    home = base_of(request) + public_url(context)
    lang = LANG[request.locale_name]
    return Feed(context.title, request.site.title, home, f"{home.rstrip('/')}/{name}", lang)


def _newest(context: Container) -> list[Told]:
    return _told(distinct(published(context, ANONYMOUS, limit=IN_FEED, deep=True).nodes))


def _told(nodes: Iterable[Node]) -> list[Told]:
    return [
        Told(item, clock.local(at))
        for node in nodes
        if isinstance(item := item_of(node), Item) and (at := listed_at(node)) is not None
    ]


def _answers(context: Container, request: Any, name: str) -> tuple[Feed, list[Told]]:
    query = as_query(request.GET)
    if not query:
        raise HTTPNotFound
    feed, words = _feed(context, request, name), request.GET["q"].strip()[:100]
    page = f"{feed.home.rstrip('/')}/@@search?{query}"
    title, own = f"{words} - {context.title}", f"{feed.own}?{query}"
    told = feed._replace(title=title, home=page, own=own)
    return told, _told(newest_for(context, request, IN_FEED))


def _atom(feed: Feed, items: list[Told], base: str) -> Response:
    newest = max((told.updated for told in items), default=clock.from_micros(0).isoformat())
    entries = "".join(_entry(told, base) for told in items)
    markup = (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" '
        f'xml:lang="{feed.lang}">\n'
        f"<id>{escape(feed.own)}</id>\n<title>{escape(feed.title)}</title>\n<updated>{newest}</updated>\n"
        f'<link rel="self" href="{escape(feed.own)}"/>\n<link href="{escape(feed.home)}"/>\n'
        f"<author><name>{escape(feed.author)}</name></author>\n{entries}</feed>\n"
    )
    return Response(_clean(markup), content_type="application/atom+xml", charset="utf-8")


def _entry(told: Told, base: str) -> str:
    item = told.item
    return (
        f"<entry><id>urn:egov:{item.uid}</id><title>{escape(item.live_title)}</title>"
        f'<link href="{escape(base + public_url(item))}"/><published>{told.at.isoformat()}</published>'
        f"<updated>{told.updated}</updated><summary>{escape(_summary(item))}</summary></entry>\n"
    )


def _rss(feed: Feed, items: list[Told], base: str) -> Response:
    entries = "".join(_rss_item(told, base) for told in items)
    markup = (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>\n'
        f"<title>{escape(feed.title)}</title>\n<link>{escape(feed.home)}</link>\n"
        f'<atom:link rel="self" type="application/rss+xml" href="{escape(feed.own)}"/>\n'
        f"<description>{escape(feed.title)}</description>\n<language>{_RSS_LANG[feed.lang]}</language>\n{entries}</channel></rss>\n"
    )
    return Response(_clean(markup), content_type="application/rss+xml", charset="utf-8")


def _rss_item(told: Told, base: str) -> str:
    item = told.item
    return (
        f"<item><title>{escape(item.live_title)}</title><link>{escape(base + public_url(item))}</link>"
        f'<guid isPermaLink="false">urn:egov:{item.uid}</guid><pubDate>{format_datetime(told.at)}</pubDate>'
        f"<description>{escape(_summary(item))}</description></item>\n"
    )


def _summary(item: Item) -> str:
    values = item.live.values if item.live is not None else {}
    summary: str = values.get("summary") or excerpt(values.get("body") or "", 200)
    return summary


def _clean(markup: str) -> str:
    """Without the characters that no XML may hold, however they are written."""
    return _NOT_IN_XML.sub("", markup)
