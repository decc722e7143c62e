"""Rights on a node: what is granted here, what comes from above, and why somebody may or may not."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from pyramid.view import view_config

from egov.base import clock
from egov.base.errors import Invalid
from egov.base.i18n import _
from egov.base.permissions import NODE_PERMISSIONS, Permission
from egov.manage.frame import done, page
from egov.model.node import Node, lineage, path_of
from egov.operations.rights import delegable, grant, revoke, set_inheritance
from egov.security.grants import OWNER_TITLE, ROLE_TITLES, Grant
from egov.security.policy import explain
from egov.security.principals import actor_for

TITLES = {
    Permission.VIEW: _("查看公开内容"), Permission.PREVIEW: _("查看稿件"), Permission.ADD: _("新建内容"),
    Permission.EDIT: _("编辑"), Permission.ARRANGE: _("重命名、移动、排序"), Permission.DELETE: _("删除"),
    Permission.STRUCTURE: _("管理栏目结构"), Permission.CONFIGURE: _("修改设置"), Permission.GRANT: _("授权"),
}  # fmt: skip


@view_config(route_name="manage", context=Node, name="grants", permission=Permission.GRANT,
             request_method="GET", renderer="templates/grants.pt")  # fmt: skip
def show_grants(context: Node, request: Any) -> dict[str, Any]:
    """The grants page of a node."""
    return _grants_page(context, request)


def _grants_page(context: Node, request: Any, error: Any = "") -> dict[str, Any]:
    directory = request.site.directory
    above: list[dict[str, Any]] = []
    if context.inherits:
        for node in lineage(context.__parent__):
            above.extend(
                _grant_row(directory, g) | {"where": f"{node.title}（{path_of(node)}）"}
                for g in node.grants
            )
            if not node.inherits:
                break
    who = request.GET.get("who", "")
    return page(request, context, _("“${title}”的权限", mapping={"title": context.title})) | {
        "local": [_grant_row(directory, g) for g in context.grants],
        "above": above,
        "inherits": context.inherits,
        "is_root": context.__parent__ is None,
        "roles": [(r, ROLE_TITLES[r]) for r in delegable(request.actor, context)],
        "people": [(f"user:{u.id}", f"{u.name}（{u.id}）") for u in directory.users.values()]
        + [(f"group:{g.id}", g.title) for g in directory.groups.values()],
        "error": error,
        "who": who,
        "why": _why(context, directory.user(who)) if who else [],
    }


def _grant_row(directory: Any, given: Grant) -> dict[str, Any]:
    return {
        "principal": given.principal,
        "name": directory.title_of(given.principal),
        "role": given.role,
        "role_title": ROLE_TITLES[given.role],
        "by": directory.title_of(f"user:{given.by}"),
        "at": clock.day(given.at),
        "until": clock.day(given.until),
        "is_active": given.is_active(),
        "may_delegate": given.may_delegate,
        "reason": given.reason,
    }


def _why(context: Node, user: Any) -> list[dict[str, Any]]:
    if user is None:
        return []
    found = []
    for permission in NODE_PERMISSIONS:
        told = explain(actor_for(user), permission, context)
        chain = [
            f"{ROLE_TITLES[s.role]} ← {s.node.title}（{s.grant.principal}）" for s in told.deciding
        ]
        if told.is_owner and "owner" in told.cell:
            chain.append(str(OWNER_TITLE))
        found.append(
            {"title": TITLES[permission], "allowed": told.allowed, "chain": "；".join(chain)}
        )
    return found


@view_config(route_name="manage", context=Node, name="grants", permission=Permission.GRANT,
             request_method="POST", renderer="templates/grants.pt")  # fmt: skip
def do_grants(context: Node, request: Any) -> Any:
    """Grant, revoke, or change the inheritance."""
    try:
        _change(context, request)
    except Invalid as error:
        return _grants_page(context, request, error.message)
    return done(
        request, context, _("已更改“${title}”的权限。", mapping={"title": context.title}), "grants"
    )


def _change(context: Node, request: Any) -> None:
    sent, by = request.POST, request.actor
    what = sent.get("do", "")
    if what == "inherit":
        set_inheritance(context, not context.inherits, by=by)
    elif what == "revoke":
        revoke(context, sent.get("principal", ""), sent.get("role", ""), by=by)
    else:
        facts = {"may_delegate": "may_delegate" in sent, "reason": sent.get("reason", "")[:300]}
        until = _until(sent.get("until", ""))
        grant(context, sent.get("principal", ""), sent.get("role", ""), by=by, until=until, **facts)


def _until(raw: str) -> datetime | None:
    if not raw:
        return None
    try:
        day = datetime.fromisoformat(raw).date()
    except ValueError:
        raise Invalid(_("截止日期的写法不对。")) from None
    return datetime.combine(day, time(23, 59, 59), clock.OFFICE_ZONE)
