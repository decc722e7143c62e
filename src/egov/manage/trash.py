"""The trash: what was deleted, by whom, from where; and the way back."""

from __future__ import annotations

from typing import Any

from pyramid.view import view_config

from egov.base import clock
from egov.base.errors import EgovError
from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.base.text import as_number
from egov.manage.frame import done, page
from egov.model.container import Container
from egov.model.node import path_of
from egov.model.site import SiteGroup
from egov.operations.tree import discarded, undelete

SHOWN = 200


@view_config(route_name="manage", context=SiteGroup, name="trash", permission=Permission.AUTHENTICATED,
             request_method="GET", renderer="templates/trash.pt")  # fmt: skip
def show_trash(context: SiteGroup, request: Any) -> dict[str, Any]:
    """What this person may bring back, newest first."""
    directory = context.directory
    return page(request, context, _("回收站")) | {
        "entries": [
            {
                "uid": entry.node.uid,
                "title": entry.node.title,
                "icon": entry.node.type_info.icon,
                "type": entry.node.type_info.title,
                "inside": len(entry.node) if isinstance(entry.node, Container) else 0,
                "where": path_of(context.catalog.node(entry.parent_uid)),
                "by": directory.title_of(f"user:{entry.by}"),
                "at": clock.stamp(entry.at),
            }
            for entry in discarded(context, request.actor, limit=SHOWN)
        ]
    }


@view_config(route_name="manage", context=SiteGroup, name="trash", permission=Permission.AUTHENTICATED,
             request_method="POST")  # fmt: skip
def do_trash(context: SiteGroup, request: Any) -> Any:
    """Bring one thing back to where it stood."""
    uid = as_number(request.POST.get("uid"))
    try:
        node = undelete(context, uid, by=request.actor)
    except EgovError as error:
        return done(request, context, error.message, "trash", "danger")
    return done(request, node, _("已从回收站恢复“${title}”。", mapping={"title": node.title}))
