"""Setting when an item is published and taken down."""

from __future__ import annotations

from datetime import UTC, datetime

from egov.base import clock
from egov.base.errors import Forbidden, Invalid
from egov.base.i18n import _
from egov.catalog.agenda import EXPIRE, PUBLISH
from egov.model.item import Item
from egov.model.site import site_of
from egov.operations.keeping import undoable
from egov.operations.record import record
from egov.security.policy import roles_on, table_for
from egov.security.principals import Actor


def may_schedule(item: Item, by: Actor) -> bool:
    """Whether a person may set the times of an item: who may publish it."""
    steps = (step for step in table_for(item).transitions if step.name == PUBLISH)
    return by.is_system or any(not step.roles.isdisjoint(roles_on(by, item)) for step in steps)


@undoable
def schedule(
    item: Item, publish_at: datetime | None, expire_at: datetime | None, *, by: Actor
) -> None:
    """Set when the draft is to be published and when the item is to be taken down; None for never.

    Raises Forbidden for who may not publish it, Invalid for a moment that has passed or an end before the beginning.
    """
    if not may_schedule(item, by):
        raise Forbidden(_("您没有在“${title}”上进行此操作的权限。", mapping={"title": item.title}))
    # What is stored has no zone of its own.
    publish_at = publish_at.astimezone(UTC) if publish_at else None
    expire_at = expire_at.astimezone(UTC) if expire_at else None
    now = clock.now()
    for field, at, known in (
        ("publish_at", publish_at, item.publish_at), ("expire_at", expire_at, item.expire_at),
    ):  # fmt: skip
        if at is not None and at != known and at <= now:
            message = _("时间必须晚于现在。")
            raise Invalid(message, {field: message})
    if publish_at and expire_at and expire_at <= publish_at:
        message = _("下线时间必须晚于发布时间。")
        raise Invalid(message, {"expire_at": message})
    agenda = site_of(item).catalog.agenda
    agenda.set(item.uid, PUBLISH, item.publish_at, publish_at)
    agenda.set(item.uid, EXPIRE, item.expire_at, expire_at)
    item.publish_at, item.expire_at = publish_at, expire_at
    times = f"{clock.stamp(publish_at) or '-'} → {clock.stamp(expire_at) or '-'}"
    record(by, "schedule", item, comment=times)
