"""Who can do what, and why: one person on a node, everyone with a permission on it, all grants of the site group."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from pyramid.response import Response
from pyramid.view import view_config

from egov.base import clock
from egov.base.i18n import Message, _
from egov.base.permissions import NODE_PERMISSIONS, Permission
from egov.manage.frame import page
from egov.manage.grants import grant_row
from egov.model.container import Container
from egov.model.node import Node, lineage, path_of
from egov.model.site import SiteGroup
from egov.operations.delegation import Held, all_grants
from egov.security.grants import OWNER_TITLE, ROLE_TITLES
from egov.security.policy import Explanation, cell_for, explain, permits, reaching
from egov.security.principals import ANONYMOUS, Directory, User, actor_for
from egov.web.rendering import say_in
from egov.web.tables import FORMATS, table_response
from egov.web.urls import manage_url

PERMISSION_TITLES = {
    Permission.VIEW: _("查看公开内容"), Permission.PREVIEW: _("查看稿件"), Permission.ADD: _("新建内容"),
    Permission.EDIT: _("编辑"), Permission.ARRANGE: _("重命名、移动、排序"), Permission.DELETE: _("删除"),
    Permission.PURGE: _("彻底删除"),
    Permission.STRUCTURE: _("管理栏目结构"), Permission.CONFIGURE: _("修改设置"), Permission.ADOPT: _("处理报送、约稿"),
    Permission.COMPOSE: _("编排页面"), Permission.PRESENT: _("发布编排"), Permission.GRANT: _("授权"),
}  # fmt: skip

ENDS_SOON = timedelta(days=30)
DORMANT = timedelta(days=90)
GRANTS_SHOWN = 500
_KINDS: dict[str, Message] = {
    "": _("全部"), "soon": _("30 天内到期"), "ended": _("已到期"), "dormant": _("账号停用或 90 天未登录"),
}  # fmt: skip


@view_config(route_name="manage", context=Node, name="effective", permission=Permission.GRANT,
             request_method="GET", renderer="templates/effective.pt")  # fmt: skip
def effective(context: Node, request: Any) -> dict[str, Any]:
    """Each permission of one person here, and everyone who has one permission, with the chain that decided."""
    directory: Directory = request.site.directory
    who, may = request.GET.get("who", "").strip(), request.GET.get("may", "")
    user = _person(directory, who) if who else None
    asked = next((p for p in NODE_PERMISSIONS if p.value == may), None)
    home = context if isinstance(context, Container) else context.__parent__
    title = _("谁能对“${title}”做什么", mapping={"title": context.title})
    return page(request, context, title) | {
        "who": who,
        "person_id": user.id if user else "",
        "may_see_as": permits(request.actor, Permission.GRANT, request.site),
        "roles": list(ROLE_TITLES.items()),
        "home_uid": home.uid if home is not None else 0,
        "person": user and f"{user.name}（{user.id}）",
        "answers": [_answer(request, context, user, p) for p in NODE_PERMISSIONS] if user else [],
        "may": may,
        "permissions": [(p.value, PERMISSION_TITLES[p]) for p in NODE_PERMISSIONS],
        "holders": list(_holders(directory, context, asked)) if asked else [],
        "people": [(u.id, f"{u.name}（{u.id}）") for u in directory.users.values()][:300],
        "grants_url": manage_url(context, "grants"),
    }


def _person(directory: Directory, words: str) -> User | None:
    found = directory.user(words)
    if found is None:
        named = [p for p, _name in directory.search(words, limit=2) if p.startswith("user:")]
        found = directory.user(named[0].removeprefix("user:")) if len(named) == 1 else None
    return found


def _answer(request: Any, node: Node, user: User, permission: Permission) -> dict[str, Any]:
    actor = ANONYMOUS if user.disabled else actor_for(user)
    told = explain(actor, permission, node)
    return {
        "title": PERMISSION_TITLES[permission],
        "allowed": told.allowed,
        "why": say_in(request, _reason(request, told, user)),
    }


def _reason(request: Any, told: Explanation, user: User) -> Message:
    if user.disabled:
        return _("账号已停用。")
    directory = request.site.directory
    chain: list[Message] = [
        _(
            "“${where}”授予${who}的角色“${role}”",
            mapping={
                "where": f"{s.node.title}（{path_of(s.node)}）",
                "who": directory.title_of(s.grant.principal),
                "role": ROLE_TITLES[s.role],
            },
        )
        for s in told.deciding
    ]
    if told.is_owner and "owner" in told.cell:
        chain.append(OWNER_TITLE)
    if chain:
        return _("因为：${chain}。", mapping={"chain": tuple(chain)})
    needed = tuple(
        t for role, t in (*ROLE_TITLES.items(), ("owner", OWNER_TITLE)) if role in told.cell
    )
    if not needed:
        return _("在当前状态下没有人可以。")
    held = tuple(dict.fromkeys(ROLE_TITLES[s.role] for s in told.sources))
    return _(
        "需要其中一个角色：${needed}；现有：${held}。",
        mapping={"needed": needed, "held": held or (_("没有角色"),)},
    )


def _holders(directory: Directory, node: Node, permission: Permission) -> Iterator[dict[str, Any]]:
    cell = cell_for(permission, node)
    everyone = frozenset(g.principal for above in lineage(node) for g in above.grants)
    for grant, where in reaching(everyone, node):
        if grant.role in cell:
            row = grant_row(directory, Held(where, grant))
            members = (
                directory.members(grant.principal.removeprefix("group:"))
                if grant.principal.startswith("group:")
                else []
            )
            yield row | {"members": "、".join(m.name for m in members if not m.disabled)}
    if "owner" in cell and node.owner and (owner := directory.user(node.owner)):
        told = explain(actor_for(owner), permission, node)
        if told.is_owner:
            yield {"name": owner.name, "role_title": OWNER_TITLE, "where": node.title, "members": "",
                   "url": manage_url(node), "until": "", "by": ""}  # fmt: skip


@view_config(route_name="manage", context=SiteGroup, name="all-grants", permission=Permission.SECURITY,
             request_method="GET", renderer="templates/all_grants.pt")  # fmt: skip
def grants_of_all(context: SiteGroup, request: Any) -> Any:
    """Every grant there is, or those that end soon, have ended or lie with accounts nobody uses; as CSV too."""
    kind, who = request.GET.get("kind", ""), request.GET.get("who", "").strip()
    directory = context.directory
    found = [h for h in all_grants(context) if _is_of(kind, h, directory)]
    if who:
        wanted = {p for p, _name in directory.search(who, limit=50)} | {who}
        found = [h for h in found if h.grant.principal in wanted]
    found.sort(key=lambda h: (path_of(h.node), h.grant.principal))
    if request.GET.get("format") in FORMATS:
        return _as_table(request, [grant_row(directory, h) for h in found])
    return page(request, context, _("全部授权")) | {
        "rows": [grant_row(directory, h) for h in found[:GRANTS_SHOWN]],
        "total": len(found),
        "shown": min(len(found), GRANTS_SHOWN),
        "kinds": [(name, label, name == kind) for name, label in _KINDS.items()],
        "kind": kind,
        "who": who,
    }


def _is_of(kind: str, held: Held, directory: Directory) -> bool:
    given = held.grant
    if kind == "soon":
        return (
            given.until is not None and given.is_active() and given.until < clock.now() + ENDS_SOON
        )
    if kind == "ended":
        return not given.is_active()
    if kind == "dormant":
        user = directory.user(given.principal.removeprefix("user:"))
        if user is None or not given.principal.startswith("user:"):
            return False
        return user.disabled or (user.last_login or user.created) < clock.now() - DORMANT
    return True


def _as_table(request: Any, rows: list[dict[str, Any]]) -> Response:
    heads = (
        _("给谁"),
        _("编号"),
        _("角色"),
        _("在哪里"),
        _("授权人"),
        _("授权日期"),
        _("截止"),
        _("再授权"),
        _("原因"),
    )
    keys = ("name", "principal", "role_title", "where", "by", "at", "until")
    lines = (
        [*(r[key] for key in keys), "+" if r["may_delegate"] else "", r["reason"]] for r in rows
    )
    return table_response(request, "grants", heads, lines)
