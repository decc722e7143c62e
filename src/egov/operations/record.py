"""What every operation begins and ends with: the right, and the record."""

from __future__ import annotations

import hashlib

from egov.base.errors import Forbidden, Invalid
from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.history.audit import HASHES
from egov.history.trail import note
from egov.model.item import Item
from egov.model.node import Node
from egov.model.site import SiteGroup, site_of
from egov.security.policy import permits, permits_duty
from egov.security.principals import Actor


def require(by: Actor, permission: Permission, node: Node) -> None:
    """Raise Forbidden unless the actor has the permission on the node."""
    if not permits(by, permission, node):
        raise Forbidden(_("您没有在“${title}”上进行此操作的权限。", mapping={"title": node.title}))


def require_duty(by: Actor, *duties: Permission) -> None:
    """Raise Forbidden unless the actor has one of the duties (jobs and commands have them all)."""
    if not by.is_system and not any(permits_duty(by, duty) for duty in duties):
        raise Forbidden(_("您没有进行此操作的职责。"))


# What happens to an item's draft shows on no public page; every other action may.
_DRAFT_WORK = frozenset(
    {
        "create",
        "copy",
        "edit",
        "change",
        "review_date",
        "reviewed",
        "submit",
        "retract",
        "approve",
        "return",
        "restore",
        "discard_draft",
        "offer",
        "take_back",
        "offer_changes",
        "offer_declined",
        "waive",
        "hand_over",
        "remark",
        "resolve",
        "assign",
        "make_pass",
        "revoke_pass",
    }
)
_DESK_WORK = frozenset({"arrange_blocks", "discard_arrangement", "commission"})


def record(by: Actor, action: str, node: Node, *, edition: int = 0, comment: str = "") -> None:
    """Write the node's trail and the audit log; the node must be in the tree.

    Notes in the catalog that public pages may have changed, unless only a draft was worked on.
    """
    note(node, by, action, edition=edition, comment=comment)
    site = site_of(node)
    site.audit.append(by, action, node, reason=comment)
    is_draft_work = action in (_DRAFT_WORK if isinstance(node, Item) else _DESK_WORK)
    if not is_draft_work:
        site.catalog.revision.change(1)
        if isinstance(node, Item):
            site.catalog.journal.note(node.uid)


def record_site(by: Actor, action: str, site: SiteGroup, *, reason: str = "") -> None:
    """Write the audit log for something that concerns no node."""
    site.audit.append(by, action, reason=reason)


def set_audit_hash(site: SiteGroup, chosen: str, *, by: Actor) -> None:
    """Chain the audit records to come by another hash; those before keep theirs.

    Raises Forbidden without the audit duty, Invalid for a hash that is not known, here or on this machine.
    """
    require_duty(by, Permission.AUDIT)
    if chosen not in HASHES or chosen not in hashlib.algorithms_available:
        known = "、".join(HASHES)
        raise Invalid(
            _(
                "没有“${name}”这种校验算法，可用：${known}。",
                mapping={"name": chosen, "known": known},
            )
        )
    site.audit.hash = chosen
    record_site(by, "audit_hash", site, reason=chosen)


def record_read(by: Actor, what: str, node: Node) -> None:
    """Write the audit log for a look at personal data: whose, or how many."""
    site_of(node).audit.append(by, "read_personal", node, reason=what)
