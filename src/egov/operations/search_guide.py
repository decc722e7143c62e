"""Teaching the search: synonyms, and results that stand first for a question."""

from __future__ import annotations

import re

from egov.base.errors import Invalid, NotFound
from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.model.item import Item
from egov.model.node import Node
from egov.model.site import SiteGroup
from egov.operations.keeping import undoable
from egov.operations.record import record, require
from egov.search.guide import question_key
from egov.search.questions import spellings, wording
from egov.search.words import folded
from egov.security.policy import permits
from egov.security.principals import Actor

MAX_GROUPS = 1000
MAX_WORD = 30
MAX_PINS = 5  # for one question
_BETWEEN = re.compile(r"[,，、;；=\s]+")


@undoable
def set_synonyms(site: SiteGroup, text: str, *, by: Actor) -> None:
    """Replace all groups of synonyms by those of a text: a line for a group, its words parted by commas or spaces.

    Raises Forbidden without `configure` on the portal, Invalid for a group or a word that does not fit.
    """
    require(by, Permission.CONFIGURE, site)
    groups = [
        _group(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()
    ]
    if len(groups) > MAX_GROUPS:
        raise Invalid(_("同义词不能超过 ${most} 组。", mapping={"most": MAX_GROUPS}))
    if tuple(groups) != site.guide.synonyms:
        site.guide.synonyms = tuple(groups)
        record(by, "set_synonyms", site)


def _group(number: int, line: str) -> tuple[str, ...]:
    words = tuple(dict.fromkeys(w for w in _BETWEEN.split(folded(line)) if w))
    if len(words) < 2 or any(not 2 <= len(word) <= MAX_WORD for word in words):
        raise Invalid(
            _(
                "第 ${number} 行：每行至少两个词，每个词 2 至 ${most} 个字。",
                mapping={"number": number, "most": MAX_WORD},
            )
        )
    # Questions are asked in Simplified characters; a name may need the others (乾县).
    return tuple(dict.fromkeys(one for word in words for one in spellings(word)))


@undoable
def pin(site: SiteGroup, question: str, item: Node, *, by: Actor) -> None:
    """Let an item stand first for exactly that question, after those that do already.

    Raises Forbidden without `configure` on the portal, Invalid for an empty question, something that is no item or
    that the actor may not see, and more than five items.
    """
    require(by, Permission.CONFIGURE, site)
    key = _key(site, question)
    if not key:
        raise Invalid(_("请填写搜索词。"))
    if not isinstance(item, Item) or not permits(by, Permission.VIEW, item):
        raise Invalid(_("只能推荐已公开的内容。"))
    uids = site.guide.pinned(key)
    if item.uid in uids:
        return
    if len(uids) >= MAX_PINS:
        raise Invalid(_("一个搜索词最多推荐 ${most} 条。", mapping={"most": MAX_PINS}))
    site.guide.pins = {**site.guide.pins, key: (*uids, item.uid)}
    record(by, "pin_result", site, comment=f"{key} → {item.live_title}")


@undoable
def unpin(site: SiteGroup, question: str, uid: int, *, by: Actor) -> None:
    """Let an item no longer stand first for a question, even if it is gone.

    Raises Forbidden without `configure` on the portal, NotFound if it does not stand there.
    """
    require(by, Permission.CONFIGURE, site)
    key = _key(site, question)
    uids = site.guide.pinned(key)
    if uid not in uids:
        raise NotFound(_("没有这条推荐。"))
    left = tuple(one for one in uids if one != uid)
    pins = {k: v for k, v in site.guide.pins.items() if k != key}
    site.guide.pins = pins | {key: left} if left else pins
    record(by, "unpin_result", site, comment=key)


def _key(site: SiteGroup, question: str) -> str:
    # As the search understands what is typed there.
    return question_key(wording(question, site.guide).text)
