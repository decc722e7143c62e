"""The steps. A number is given once and never again; a step that has been published is never changed.

A step must do no harm when it meets a thing that it has changed already, or that a newer egov has made: servers go
on working meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from egov.base.i18n import Message, _
from egov.base.memory import spared
from egov.catalog.index import LIVE, Catalog
from egov.history.audit import AuditLog
from egov.history.handover import SigningKey
from egov.model.btrees import SpreadTree
from egov.model.site import SiteGroup
from egov.search.guide import Guide, question_key
from egov.search.questions import spellings
from egov.security.principals import Directory


@dataclass(frozen=True)
class Step:
    """One upgrade: what is done with each thing of a tree of them, or once with the whole site group."""

    number: int
    title: Message
    change: Callable[[SiteGroup, Any], None]
    tree: Callable[[SiteGroup], Any] | None = None  # an integer BTree; None: the site group itself
    before_start: bool = False  # the server cannot work without it


def every_node(site: SiteGroup) -> Any:
    """All nodes, by uid."""
    return site.catalog.nodes


def _complete(site: SiteGroup, _thing: Any) -> None:
    """Give the site group and its registers what later versions have added to them."""
    _fill(site, SiteGroup("", ""))
    _fill(site, {"guide": Guide()})
    _fill(site.directory, Directory())
    _fill(site.catalog, Catalog())
    site.audit._p_activate()
    if "begun" not in vars(site.audit):
        log = AuditLog()
        log.begun.set(max(site.audit.strands.keys(), default=0))
        _fill(site.audit, log)
    site.register("signing", SigningKey)


def _fill(thing: Any, fresh: Any) -> None:
    thing._p_activate()  # a ghost would seem to have nothing
    known = vars(thing)
    for name, value in (fresh if isinstance(fresh, Mapping) else vars(fresh)).items():
        if name not in known and not name.startswith("_p_"):
            setattr(thing, name, value)


def _index(site: SiteGroup, node: Any) -> None:
    """Write down a node's links, rules and author, which listings and checks ask for."""
    if not hasattr(site.catalog, "newest"):
        _tell_hours(site, None)
    site.catalog.note_rules(node)
    site.catalog.index(node)


def _spread(site: SiteGroup, _thing: Any) -> None:
    """Give the register of all nodes its many trees, beside the one of before."""
    if not isinstance(site.catalog.nodes, SpreadTree):
        site.catalog.nodes = SpreadTree(site.catalog.nodes)


def _settle(site: SiteGroup, node: Any) -> None:
    """Bring a node over into its tree."""
    site.catalog.nodes.settle(node.uid)


def _tell_hours(site: SiteGroup, _thing: Any) -> None:
    """Tell of each stream of what is public how new it is at most; in one piece, for a half of it would hide things.

    Where it was told in days, that is a smaller number than hours are, which are only raised.
    """
    catalog = site.catalog
    _fill(catalog, Catalog())
    for shelf in catalog.shelves_of(LIVE):
        for domain in spared(catalog._p_jar, list(catalog.shelves[shelf])):
            catalog.mend_stream(shelf, domain)


def _simplify_pins(site: SiteGroup, _thing: Any) -> None:
    """Keep each recommendation under its question in Simplified characters, in which questions are looked up."""
    pins: dict[str, tuple[int, ...]] = {}
    for question, uids in site.guide.pins.items():
        key = question_key(spellings(question)[0])
        pins[key] = tuple(dict.fromkeys((*pins.get(key, ()), *uids)))
    if pins != site.guide.pins:
        site.guide.pins = pins


STEPS = (
    Step(1, _("补全网站群的登记簿"), _complete, before_start=True),
    Step(2, _("重新登记各项内容的链接与权限规则"), _index, every_node),
    Step(3, _("登记各篇稿件是谁的"), _index, every_node),
    Step(4, _("为内容登记簿分册"), _spread, before_start=True),
    Step(5, _("把各项内容登记到分册"), _settle, every_node),
    Step(6, _("登记各栏目最近一次发布的日期"), _tell_hours, before_start=True),
    Step(7, _("登记各栏目最近一次发布的时刻"), _tell_hours, before_start=True),
    Step(8, _("用简体字登记搜索推荐的搜索词"), _simplify_pins),
)
