"""Who can do what, and why: one person on a node, everyone with a permission on it, all grants of the site group."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pyramid.response import Response
from pyramid.view import view_config

from egov.base import clock
from egov.base.i18n import Message, _
from egov.base.permissions import NODE_PERMISSIONS, Permission
from egov.manage.frame import page
from egov.manage.staff.grants import grant_row
from egov.model.container import Container
from egov.model.node import Node, path_of
from egov.model.site import SiteGroup
from egov.operations.delegation import Held, all_grants
from egov.operations.holding import Holder, holders
from egov.security.grants import OWNER_TITLE, ROLE_TITLES
from egov.security.policy import Explanation, Source, explain, permits
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
HOLDERS_SHOWN = 200
_KINDS: dict[str, Message] = {
    "": _("全部"), "soon": _("30 天内到期"), "ended": _("已到期"), "dormant": _("账号停用或 90 天未登录"),
}  # fmt: skip


@view_config(route_name="manage", context=Node, name="effective", permission=Permission.GRANT,
             request_method="GET", renderer="templates/effective.pt")  # fmt: skip
def effective(context: Node, request: Any) -> Any:
    """Each permission of one person here, and everyone who has one permission, with what decided; also as CSV."""
    directory: Directory = request.site.directory
    who, may = request.GET.get("who", "").strip(), request.GET.get("may", "")
    user = _person(directory, who) if who else None
    asked = next((p for p in NODE_PERMISSIONS if p.value == may), None)
    if asked and request.GET.get("format") in FORMATS:
        return _holders_as_table(request, context, asked)
    found = list(holders(context, asked)) if asked else []
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
        "holders": [_holder_row(request, context, holder) for holder in found[:HOLDERS_SHOWN]],
        "total": len(found),
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
    chain: list[Message] = [_link(directory, source, user) for source in told.deciding]
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


def _link(directory: Directory, source: Source, user: User | None) -> Message:
    """A grant that decides, and how it reaches the person: by a group, a post, or a post in a unit below."""
    principal = source.grant.principal
    kind, _colon, key = principal.partition(":")
    names = {
        "where": f"{source.node.title}（{path_of(source.node)}）",
        "who": directory.title_of(principal),
        "role": ROLE_TITLES[source.role],
    }
    if kind == "group" and user is not None:
        return _("“${where}”授予用户组“${who}”（是其成员）的角色“${role}”", mapping=names)
    if kind == "unit" and user is not None:
        names["posts"] = "、".join(
            directory.title_of(f"unit:{post.unit}")
            for post in user.posts
            if any(above.id == key for above in directory.units_above(post.unit))
        )
        return _("“${where}”授予单位“${who}”（任职于${posts}）的角色“${role}”", mapping=names)
    return _("“${where}”授予${who}的角色“${role}”", mapping=names)


def _holder_row(request: Any, node: Node, holder: Holder) -> dict[str, Any]:
    user, directory = holder.user, request.site.directory
    chain = [_link(directory, s, user) for s in holder.sources]
    if holder.is_owner:
        chain.append(OWNER_TITLE)
    ends = [s.grant.until for s in holder.sources]
    lasts = holder.is_owner or None in ends
    return {
        "name": directory.title_of(holder.principal),
        "id": user.id if user is not None else "",
        "url": manage_url(node, "effective", who=user.id) if user is not None else "",
        "chain": [say_in(request, link) for link in chain],
        "until": "" if lasts else clock.day(max(end for end in ends if end is not None)),
    }


def _holders_as_table(request: Any, node: Node, permission: Permission) -> Response:
    heads = (_("谁"), _("用户名"), _("因为"), _("截止"))
    rows = (_holder_row(request, node, holder) for holder in holders(node, permission))
    lines = ([r["name"], r["id"], "；".join(r["chain"]), r["until"]] for r in rows)
    return table_response(request, f"who-may-{permission.value}", heads, lines)


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
