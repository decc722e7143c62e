"""The facts of a node in words: what undoing would bring back, beside what stands now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from egov.base import clock
from egov.base.i18n import Message, _
from egov.history.actions import ACTIONS
from egov.history.deeds import Facts
from egov.model.container import Container
from egov.model.item import Edition
from egov.model.node import Node, path_of
from egov.model.site import SiteGroup
from egov.operations.delegation import Held
from egov.security.grants import ROLE_TITLES
from egov.security.policy import table_for
from egov.workflow.office import all_tables

_TITLES: dict[str, Message] = {
    "parent": _("所在位置"), "name": _("网址中的名称"), "grants": _("本处授权"), "inherits": _("继承上级权限"),
    "state": _("开放状态"), "workflows": _("审核流程"), "live": _("公众看到的版本"), "draft": _("正在处理的稿件"),
    "live_state": _("公开状态"), "draft_state": _("稿件状态"), "published_at": _("发布时间"), "notice": _("撤回说明"),
    "opinions": _("审核意见"), "publish_at": _("定时发布"), "expire_at": _("定时下线"), "superseded_by": _("被取代"),
    "position": _("在栏目中的顺序"),
}  # fmt: skip


def told_facts(site: SiteGroup, node: Node, was: Facts, now: Facts) -> list[dict[str, Any]]:
    """Each fact that would change: what it is called, what it is now and what it would be."""
    return [
        {"title": title, "now": _told(site, node, name, now.get(name)),
         "was": _told(site, node, name, value)}
        for name, title in _TITLES.items()
        if name in was and name != "position"
        for value in [was[name]]
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
    if name == "superseded_by":
        node = site.catalog.node(value)
        return node.title if node is not None else str(value)
    return str(value)


def _join(pairs: list[tuple[Message, str]]) -> Message:
    parts = tuple(_("${what}（${who}）", mapping={"what": what, "who": who}) for what, who in pairs)
    return _("${parts}", mapping={"parts": parts})
