"""Setting when an item is published and taken down."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pyramid.view import view_config

from egov.base import clock
from egov.base.errors import Invalid
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.catalog.links import leads_to
from egov.manage.frame import done, page
from egov.model.item import Item
from egov.operations.publishing import backdate, confirm, supersede
from egov.operations.schedule import may_schedule, schedule
from egov.security.policy import permits
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
    new = request.site.catalog.node(context.superseded_by) if context.superseded_by else None
    title = _("“${title}”的发布时间与取代", mapping={"title": context.title})
    return page(request, context, title) | {
        "sent": sent,
        "error": error,
        "may_schedule": may_schedule(context, request.actor),
        "published_at": _local(context.published_at),
        "successor": new.title if new is not None else "",
    }


@view_config(route_name="manage", context=Item, name="schedule", permission=Permission.PREVIEW,
             request_method="POST", renderer="templates/schedule.pt")  # fmt: skip
def do_schedule(context: Item, request: Any) -> Any:
    """Set the times, another date of publication, or what supersedes it; what was typed comes back when it is wrong."""
    keys = ("publish_at", "expire_at", "at", "reason", "successor")
    sent = {key: request.POST.get(key, "").strip()[:500] for key in keys}
    what, by = request.POST.get("do", ""), request.actor
    try:
        if what == "backdate":
            _backdate(context, sent, by)
        elif what == "supersede":
            supersede(context, _found(request, sent["successor"]), by=by)
        else:
            schedule(context, _moment(sent["publish_at"]), _moment(sent["expire_at"]), by=by)
    except Invalid as error:
        return _schedule_page(context, request, sent, error.message)
    return done(request, context, _("已设定“${title}”。", mapping={"title": context.title}))


def _backdate(item: Item, sent: dict[str, str], by: Any) -> None:
    at = _moment(sent["at"])
    if at is None:
        raise Invalid(_("请填写发布时间。"))
    backdate(item, at, sent["reason"], by=by)


def _found(request: Any, address: str) -> Item | None:
    """The item at an address of this site; None for no address. Raises Invalid where there is none to be seen."""
    if not address:
        return None
    node = leads_to(request.site, address)
    if not isinstance(node, Item) or not permits(request.actor, Permission.VIEW, node):
        raise Invalid(_("这个网址没有公开的内容：${address}", mapping={"address": address[:100]}))
    return node


@view_config(route_name="manage", context=Item, name="confirm", permission=Permission.PREVIEW,
             request_method="POST")  # fmt: skip
def do_confirm(context: Item, request: Any) -> Any:
    """Review afterwards what was published without."""
    confirm(context, by=request.actor, comment=request.POST.get("comment", ""))
    return done(request, context, _("“${title}”已补审通过。", mapping={"title": context.title}))


def _moment(raw: str) -> datetime | None:
    if not raw:
        return None
    try:
        return datetime.fromisoformat(raw).replace(tzinfo=clock.OFFICE_ZONE)
    except ValueError:
        raise Invalid(_("时间的写法不对。")) from None


def _local(at: datetime | None) -> str:
    return clock.local(at).strftime("%Y-%m-%dT%H:%M") if at is not None else ""
