"""The blocks of a home page, composed from what stands in the tree."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

from egov.base.permissions import Permission
from egov.catalog.reads import published
from egov.model.container import Container
from egov.model.item import Item
from egov.model.site import Section, Subsite
from egov.public.frame import Entry
from egov.public.items import stays_with_government
from egov.public.lists import Line, item_of, lines, told_line, told_lines
from egov.security.policy import permits
from egov.security.principals import Actor
from egov.web.urls import public_url

BLOCK_LINES = 6
MAX_BLOCKS = 24
HEADLINE_LINES = 8
GALLERY_PICTURES = 4
SERVICE_LINKS = 16
_LOOKED_AT_FOR_A_PICTURE = 8
_NEWS = "工作动态"


class Block(NamedTuple):
    """The newest of a section."""

    title: str
    url: str
    lines: list[Line]


class Headline(NamedTuple):
    """The news of a home page: one told at length, by a picture if there is one, and the next ones as lines."""

    title: str
    url: str
    lead: Line
    lines: list[Line]


class Home(NamedTuple):
    """What a home page shows."""

    headline: Headline | None
    blocks: list[Block]
    galleries: list[Block]
    standing: list[Entry]
    services: list[Entry]
    departments: list[Entry]
    description: str
    organiser: str
    contact: str


def home_values(home: Container, actor: Actor) -> Home:
    """The blocks of a home page; what would be empty is left out."""
    children = [child for child in home.containers() if permits(actor, Permission.VIEW, child)]
    sections = [child for child in children if isinstance(child, Section)]
    listed = [s for s in sections if s.values.get("layout") in (None, "", "list", "summary")]
    news = next((s for s in listed if s.values.get("column_type") == _NEWS), None)
    headline = _headline(news, actor) if news is not None else None
    rest = [s for s in listed if s is not news or headline is None]
    galleries = [s for s in sections if s.values.get("layout") == "grid"]
    return Home(
        headline=headline,
        blocks=_filled(block_of(section, actor) for section in rest),
        galleries=_filled(_gallery(section, actor) for section in galleries),
        standing=[
            Entry(s.title, public_url(s)) for s in sections if s.values.get("layout") == "single"
        ],
        services=_services(home, actor),
        departments=[Entry(c.title, public_url(c)) for c in children if isinstance(c, Subsite)],
        description=home.values.get("description", ""),
        organiser=home.values.get("organiser", ""),
        contact=home.values.get("contact", ""),
    )


def block_of(section: Container, actor: Actor, *, limit: int = BLOCK_LINES) -> Block:
    """The newest lines of a section and the sections in it."""
    found = published(section, actor, limit=limit, deep=True)
    return Block(section.title, public_url(section), lines(found.nodes))


def _filled(blocks: Iterable[Block]) -> list[Block]:
    # A home page with more blocks is read by nobody; the menu and the site map lead to the rest.
    return list(islice((block for block in blocks if block.lines), MAX_BLOCKS))


def _gallery(section: Section, actor: Actor) -> Block:
    found = published(section, actor, limit=GALLERY_PICTURES, deep=True)
    told = [line for line in told_lines(found.nodes) if line.picture is not None]
    return Block(section.title, public_url(section), told)


def _headline(section: Section, actor: Actor) -> Headline | None:
    nodes = published(section, actor, limit=HEADLINE_LINES + 1, deep=True).nodes
    if not nodes:
        return None
    told = [told_line(item_of(node)) for node in nodes[:_LOOKED_AT_FOR_A_PICTURE]]
    lead = next((line for line in told if line.picture is not None), told[0])
    others = [line for line in lines(nodes) if line.url != lead.url]
    return Headline(section.title, public_url(section), lead, others[:HEADLINE_LINES])


def _services(home: Container, actor: Actor) -> list[Entry]:
    links = published(home, actor, types=("link",), limit=SERVICE_LINKS).nodes
    links.sort(key=lambda link: link.position)
    return [Entry(link.live_title, _target(link)) for link in links if isinstance(link, Item)]


def _target(link: Item) -> str:
    # Elsewhere than on a government's site, the link's own page tells the reader so first.
    url = link.live.values.get("url", "") if link.live is not None else ""
    return url if url and stays_with_government(url) else public_url(link)
