"""What a person was told of, and what they want to be told of."""

from __future__ import annotations

from typing import Any

from pyramid.view import view_config

from egov.base import clock
from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.manage.frame import done, page
from egov.model.site import SiteGroup
from egov.operations.notices import ARRANGED, DIGEST, EVENTS, MAIL, TITLES, mark_read, set_muted
from egov.security.policy import permits
from egov.web.urls import manage_url

SHOWN = 100


@view_config(route_name="manage", context=SiteGroup, name="notices", request_method="GET",
             permission=Permission.AUTHENTICATED, renderer="templates/notices.pt")  # fmt: skip
def show_notices(context: SiteGroup, request: Any) -> dict[str, Any]:
    """The newest notices, and the choice of events."""
    user = request.actor.id
    person = context.directory.user(user)
    read = context.notices.read_until.get(user, 0)
    muted = context.notices.muted.get(user, frozenset())
    return page(request, context, _("提醒")) | {
        "notices": [_row(context, request, *n, read) for n in context.notices.newest(user, SHOWN)],
        "events": [
            (event, title, event not in muted, MAIL + event not in muted)
            for event, title in EVENTS.items()
        ],
        "digest": MAIL + DIGEST not in muted,
        "has_mail": bool(request.registry.egov.mail_host),
        "email": person.email if person is not None else "",  # None: seen with a role
    }


def _row(site: SiteGroup, request: Any, key: int, notice: Any, read: int) -> dict[str, Any]:
    node = site.catalog.node(notice.uid)
    view = "blocks" if notice.event == ARRANGED else ""
    seen = node is not None and permits(request.actor, Permission.PREVIEW, node)
    return {
        "at": clock.stamp(notice.at),
        "event": TITLES[notice.event],
        "title": notice.title,
        "by": notice.by,
        "text": notice.text,
        "url": manage_url(node, view) if node is not None and seen else "",
        "is_new": key > read,
    }


@view_config(route_name="manage", context=SiteGroup, name="notices", request_method="POST",
             permission=Permission.AUTHENTICATED)  # fmt: skip
def do_notices(context: SiteGroup, request: Any) -> Any:
    """Note that all is read, or keep the choice of events."""
    if request.POST.get("do") == "choose":
        wanted = set(request.POST.getall("wanted"))
        offered = [*EVENTS, *(MAIL + event for event in (*EVENTS, DIGEST))]
        set_muted(context, [event for event in offered if event not in wanted], by=request.actor)
        return done(request, context, _("已保存您的选择。"), "notices")
    mark_read(context, by=request.actor)
    return done(request, context, _("已全部标为已读。"), "notices")
