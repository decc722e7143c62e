"""Who has one permission on a node: person by person, each with the grants that decide."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from egov.base.permissions import Permission
from egov.model.node import Node, lineage
from egov.model.site import site_of
from egov.security.grants import EVERYBODY
from egov.security.policy import Source, cell_for, permits, reaching
from egov.security.principals import Directory, User, actor_for


class Holder(NamedTuple):
    """Somebody who has the permission; `user` is None for everybody and for all who are signed in."""

    principal: str
    user: User | None
    sources: tuple[Source, ...]
    is_owner: bool = False


def holders(node: Node, permission: Permission) -> Iterator[Holder]:
    """Everybody, where that is granted, then the open accounts that have it by themselves, groups or units.

    What everybody has is told once and not of each person again.
    """
    directory: Directory = site_of(node).directory
    cell = cell_for(permission, node)
    everyone = frozenset(g.principal for above in lineage(node) for g in above.grants)
    sources = [
        Source(grant.role, grant, where)
        for grant, where in reaching(everyone, node)
        if grant.role in cell
    ]
    for whole in sorted(EVERYBODY):
        if own := tuple(s for s in sources if s.grant.principal == whole):
            yield Holder(whole, None, own)
    sources = [s for s in sources if s.grant.principal not in EVERYBODY]
    for user in directory.users.values():
        found = _of_person(user, node, permission, cell, sources)
        if found is not None:
            yield found


def _of_person(
    user: User, node: Node, permission: Permission, cell: frozenset[str], sources: list[Source]
) -> Holder | None:
    if user.disabled:
        return None
    principals = user.principals
    own = tuple(source for source in sources if source.grant.principal in principals)
    is_owner = "owner" in cell and node.owner == user.id
    if not (own or is_owner) or not permits(actor_for(user), permission, node):
        return None
    return Holder(f"user:{user.id}", user, own, is_owner)
