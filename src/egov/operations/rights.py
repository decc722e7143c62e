"""Granting and revoking roles on nodes."""

from __future__ import annotations

from datetime import UTC, datetime

from egov.base import clock
from egov.base.errors import Conflict, Forbidden, Invalid
from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.model.node import Node
from egov.model.site import site_of
from egov.operations.record import record, require
from egov.security.grants import ROLE_TITLES, Grant
from egov.security.policy import roles_of, sources_of
from egov.security.principals import Actor

FOREVER = datetime.max.replace(tzinfo=UTC)


def delegable(actor: Actor, node: Node) -> dict[str, datetime]:
    """The roles that the actor may hand on at a node, each with the latest end it may have.

    One hands on only what one holds with "may delegate"; who holds `manager` so holds every role so.
    """
    if actor.is_system:
        return dict.fromkeys(ROLE_TITLES, FOREVER)
    found: dict[str, datetime] = {}
    for source in sources_of(actor.principals, node)[0]:
        if source.grant.may_delegate:
            until = source.grant.until or FOREVER
            for role in ROLE_TITLES if source.role == "manager" else (source.role,):
                found[role] = max(found.get(role, until), until)
    return found


def grant(
    node: Node,
    principal: str,
    role: str,
    *,
    by: Actor,
    until: datetime | None = None,
    may_delegate: bool = False,
    reason: str = "",
) -> Grant:
    """Give a principal a role on a node and all below; a second grant of the same role replaces the first.

    Raises Forbidden without `grant` on the node or for a role that the actor may not hand on, Invalid for an unknown
    principal or role, an end in the past or later than the actor's own. Writes O(1) objects.
    """
    require(by, Permission.GRANT, node)
    _check_grant(node, principal, role, until, by)
    until = until.astimezone(UTC) if until else None  # what is stored has no zone of its own
    made = Grant(principal, role, by.id, clock.now(), until, may_delegate, reason.strip())
    others = tuple(g for g in node.grants if (g.principal, g.role) != (principal, role))
    node.grants = (*others, made)
    site_of(node).catalog.rights_changed(node)
    record(by, "grant", node, comment=f"{role} → {principal}")
    return made


def revoke(node: Node, principal: str, role: str, *, by: Actor) -> None:
    """Take a role on a node back from a principal.

    Raises Forbidden without `grant` on the node or for a role that the actor may not hand on, Conflict if the grant
    is not there, Invalid if nobody would be left to manage the node. Writes O(1) objects.
    """
    require(by, Permission.GRANT, node)
    if role not in delegable(by, node):
        raise Forbidden(_("您不能授予或收回这一角色。"))
    rest = tuple(g for g in node.grants if (g.principal, g.role) != (principal, role))
    if len(rest) == len(node.grants):
        raise Conflict(_("这项授权已被收回。"))
    _check_still_managed(node, rest, node.inherits, by)
    node.grants = rest
    site_of(node).catalog.rights_changed(node)
    record(by, "revoke", node, comment=f"{role} → {principal}")


def set_inheritance(node: Node, inherits: bool, *, by: Actor) -> None:
    """Let grants from above reach the node, or stop them there.

    Raises Forbidden without `grant`, Invalid if the actor would lose the management of the node. Writes O(1) objects.
    """
    require(by, Permission.GRANT, node)
    if node.inherits == inherits:
        return
    if not inherits:
        _check_still_managed(node, node.grants, inherits, by)
    node.inherits = inherits
    site_of(node).catalog.rights_changed(node)
    record(by, "inherit" if inherits else "stop_inheriting", node)


def _check_grant(node: Node, principal: str, role: str, until: datetime | None, by: Actor) -> None:
    if role not in ROLE_TITLES:
        raise Invalid(
            _("没有名为“${role}”的角色。", mapping={"role": role}), {"role": _("请选择角色")}
        )
    if not site_of(node).directory.exists(principal):
        message = _("没有找到“${principal}”这个用户或用户组。", mapping={"principal": principal})
        raise Invalid(message, {"principal": message})
    limits = delegable(by, node)
    if role not in limits:
        raise Forbidden(_("您不能授予或收回这一角色。"))
    if until is not None and until <= clock.now():
        message = _("截止日期必须晚于今天。")
        raise Invalid(message, {"until": message})
    if (until or FOREVER) > limits[role]:
        message = _(
            "截止日期不能晚于您自己这一角色的截止日期 ${day}。",
            mapping={"day": clock.day(limits[role])},
        )
        raise Invalid(message, {"until": message})


def _check_still_managed(node: Node, grants: tuple[Grant, ...], inherits: bool, by: Actor) -> None:
    if by.is_system:
        return
    local = {g.role for g in grants if g.principal in by.principals and g.is_active()}
    above = node.__parent__
    inherited = roles_of(by.principals, above) if inherits and above is not None else frozenset()
    if "manager" not in local | inherited:
        raise Invalid(
            _("这样一来您将不能再管理“${title}”，请先给管理员授权。", mapping={"title": node.title})
        )
