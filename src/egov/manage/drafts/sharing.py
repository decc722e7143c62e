"""Links to a draft for people without an account."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.view import view_config

from egov.base import clock
from egov.base.errors import Invalid
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.manage.frame import done, page
from egov.model.item import Item
from egov.operations.assignments import may_assign
from egov.operations.passes import make_pass, revoke_pass
from egov.security.policy import permits
from egov.security.principals import ANONYMOUS
from egov.web.urls import manage_url, public_url

USUAL_DAYS = 3


def share_url(item: Item, actor: Any) -> str:
    """Where links to a draft are made; empty for who may not."""
    return manage_url(item, "share") if item.draft is not None and may_assign(item, actor) else ""


@view_config(route_name="manage", context=Item, name="share", permission=Permission.PREVIEW,
             request_method="GET", renderer="templates/share.pt")  # fmt: skip
def show_share(context: Item, request: Any) -> dict[str, Any]:
    """The links to a draft, and a form for a new one."""
    return _share_page(context, request, {"name": "", "days": str(USUAL_DAYS), "may_decide": ""})


def _share_page(
    context: Item, request: Any, sent: dict[str, str], errors: dict[str, Message] | None = None,
    link: str = "",
) -> dict[str, Any]:  # fmt: skip
    if not may_assign(context, request.actor):
        raise HTTPNotFound
    title_of, place = request.site.directory.title_of, context.__parent__
    return page(request, context, _("把“${title}”给别人看", mapping={"title": context.title})) | {
        "sent": sent,
        "errors": errors or {},
        "link": link,
        "is_public_place": place is not None and permits(ANONYMOUS, Permission.VIEW, place),
        "links": [
            {
                "key": key,
                "name": made.name,
                "by": title_of(f"user:{made.by}"),
                "until": clock.stamp(made.until),
                "may_decide": made.may_decide,
                "is_good": made.is_good,
            }
            for key, made in request.site.passes.of(context.uid)
        ],
    }


@view_config(route_name="manage", context=Item, name="share", permission=Permission.PREVIEW,
             request_method="POST", renderer="templates/share.pt")  # fmt: skip
def do_share(context: Item, request: Any) -> Any:
    """Make a link, which is shown once, or take one back."""
    sent, by = request.POST, request.actor
    if sent.get("do") == "revoke":
        revoke_pass(request.site, context, sent.get("key", ""), by=by)
        return done(request, context, _("链接已收回，不再能打开。"), "share")
    typed = {key: sent.get(key, "").strip()[:100] for key in ("name", "days", "may_decide")}
    days = int(typed["days"]) if typed["days"].isascii() and typed["days"].isdigit() else 0
    try:
        token = make_pass(
            request.site,
            [context],
            typed["name"],
            days,
            by=by,
            may_decide=bool(typed["may_decide"]),
        )
    except Invalid as error:
        return _share_page(context, request, typed, error.fields)
    base = request.registry.egov.base_url or request.host_url
    link = f"{base}/-/preview/{token}{public_url(context)}"
    return _share_page(context, request, typed, link=link)
