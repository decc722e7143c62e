"""Grants that go from one holder to another who comes in their place."""

from __future__ import annotations

from typing import NamedTuple

from egov.base.errors import Conflict, Forbidden
from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.model.item import Item
from egov.model.node import Node
from egov.model.site import SiteGroup, site_of
from egov.operations.delegation import FOREVER, all_grants
from egov.operations.keeping import undoable
from egov.operations.record import record, require_duty
from egov.security.grants import Grant
from egov.security.policy import permits_duty, roles_on
from egov.security.principals import Actor, User

HAND_OVER, PASS_ON = "hand_over", "pass_on_grants"


class Passed(NamedTuple):
    """How many grants were the old one's, and the nodes on which something changed."""

    grants: int
    nodes: tuple[Node, ...]


def pass_on(site: SiteGroup, old: str, new: str, *, by: Actor) -> Passed:
    """Put one principal in another's place, as holder and as giver.

    Role, place, end and giver stay; of two grants of a role the one that reaches further is kept. Whoever calls has
    checked the right. Writes the nodes, their trails and the audit log.
    """
    count, nodes = 0, []
    for node in list({held.node.uid: held.node for held in all_grants(site)}.values()):
        kept: dict[tuple[str, str], Grant] = {}
        theirs = 0
        for given in node.grants:
            made = given
            if f"user:{given.by}" == old:
                made = made._replace(by=new.removeprefix("user:"))
            if given.principal == old:
                made = made._replace(principal=new)
                theirs += given.is_active()
            known = kept.get((made.principal, made.role))
            kept[made.principal, made.role] = made if known is None else _wider(known, made)
        grants = tuple(kept.values())
        if grants != node.grants:
            _put(node, grants, by, f"{old} → {new}")
            count += theirs
            nodes.append(node)
    return Passed(count, tuple(nodes))


def pass_back(node: Node, grants: tuple[Grant, ...], *, by: Actor) -> None:
    """Let a node have the grants again that it had before they were passed on.

    Raises Forbidden without the security duty, Conflict for a holder who is no longer there or has no open account.
    """
    require_duty(by, Permission.SECURITY)
    directory = site_of(node).directory
    now = {given.principal for given in node.grants}
    for principal in {given.principal for given in grants} - now:
        if principal.startswith("user:"):
            in_use(site_of(node), principal.removeprefix("user:"))
        unit = directory.unit(principal.removeprefix("unit:"))
        if not directory.exists(principal) or (principal.startswith("unit:") and unit.closed):
            raise Conflict(_("“${who}”已不存在或已停用。", mapping={"who": principal}))
    _put(node, grants, by, "←")


def in_use(site: SiteGroup, user_id: str) -> User:
    """The open account of somebody to whom something goes back; raises Conflict where there is none."""
    user = site.directory.user(user_id)
    if user is None or user.disabled:
        raise Conflict(
            _("“${who}”的账号已停用，请先启用账号再撤销移交。", mapping={"who": user_id})
        )
    return user


def require_handing(item: Item, by: Actor) -> None:
    """Raise Forbidden for who may not say whose an item is: administrators who hand over, and its managers."""
    duties = (Permission.SYSTEM, Permission.SECURITY)
    if by.is_system or any(permits_duty(by, duty) for duty in duties):
        return
    if "manager" not in roles_on(by, item):
        raise Forbidden(_("您没有在“${title}”上进行此操作的权限。", mapping={"title": item.title}))


@undoable
def _put(node: Node, grants: tuple[Grant, ...], by: Actor, comment: str) -> None:
    node.grants = grants
    site_of(node).catalog.rights_changed(node)
    record(by, PASS_ON, node, comment=comment)


def _wider(one: Grant, other: Grant) -> Grant:
    """Of two grants of one role to one person, the one that reaches further."""
    return max(one, other, key=lambda g: (g.is_active(), g.may_delegate, g.until or FOREVER))
