"""What a person leaves behind who goes: drafts, what waits for them and grants; handing it over in one step."""

from __future__ import annotations

from typing import NamedTuple

from egov.base.errors import Invalid
from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.catalog import reads
from egov.model.item import Item
from egov.model.site import SiteGroup
from egov.operations.accounts import close
from egov.operations.delegation import Held, all_grants
from egov.operations.notices import tell
from egov.operations.passing import pass_on
from egov.operations.record import record, record_site, require_duty
from egov.security.policy import permits_duty
from egov.security.principals import Actor, User


class Left(NamedTuple):
    """What a person has at work, what waits for them, and which rights they hold and gave."""

    drafts: list[Item]
    waiting: list[Item]
    held: list[Held]
    given: list[Held]


class HandedOver(NamedTuple):
    """How much has been handed over."""

    drafts: int
    waiting: int
    grants: int


def left_by(site: SiteGroup, user: User) -> Left:
    """What a person would leave behind."""
    grants = [held for held in all_grants(site) if held.grant.is_active()]
    waiting = (site.catalog.node(uid) for uid in site.tasks.of(user.id))
    return Left(
        drafts=list(reads.drafts_of(site, user.id)),
        waiting=[item for item in waiting if isinstance(item, Item)],
        held=[held for held in grants if held.grant.principal == f"user:{user.id}"],
        given=[held for held in grants if held.grant.by == user.id],
    )


def hand_over(site: SiteGroup, user: User, to: User, *, by: Actor) -> HandedOver:
    """Give a person's drafts and what waits for them to another, and close the account.

    The security administrator so hands over their grants, too: with the same role, place, end and giver, and what the
    person has handed on stands by the other from now on. Membership of groups and units is not handed over.
    Raises Forbidden without the system or the security duty, Invalid for the same, a closed or one's own account,
    Conflict for the last of a duty. Tells the other.
    """
    require_duty(by, Permission.SYSTEM, Permission.SECURITY)
    if to is user or to.disabled or by.id in (to.id, user.id):
        message = _("请选择另一位在用的人员，不能移交给自己。")
        raise Invalid(message, {"to": message})
    if not user.disabled:
        close(site, user)
    left = left_by(site, user)
    for item in left.drafts:
        item.owner = to.id
        site.catalog.index(item)
        record(by, "hand_over", item, comment=f"{user.id} → {to.id}")
    for item in left.waiting:
        _reassign(site, item, to, by)
    gives = by.is_system or permits_duty(by, Permission.SECURITY)
    grants = pass_on(site, f"user:{user.id}", f"user:{to.id}", by=by) if gives else 0
    found = HandedOver(len(left.drafts), len(left.waiting), grants)
    record_site(
        by,
        "leave",
        site,
        reason=f"{user.id} → {to.id}: {found.drafts}, {found.waiting}, {found.grants}",
    )
    return found


def _reassign(site: SiteGroup, item: Item, to: User, by: Actor) -> None:
    given = item.desk.assignment if item.desk is not None else None
    if item.desk is None or given is None:
        return
    site.tasks.remove(given, item.uid)
    item.desk.assignment = given._replace(to=to.id)
    site.tasks.add(item.desk.assignment, item.uid)
    record(by, "assign", item, edition=item.work.number, comment=f"{given.to} → {to.id}")
    tell([to.id], "assign", item, by=by, text=given.note)
