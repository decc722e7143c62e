"""The readers' form, and the editors' list."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.traversal import find_resource
from pyramid.view import view_config

from egov.base import clock
from egov.base.errors import EgovError, Invalid
from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.base.text import as_number
from egov.features.corrections.register import (
    Correction,
    corrections_of,
    handle,
    tell,
)
from egov.manage.frame import done
from egov.manage.frame import page as manage_page
from egov.model.container import Container
from egov.model.node import Node
from egov.model.site import SiteGroup, Subsite
from egov.operations.record import record_read
from egov.operations.submissions import receives
from egov.public.frame import page
from egov.security.policy import permits
from egov.security.principals import ANONYMOUS
from egov.web.hant import PREFIX, in_hant
from egov.web.looks import page_before
from egov.web.urls import manage_url, public_url

SHOWN = 200


@view_config(context=SiteGroup, name="correct", permission=Permission.PUBLIC, request_method="GET",
             renderer="templates/correct.pt")  # fmt: skip
def show_form(context: SiteGroup, request: Any) -> dict[str, Any]:
    """The form about one page: the one that is named, or from which the link in the footer was followed."""
    if (path := request.GET.get("at")) is not None:
        return _form(context, request, _node_at(context, request, path))
    try:
        node = _node_at(context, request, _path_before(request))
    except HTTPNotFound:
        node = context
    return _form(context, request, node)


def _path_before(request: Any) -> str:
    path = page_before(request).partition("?")[0]
    return (path.removeprefix(PREFIX) if in_hant(path) else path).partition("/@@")[0] or "/"


def _node_at(site: SiteGroup, request: Any, path: str) -> Node:
    try:
        found = find_resource(site, path if path.startswith("/") else "/")
    except (KeyError, UnicodeDecodeError, ValueError):
        raise HTTPNotFound from None
    if not isinstance(found, Node) or not permits(request.actor, Permission.VIEW, found):
        raise HTTPNotFound
    return found


def _form(
    site: SiteGroup, request: Any, node: Node, error: EgovError | None = None, is_done: bool = False
) -> dict[str, Any]:
    shown = page(request, site, site, title=_("我要纠错"))
    about = shown["page"]
    about.crumbs, about.robots = "", "noindex"
    return shown | {
        "about_title": getattr(node, "live_title", "") or node.title,
        "about_url": public_url(node),
        "sent": {key: request.POST.get(key, "") for key in ("text", "contact")},
        "error": error.message if error else "",
        "wrong": error.fields if isinstance(error, Invalid) else {},
        "is_done": is_done,
    }


@view_config(context=SiteGroup, name="correct", permission=Permission.PUBLIC, request_method="POST",
             renderer="templates/correct.pt")  # fmt: skip
def send_form(context: SiteGroup, request: Any) -> dict[str, Any]:
    """Take what a reader says; a field that no person sees catches machines."""
    sent = request.POST
    node = _node_at(context, request, sent.get("at", "/"))
    if sent.get("website"):
        return _form(context, request, node, is_done=True)
    by = request.actor
    if by.is_anonymous:
        by = ANONYMOUS.at(request.client_addr or "")
    try:
        tell(node, sent.get("text", ""), sent.get("contact", ""), by=by)
    except EgovError as error:
        return _form(context, request, node, error)
    return _form(context, request, node, is_done=True)


@view_config(route_name="manage", context=SiteGroup, name="corrections", permission=Permission.AUTHENTICATED,
             request_method="GET", renderer="templates/corrections.pt")  # fmt: skip
@view_config(route_name="manage", context=Subsite, name="corrections", permission=Permission.AUTHENTICATED,
             request_method="GET", renderer="templates/corrections.pt")  # fmt: skip
def show_corrections(context: Container, request: Any) -> dict[str, Any]:
    """What readers told of this site, the open ones first."""
    if not receives(request.actor, context):
        raise HTTPNotFound
    site = request.site
    found = list(corrections_of(site).of_site(context.uid))[:SHOWN]
    found.sort(key=lambda c: not c.is_open)
    # Who looks as somebody else tries out rights; the readers' addresses are not theirs to read in that name.
    told = not request.login_session.seen_as
    left = sum(1 for correction in found if correction.contact)
    if left and told:
        record_read(request.actor, f"{left} contacts", context)
    title = _("“${title}”的纠错", mapping={"title": context.title})
    return manage_page(request, context, title) | {"rows": [_row(site, c, told) for c in found]}


def _row(site: SiteGroup, correction: Correction, with_contact: bool) -> dict[str, Any]:
    node = site.catalog.node(correction.node)
    return {
        "key": correction.key,
        "title": correction.title,
        "url": manage_url(node) if node is not None else "",
        "text": correction.text,
        "contact": correction.contact if with_contact else "",
        "at": clock.stamp(correction.at),
        "is_open": correction.is_open,
        "reply": correction.reply,
        "handled": clock.stamp(correction.handled_at),
        "handled_by": site.directory.title_of(f"user:{correction.handled_by}")
        if correction.handled_by
        else "",
    }


@view_config(route_name="manage", context=SiteGroup, name="corrections", permission=Permission.AUTHENTICATED,
             request_method="POST")  # fmt: skip
@view_config(route_name="manage", context=Subsite, name="corrections", permission=Permission.AUTHENTICATED,
             request_method="POST")  # fmt: skip
def do_corrections(context: Container, request: Any) -> Any:
    """Note what was done about one of them."""
    key = as_number(request.POST.get("key"))
    try:
        made = handle(context, key, request.POST.get("reply", ""), by=request.actor)
    except EgovError as error:
        if not receives(request.actor, context):
            raise
        return done(request, context, error.message, "corrections", "danger")
    return done(
        request, context, _("已处理：${title}", mapping={"title": made.title}), "corrections"
    )
