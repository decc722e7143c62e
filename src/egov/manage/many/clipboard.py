"""The clipboard: what was cut or copied in one container, for another; and what is dropped there with the mouse."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.view import view_config

from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.manage.frame import done
from egov.manage.many.beginning import start, view_of
from egov.manage.many.selecting import Selection
from egov.model.container import Container
from egov.security.policy import permits

TRANSFERS = ("move", "copy", "place")


def take_up(context: Container, request: Any, chosen: Selection, what: str) -> Any:
    """Put what was chosen on the person's clipboard."""
    request.login_session.clipboard = (what, tuple(chosen.uids))
    names = {"count": len(chosen.uids)}
    message = (
        _("已剪切 ${count} 项。到目标栏目点“粘贴”即可移动过去。", mapping=names)
        if what == "cut"
        else _("已复制 ${count} 项。到目标栏目点“粘贴”即可复制为草稿或引用。", mapping=names)
    )
    return done(request, context, message, view_of(context, request))


@view_config(route_name="manage", context=Container, name="paste", permission=Permission.PREVIEW,
             request_method="POST")  # fmt: skip
def paste(context: Container, request: Any) -> Any:
    """Move, copy or place here what is on the clipboard, or what was dropped; or empty the clipboard."""
    what, session = request.POST.get("do", ""), request.login_session
    view = view_of(context, request)
    if what == "clear":
        session.clipboard = ("", ())
        return done(request, context, _("已清空剪贴板。"), view)
    if what not in TRANSFERS:
        raise HTTPNotFound
    dropped = Selection(context, request, request.POST).uids
    uids = dropped or list(session.clipboard[1])
    if not uids:
        return done(request, context, _("剪贴板是空的。"), view, "warning")
    if what == "move" and not dropped:
        session.clipboard = ("", ())
    return start(context, request, what, uids, {"target": context.uid})


def clipboard(request: Any) -> dict[str, Any] | None:
    """What is on the clipboard, for the pages of containers."""
    session = request.login_session
    if session is None or not session.clipboard[1]:
        return None
    what, uids = session.clipboard
    first = request.site.catalog.node(uids[0])
    is_seen = first is not None and permits(request.actor, Permission.PREVIEW, first)
    return {"cut": what == "cut", "count": len(uids), "first": first.title if is_seen else ""}
