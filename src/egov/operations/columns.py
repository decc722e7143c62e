"""Columns and how fresh they are: what each must do, which are blank or stale, and how near a site is to failing.

The thresholds are those of the national inspection (国办秘函〔2019〕19号, 单项否决 3 and 4) with the warning marks that
monitoring services use.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple

from egov.base import clock
from egov.base.permissions import Permission
from egov.catalog import reads
from egov.model.container import Container
from egov.model.site import BY_TYPE, Section, Subsite, site_of
from egov.security.policy import permits
from egov.security.principals import Actor

NEWS = frozenset({"工作动态"})
NOTICES = frozenset({"通知公告", "政策文件"})
DAYS_BY_TYPE = {"工作动态": 14, "通知公告": 180, "政策文件": 180}
DAYS_OTHERWISE = 365
BLANK, STALE, SOON, FRESH, FREE = "blank", "stale", "soon", "fresh", "free"


class Column(NamedTuple):
    """A section with its duty: `days` between updates (0 for none), and when it was last updated."""

    section: Section
    kind: str
    days: int
    updated: datetime | None
    state: str

    @property
    def late(self) -> int:
        """How many days too late it is."""
        if self.updated is None or not self.days:
            return 0
        return max(0, (clock.now() - self.updated).days - self.days)


class Mark(NamedTuple):
    """One criterion of the inspection: how many columns fall under it, from when it warns and from when it fails."""

    name: str
    columns: int
    warns: int
    fails: int

    @property
    def tone(self) -> str:
        """Whether it is good, near failing, or failing."""
        return (
            "bad"
            if self.columns >= self.fails
            else "warn"
            if self.columns >= self.warns
            else "good"
        )


def policy_of(section: Section) -> int:
    """How many days may lie between two updates; by the column's type where nothing else is set; 0 for any."""
    chosen = section.values.get("update_days", "")
    if chosen == BY_TYPE:
        return DAYS_BY_TYPE.get(section.values.get("column_type", ""), DAYS_OTHERWISE)
    return int(chosen) if chosen.isdigit() else 0


def columns(top: Container, by: Actor, *, deep: bool = True) -> Iterator[Column]:
    """The open sections at or below a container that a person may see, in the order of the tree.

    A section that only holds others is no column of its own. Not `deep`: without those of the sites below it.
    """
    for section in _sections(top, deep=deep):
        if permits(by, Permission.PREVIEW, section):
            yield column_of(section)


def column_of(section: Section) -> Column:
    """A section with its duty; sections below it count for it, for readers find their news through it."""
    updated, days = reads.last_published(section), policy_of(section)
    kind = section.values.get("column_type", "")
    return Column(section, kind, days, updated, _state(updated, days))


def _state(updated: datetime | None, days: int) -> str:
    if updated is None:
        return BLANK
    if not days:
        return FREE
    left = updated + timedelta(days=days) - clock.now()
    if left < timedelta(0):
        return STALE
    return SOON if left < timedelta(days=min(7, days / 4)) else FRESH


def _sections(top: Container, *, deep: bool) -> Iterator[Section]:
    if top.state == "hidden":
        return
    below = top.containers()
    if isinstance(top, Section) and not (below and len(below) == len(top)):
        yield top
    for child in below:
        if deep or not isinstance(child, Subsite):
            yield from _sections(child, deep=deep)


def marks(found: Iterable[Column]) -> list[Mark]:
    """How many columns fall under each criterion that fails a site."""
    stale = [c for c in found if c.state == STALE]
    news = sum(c.kind in NEWS | NOTICES for c in stale)
    blank = sum(c.state == BLANK for c in found)
    return [
        Mark("news", news, 3, 5),
        Mark("stale", len(stale), 6, 10),
        Mark("blank", blank, 2, 5),
    ]


def days_without_news(top: Container) -> int | None:
    """How long a site has shown nothing new (首页不更新: fails at 14 days); None where it never did."""
    updated = reads.last_published(top)
    return (clock.now() - updated).days if updated is not None else None


def sites_of(by: Actor, top: Container, most: int) -> list[Container]:
    """The portal and the first subsites whose columns are this person's business: who may add to them or above."""
    site = site_of(top)
    homes = (site, *(c for c in site.containers() if not isinstance(c, Section)))
    return list(islice((home for home in homes if permits(by, Permission.ADD, home)), most))
