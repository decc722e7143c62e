"""May this actor do this to this node? One rule, computed when asked, and able to say why.

roles(principals, node) = the grants up the lineage until a node that does not inherit.
permits(actor, permission, node) = roles ∩ table[state][permission].
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from pyramid import authorization
from pyramid.authorization import DENY_ALL, Allow

from egov.base import clock
from egov.base.permissions import NODE_PERMISSIONS, Permission
from egov.model.container import Container
from egov.model.item import Item
from egov.model.node import Node, lineage, set_acl_source
from egov.model.placement import Placement
from egov.model.types import TypeInfo
from egov.security.grants import AUTHENTICATED, EVERYONE, Grant
from egov.security.principals import Actor
from egov.workflow.stock import get_table
from egov.workflow.table import Table, Transition

HELD_BACK_BY_HIDDEN = "reader"

_PERMISSIONS = frozenset(p.value for p in NODE_PERMISSIONS)


class Source(NamedTuple):
    """A role that somebody has on a node, and the grant on the node above that gave it."""

    role: str
    grant: Grant
    node: Node


class Explanation(NamedTuple):
    """Why a decision fell as it did; true in a condition when it was a yes."""

    allowed: bool
    permission: str
    state: str
    cell: frozenset[str]
    sources: tuple[Source, ...]
    is_owner: bool
    stopped_at: Node | None

    def __bool__(self) -> bool:
        return self.allowed

    @property
    def deciding(self) -> tuple[Source, ...]:
        """The sources whose role stands in the deciding cell."""
        return tuple(source for source in self.sources if source.role in self.cell)


def table_for(node: Node) -> Table:
    """The workflow table of a node: its type's, unless the nearest container above says otherwise."""
    if isinstance(node, Item):
        return table_in(node.__parent__, node.type_info)
    return get_table(node.type_info.workflow)


def table_in(container: Node | None, kind: TypeInfo) -> Table:
    """The workflow table that items of a type follow in a container."""
    chosen, above = "", container
    while above is not None:
        if not chosen and isinstance(above, Container) and above.workflows:
            chosen = above.workflows.get(kind.name) or above.workflows.get("*") or ""
        if above.__parent__ is None:
            return get_table(chosen or kind.workflow, getattr(above, "tables", None))
        above = above.__parent__
    return get_table(kind.workflow)


def reaching(principals: frozenset[str], node: Node) -> Iterator[tuple[Grant, Node]]:
    """The principals' active grants that reach a node, nearest first: the rule of inheritance, in one place."""
    held_back = False
    current: Node | None = node
    while current is not None:
        for grant in current.grants:
            withheld = held_back and grant.role == HELD_BACK_BY_HIDDEN
            if grant.principal in principals and not withheld and grant.is_active():
                yield grant, current
        if not current.inherits:
            return
        held_back = held_back or current.state == "hidden"
        current = current.__parent__


def sources_of(principals: frozenset[str], node: Node) -> tuple[list[Source], Node | None]:
    """The grants that reach a node from its lineage, and the node at which inheritance stopped."""
    found = [Source(grant.role, grant, where) for grant, where in reaching(principals, node)]
    return found, next((n for n in lineage(node) if not n.inherits), None)


def roles_of(principals: frozenset[str], node: Node) -> frozenset[str]:
    """The roles that the principals have on a node."""
    return frozenset([grant.role for grant, _where in reaching(principals, node)])


def roles_on(actor: Actor, node: Node) -> frozenset[str]:
    """The actor's roles on a node, `owner` included: who created it and is still an author there."""
    roles = roles_of(actor.principals, node)
    if "author" in roles and actor.id and node.owner == actor.id:
        return roles | {"owner"}
    return roles


def deciding_state(permission: str, node: Node) -> str:
    """The state that decides: of the live edition for `view`, of the edition at work for all else."""
    if permission == Permission.VIEW and isinstance(node, Item):
        if node.expire_at is not None and clock.now() >= node.expire_at:
            return "unpublished"  # at the moment itself, whenever the job comes to it
        return node.live_state
    return node.state


