"""The blocks of a page that nobody has arranged, composed from what stands in the tree."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from egov.model.arrangement import Block
from egov.model.block_kinds import KINDS
from egov.model.container import Container
from egov.model.site import Section, SiteGroup, Subsite

BLOCK_LINES = 6
MAX_LISTS = 24
_NEWS = "工作动态"
_LISTED = (None, "", "list", "summary", "sections")
_Kinds = Iterator[tuple[str, str, dict[str, Any]]]


def may_be_arranged(container: object) -> bool:
    """Whether a page is made of blocks: a home page, or a topic's."""
    is_topic = isinstance(container, Section) and container.values.get("layout") == "topic"
    return is_topic or isinstance(container, SiteGroup | Subsite)


def default_blocks(page: Container) -> tuple[Block, ...]:
    """The blocks of a page that nobody has arranged; what would be empty is left out when they are shown."""
    kinds = enumerate(_topic_kinds(page) if isinstance(page, Section) else _home_kinds(page), 1)
    return tuple(
        Block(key, kind, width or KINDS[kind].width, "", values)
        for key, (kind, width, values) in kinds
    )


def _home_kinds(home: Container) -> _Kinds:
    sections = [child for child in home.containers() if isinstance(child, Section)]
    listed = [s for s in sections if s.values.get("layout") in _LISTED]
    news = next((s for s in listed if s.values.get("column_type") == _NEWS), None)
    is_subsite = isinstance(home, Subsite)
    if news is not None:
        yield "headline", "wide" if is_subsite else "full", {"place": news.uid}
    if is_subsite:
        yield "about", "third" if news is not None else "full", {}
    yield "services", "full", {}
    # A home page with more blocks is read by nobody; the menu and the site map lead to the rest.
    for section in islice((s for s in listed if s is not news), MAX_LISTS):
        yield "list", "half", {"place": section.uid, "limit": BLOCK_LINES}
    for section in sections:
        if section.values.get("layout") == "zone":
            yield "banners", "full", {"place": section.uid}
        elif section.values.get("layout") == "grid":
            yield "pictures", "full", {"place": section.uid}
    if isinstance(home, SiteGroup):
        yield "subsites", "full", {}


def _topic_kinds(topic: Section) -> _Kinds:
    yield "headline", "full", {}
    for child in topic.containers():
        kind = "pictures" if child.values.get("layout") == "grid" else "list"
        yield kind, "half" if kind == "list" else "full", {"place": child.uid}
