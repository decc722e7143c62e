"""Grants that go from one holder to another who comes in their place."""

from __future__ import annotations

from egov.model.site import SiteGroup
from egov.operations.delegation import FOREVER, all_grants
from egov.operations.record import record
from egov.security.grants import Grant
from egov.security.principals import Actor


def pass_on(site: SiteGroup, old: str, new: str, *, by: Actor) -> int:
    """Put one principal in another's place, as holder and as giver; returns how many grants were the old one's.

    Role, place, end and giver stay; of two grants of a role the one that reaches further is kept. Whoever calls has
    checked the right. Writes the nodes, their trails and the audit log.
    """
    count = 0
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
            node.grants = grants
            site.catalog.rights_changed(node)
            record(by, "pass_on_grants", node, comment=f"{old} → {new}")
            count += theirs
    return count


def _wider(one: Grant, other: Grant) -> Grant:
    """Of two grants of one role to one person, the one that reaches further."""
    return max(one, other, key=lambda g: (g.is_active(), g.may_delegate, g.until or FOREVER))
