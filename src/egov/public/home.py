"""What home and topic pages show, and what a section shows of the sections below it."""

from __future__ import annotations

from typing import NamedTuple

from egov.base.permissions import Permission
from egov.catalog.reads import published
from egov.model.arrangement import Block
from egov.model.container import Container
from egov.model.default_blocks import default_blocks
from egov.public.blocks import Shown, shown_blocks
from egov.public.lists import Line, distinct, lines
from egov.public.people import Office, Person, offices_in, people_in
from egov.security.policy import permits
from egov.security.principals import Actor
from egov.web.urls import public_url

BLOCK_LINES = 6


def filled_blocks(page: Container, actor: Actor, blocks: tuple[Block, ...]) -> set[int]:
    """The keys of the blocks that have something to show."""
    return {shown.key for shown in shown_blocks(page, actor, blocks)}


class SubSection(NamedTuple):
    """The newest of a section; of leaders and offices the first, in their order."""

    title: str
    url: str
    lines: list[Line] = []  # noqa: RUF012  never changed
    people: list[Person] = []  # noqa: RUF012
    offices: list[Office] = []  # noqa: RUF012


# What the elder edition leaves out: there is nothing to read in it, or it stands elsewhere too.
_NOT_FOR_ELDERS = ("pictures", "banners", "figures", "links")


def blocks_of(page: Container, actor: Actor, look: str = "") -> list[Shown]:
    """What a home or topic page shows: as it was arranged, or else what stands below it; to elders, less of it."""
    arranged = page.arrangement.live if page.arrangement is not None else None
    blocks = default_blocks(page) if arranged is None else arranged
    if look == "elder":
        blocks = tuple(block for block in blocks if block.kind not in _NOT_FOR_ELDERS)
    return shown_blocks(page, actor, blocks)


def sub_sections(section: Container, actor: Actor) -> list[SubSection]:
    """The newest of each section below another; what would be empty is left out."""
    seen = (c for c in section.containers() if permits(actor, Permission.VIEW, c))
    found = (_sub_section(child, actor) for child in seen)
    return [one for one in found if one.lines or one.people or one.offices]


def _sub_section(section: Container, actor: Actor) -> SubSection:
    shown, layout = SubSection(section.title, public_url(section)), section.values.get("layout")
    if layout == "leaders" and (people := people_in(section, actor)):
        return shown._replace(people=people[:BLOCK_LINES])
    if layout == "offices" and (offices := offices_in(section, actor)):
        return shown._replace(offices=offices[:BLOCK_LINES])
    found = published(section, actor, limit=BLOCK_LINES, deep=True)
    return shown._replace(lines=lines(distinct(found.nodes)))
