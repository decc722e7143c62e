"""Publishing and taking down at a set time, and the job that does it."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from egov.base import clock
from egov.base.errors import EgovError, Forbidden, Invalid
from egov.base.i18n import _, told
from egov.catalog.agenda import EXPIRE, PUBLISH, Due
from egov.model.item import Item
from egov.model.site import SiteGroup, site_of
from egov.operations.notices import tell, writers
from egov.operations.record import record
from egov.operations.workflow import advance
from egov.security.policy import roles_on, table_for
from egov.security.principals import SYSTEM_ACTOR, Actor

log = logging.getLogger(__name__)


def may_schedule(item: Item, by: Actor) -> bool:
    """Whether a person may set the times of an item: who may publish it."""
    steps = (step for step in table_for(item).transitions if step.name == PUBLISH)
    return by.is_system or any(not step.roles.isdisjoint(roles_on(by, item)) for step in steps)


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


def do_due(site: SiteGroup, due: Due) -> bool:
    """Do one thing that is due, and forget it; False where it could not be done, which is recorded.

    Whoever does it again finds nothing to do.
    """
    site.catalog.agenda.drop(due)
    item = site.catalog.node(due.uid)
    if not isinstance(item, Item):
        return False
    at = item.publish_at if due.what == PUBLISH else item.expire_at
    if at is None or clock.micros(at) != due.at:
        return False  # set anew meanwhile
    try:
        if due.what == PUBLISH:
            item.publish_at = None
            advance(item, "publish", by=SYSTEM_ACTOR, comment=str(_("按时发布")))
        else:
            item.expire_at = None
            advance(item, "unpublish", by=SYSTEM_ACTOR, comment=str(_("到期下线")))
    except EgovError as error:
        log.warning("due %s of %s not done: %s", due.what, item.uid, error)
        reason = told(error.message)
        site.audit.append(SYSTEM_ACTOR, due.what, item, outcome="failed", reason=reason)
        tell(writers(item), "failed", item, by=SYSTEM_ACTOR, text=reason)
        return False
    return True
