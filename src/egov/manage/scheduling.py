"""Setting when an item is published and taken down."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pyramid.view import view_config

from egov.base import clock
from egov.base.errors import Invalid
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.manage.frame import done, page
from egov.model.item import Item
from egov.operations.schedule import may_schedule, schedule
from egov.web.urls import manage_url


def times(item: Item, actor: Any) -> dict[str, Any]:
    """What an item's page says of its times."""
    return {
        "publish_at": clock.stamp(item.publish_at),
        "expire_at": clock.stamp(item.expire_at),
        "schedule_url": manage_url(item, "schedule") if may_schedule(item, actor) else "",
    }


@view_config(route_name="manage", context=Item, name="schedule", permission=Permission.PREVIEW,
             request_method="GET", renderer="templates/schedule.pt")  # fmt: skip
def show_schedule(context: Item, request: Any) -> dict[str, Any]:
    """The times of an item."""
    sent = {"publish_at": _local(context.publish_at), "expire_at": _local(context.expire_at)}
    return _schedule_page(context, request, sent)


def _schedule_page(
    context: Item, request: Any, sent: dict[str, str], error: Message = ""
) -> dict[str, Any]:
    return page(request, context, _("“${title}”的定时", mapping={"title": context.title})) | {
        "sent": sent, "error": error, "may_schedule": may_schedule(context, request.actor),
    }  # fmt: skip


@view_config(route_name="manage", context=Item, name="schedule", permission=Permission.PREVIEW,
             request_method="POST", renderer="templates/schedule.pt")  # fmt: skip
def do_schedule(context: Item, request: Any) -> Any:
    """Set the times; what was typed comes back when something is wrong."""
    sent = {key: request.POST.get(key, "").strip()[:40] for key in ("publish_at", "expire_at")}
    try:
        schedule(context, _moment(sent["publish_at"]), _moment(sent["expire_at"]), by=request.actor)
    except Invalid as error:
        return _schedule_page(context, request, sent, error.message)
    return done(request, context, _("已设定“${title}”的时间。", mapping={"title": context.title}))


def _moment(raw: str) -> datetime | None:
    if not raw:
        return None
    try:
        return datetime.fromisoformat(raw).replace(tzinfo=clock.OFFICE_ZONE)
    except ValueError:
        raise Invalid(_("时间的写法不对。")) from None


def _local(at: datetime | None) -> str:
    return clock.local(at).strftime("%Y-%m-%dT%H:%M") if at is not None else ""
