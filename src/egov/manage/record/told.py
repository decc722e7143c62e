"""The facts of a node in words: what undoing would bring back, beside what stands now."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from egov.base import clock
from egov.base.i18n import Message, _
from egov.history.actions import ACTIONS
from egov.history.deeds import ASSIGNMENT, BLOCKS, Facts
from egov.manage.review.submissions import OFFER_STATES
from egov.model.block_kinds import KINDS
from egov.model.container import Container
from egov.model.item import Edition
from egov.model.ledger import OFFERED
from egov.model.node import Node, path_of
from egov.model.site import SiteGroup
from egov.operations.delegation import Held
from egov.security.grants import ROLE_TITLES
from egov.security.policy import table_for
from egov.security.principals import Directory
from egov.workflow.office import all_tables

_TITLES: dict[str, Message] = {
    "parent": _("所在位置"), "name": _("网址中的名称"), "grants": _("本处授权"), "inherits": _("继承上级权限"),
    "state": _("开放状态"), "workflows": _("审核流程"), "live": _("公众看到的版本"), "draft": _("正在处理的稿件"),
    "live_state": _("公开状态"), "draft_state": _("稿件状态"), "published_at": _("发布时间"), "notice": _("撤回说明"),
    "opinions": _("审核意见"), "publish_at": _("定时发布"), "expire_at": _("定时下线"), "superseded_by": _("被取代"),
    "position": _("在栏目中的顺序"), "assignment": _("交办"), "blocks": _("编排稿"),
    "live_blocks": _("公众看到的编排"),
}  # fmt: skip


_GRANTED = re.compile(r"([a-z]+) → (\S+)(.*)", re.DOTALL)
_ABOUT_GRANTS = frozenset({"grant", "revoke"})


def remark_told(action: str, remark: str, directory: Directory) -> Message:
    """What the record of an action says besides, with the names of roles and people in it."""
    granted = _GRANTED.fullmatch(remark) if action in _ABOUT_GRANTS else None
    if granted is None:
        return remark
    role, principal, more = granted.groups()
    names = {
        "role": ROLE_TITLES.get(role, role),
        "who": directory.title_of(principal),
        "more": more,
    }
    return _("${role} → ${who}${more}", mapping=names)


_PARTS: dict[str, Message] = {
    "remark": _("批注"),
    "offer": _("报送"),
    "commission": _("约稿"),
}


def told_facts(site: SiteGroup, node: Node, was: Facts, now: Facts) -> list[dict[str, Any]]:
    """Each fact that would change: what it is called, what it is now and what it would be."""
    return [
        {"title": title, "now": _told(site, node, name, now.get(name)),
         "was": _told(site, node, name, value)}
        for name, title in _TITLES.items()
        if name in was and name != "position"
        for value in [was[name]]
    ] + [
        {"title": _PARTS[kind], "now": _told_part(site, kind, now.get(name)), "was": _told_part(site, kind, value)}
        for name, value in was.items()
        if (kind := name.partition(":")[0]) in _PARTS
    ] + ([{"title": _TITLES["position"], "now": _("现在的位置"), "was": _("原来的位置")}]
         if was.keys() == {"position"} else [])  # fmt: skip


def told_grants(site: SiteGroup, held: Iterable[Held]) -> list[dict[str, Any]]:
    """Grants on other nodes: where each stands, for whom, and what it gives."""
    return [
        {"title": node.title, "path": path_of(node), "who": site.directory.title_of(grant.principal),
         "role": ROLE_TITLES.get(grant.role, grant.role), "until": clock.day(grant.until)}
        for node, grant in held
    ]  # fmt: skip


def _told(site: SiteGroup, node: Node, name: str, value: Any) -> Message:
    if name == "parent":
        parent = site.catalog.node(value) if value else None
        if isinstance(parent, Container):
            return f"{parent.title}（{path_of(parent)}）"
        return _("回收站")
    if name == "inherits":
        return _("是") if value else _("否")
    return _told_value(site, node, name, value) if value else _("无")


def _told_value(site: SiteGroup, node: Node, name: str, value: Any) -> Message:
    if isinstance(value, Edition):
        return _("第 ${number} 版", mapping={"number": value.number})
    if name.endswith("state"):
        states = table_for(node).states
        return states[value].title if value in states else str(value)
    if name in BLOCKS:
        titles = tuple(block.title or KINDS[block.kind].title for block in value)
        return _("${parts}", mapping={"parts": titles})
    return clock.stamp(value) if name.endswith("_at") else _listed(site, name, value)


def _listed(site: SiteGroup, name: str, value: Any) -> Message:
    title_of = site.directory.title_of
    if name == "grants":
        return _join([(ROLE_TITLES.get(g.role, g.role), title_of(g.principal)) for g in value])
    if name == "opinions":
        return _join([(ACTIONS.get(o.action, o.action), title_of(f"user:{o.by}")) for o in value])
    if name == "workflows":
        tables = all_tables(site)
        return _join([(tables[t].title if t in tables else t, kind) for kind, t in value.items()])
    if name == ASSIGNMENT:
        names = {"who": title_of(f"user:{value.to}"), "due": clock.day(value.due)}
        return _("${who}，${due} 到期", mapping=names)
    if name == "superseded_by":
        node = site.catalog.node(value)
        return node.title if node is not None else str(value)
    return str(value)


def _told_part(site: SiteGroup, kind: str, state: Facts | None) -> Message:
    if state is None:
        return _("无")
    if kind == "remark":
        settled = _("已处理") if state.get("resolved_by") else _("未处理")
        names = {
            "text": state["text"][:100],
            "replies": len(state.get("replies", ())),
            "state": settled,
        }
        return _("${text}（${replies} 条回复，${state}）", mapping=names)
    if kind == "offer":
        target = site.catalog.node(state["target"])
        titles = {
            "site": target.title if target is not None else "",
            "state": OFFER_STATES[state.get("state", OFFERED)][0],
        }
        return _("报送给 ${site}：${state}", mapping=titles)
    return f"{state['title']}（{clock.day(state['deadline'])}）"


def _join(pairs: list[tuple[Message, str]]) -> Message:
    parts = tuple(_("${what}（${who}）", mapping={"what": what, "who": who}) for what, who in pairs)
    return _("${parts}", mapping={"parts": parts})
