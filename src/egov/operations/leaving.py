"""What a person leaves behind who goes: drafts, open offers and grants; and handing the drafts over."""

from __future__ import annotations

from typing import NamedTuple

from egov.base.errors import Invalid
from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.model.item import Item
from egov.model.site import SiteGroup
from egov.operations.accounts import set_disabled
from egov.operations.delegation import Held, all_grants
from egov.operations.record import record, require_duty
from egov.security.principals import Actor, User


class Left(NamedTuple):
    """What a person has at work, and which rights they hold and gave."""

    drafts: list[Item]
    held: list[Held]
    given: list[Held]


def left_by(site: SiteGroup, user: User) -> Left:
    """What a person would leave behind."""
    grants = [held for held in all_grants(site) if held.grant.is_active()]
    return Left(
        drafts=[item for item in _at_work(site) if item.owner == user.id],
        held=[held for held in grants if held.grant.principal == f"user:{user.id}"],
        given=[held for held in grants if held.grant.by == user.id],
    )


def hand_over(site: SiteGroup, user: User, to: User, *, by: Actor) -> int:
    """Give all drafts of a person to another and close the account; returns how many drafts there were.

    Grants stay on record and open nothing while the account is closed: only who may delegate gives them to another.
    Raises Forbidden without the system duty, Invalid for the same or a closed account, Conflict for the last of a duty.
    """
    require_duty(by, Permission.SYSTEM)
    if to is user or to.disabled:
        message = _("请选择另一位在用的人员。")
        raise Invalid(message, {"to": message})
    drafts = left_by(site, user).drafts
    for item in drafts:
        item.owner = to.id
        record(by, "hand_over", item, comment=f"{user.id} → {to.id}")
    if not user.disabled:
        set_disabled(site, user, True, by=by)
    return len(drafts)


def _at_work(site: SiteGroup) -> list[Item]:
    found = []
    for shelf in site.catalog.shelves_of("work"):
        if shelf[1] in ("published", "withdrawn", "unpublished", "placed"):
            continue
        for stream in site.catalog.shelves[shelf].values():
            for uid in stream.dates.values():
                node = site.catalog.node(uid)
                if isinstance(node, Item):
                    found.append(node)
    return found