def cell_for(permission: str, node: Node) -> frozenset[str]:
    """The roles that have the permission on the node in its present state."""
    state = table_for(node).states.get(deciding_state(permission, node))
    return state.roles(permission) if state else frozenset()


def permits(actor: Actor, permission: str, node: Node) -> bool:
    """Whether the actor has the permission on the node."""
    if permission not in _PERMISSIONS:
        return permits_duty(actor, permission)
    if actor.is_system:
        return True
    if isinstance(node, Placement) and permission == Permission.VIEW:
        return _in_cell(actor, permission, node) and permits(actor, permission, node.target)
    return _in_cell(actor, permission, node)


def _in_cell(actor: Actor, permission: str, node: Node) -> bool:
    cell = cell_for(permission, node)
    return bool(cell) and not cell.isdisjoint(roles_on(actor, node))


def permits_duty(actor: Actor, permission: str) -> bool:
    """Whether the actor has a duty, or is signed in at all, as the permission asks."""
    if permission == Permission.PUBLIC:
        return True
    if permission == Permission.AUTHENTICATED:
        return not actor.is_anonymous
    return permission in actor.duties


def explain(actor: Actor, permission: str, node: Node) -> Explanation:
    """The decision of `permits` with the grants and the table cell that made it."""
    found, stopped_at = sources_of(actor.principals, node)
    is_owner = "owner" in roles_on(actor, node)
    return Explanation(
        allowed=permits(actor, permission, node),
        permission=permission,
        state=deciding_state(permission, node),
        cell=cell_for(permission, node),
        sources=tuple(found),
        is_owner=is_owner,
        stopped_at=stopped_at,
    )


def obstacle(actor: Actor, step: Transition, node: Node) -> str:
    """Why the actor may not take a step: "role", "author", "person", "voted", or "" when nothing stands in the way."""
    if actor.is_system:
        return ""
    if step.roles.isdisjoint(roles_on(actor, node)):
        return "role"
    if isinstance(node, Item):
        for guard in step.guards:
            if hindered := _GUARDS[guard](actor, node):
                return hindered
        if step.approvals > 1 and actor.id in votes(step, node):
            return "voted"
    return ""


def votes(step: Transition, item: Item) -> list[str]:
    """Who has taken a step that needs several people, on the words at work and since anything else was decided."""
    digest, found = item.work.digest(), []
    for opinion in reversed(item.opinions):
        is_vote = (opinion.action, opinion.state) == (step.name, item.draft_state)
        if not is_vote or opinion.digest != digest:
            break
        found.append(opinion.by)
    return found


def _not_author(actor: Actor, item: Item) -> str:
    return "author" if actor.id in item.work.authors else ""


def _new_person(actor: Actor, item: Item) -> str:
    return (
        "person" if any(o.by == actor.id and o.action == "approve" for o in item.opinions) else ""
    )


_GUARDS: dict[str, Callable[[Actor, Item], str]] = {
    "not_author": _not_author,
    "new_person": _new_person,
}


# DENY_ALL is for Pyramid's Everyone; without the same name it would deny nobody.
_IN_PYRAMID = {EVERYONE: authorization.Everyone, AUTHENTICATED: authorization.Authenticated}


def acl_of(node: Node) -> list[Any]:
    """The node's rights as a Pyramid ACL: for tools that read one; egov itself never does."""
    entries: list[Any] = []
    for permission in NODE_PERMISSIONS:
        cell = cell_for(permission, node)
        held_back = False
        for current in lineage(node):
            for grant in current.grants:
                role = {grant.role} | ({"owner"} if _owns(grant, node) else set())
                withheld = held_back and grant.role == HELD_BACK_BY_HIDDEN
                if grant.is_active() and not withheld and role & cell:
                    whom = _IN_PYRAMID.get(grant.principal, grant.principal)
                    entries.append((Allow, whom, permission.value))
            if not current.inherits:
                break
            held_back = held_back or (current.state == "hidden")
    return [*entries, DENY_ALL]


def _owns(grant: Grant, node: Node) -> bool:
    return grant.role == "author" and grant.principal == f"user:{node.owner}"


set_acl_source(acl_of)
