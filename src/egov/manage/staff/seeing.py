"""Looking at the site group as somebody else sees it: reading only, and on record."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPFound, HTTPNotFound
from pyramid.view import view_config

from egov.base.permissions import Permission
from egov.base.text import as_number
from egov.model.container import Container
from egov.model.node import path_of
from egov.model.site import SiteGroup
from egov.operations.record import record_site, require
from egov.security.grants import ROLE_TITLES
from egov.security.principals import Actor
from egov.web.security import ROLE_SEEN, who_really_asks
from egov.web.urls import manage_url


@view_config(route_name="manage", context=SiteGroup, name="see-as", permission=Permission.AUTHENTICATED,
             request_method="POST")  # fmt: skip
def see_as(context: SiteGroup, request: Any) -> Any:
    """Begin to look as a person, or with a role on a container, or stop; for who manages the whole site group."""
    session, by = request.login_session, who_really_asks(request)
    if request.POST.get("do") == "stop":
        session.seen_as = ""
        return HTTPFound("/manage")
    require(by, Permission.GRANT, context)
    if request.POST.get("do") == "role":
        return _with_role(context, request, by)
    user = context.directory.user(request.POST.get("id", ""))
    if user is None or user.disabled or user.id == by.id:
        raise HTTPNotFound
    session.seen_as = user.id
    record_site(by, "see_as", context, reason=user.id)
    return HTTPFound("/manage")


def _with_role(context: SiteGroup, request: Any, by: Actor) -> Any:
    role = request.POST.get("role", "")
    node = context.catalog.node(as_number(request.POST.get("node")))
    if role not in ROLE_TITLES or not isinstance(node, Container):
        raise HTTPNotFound
    request.login_session.seen_as = f"{ROLE_SEEN}{role}:{node.uid}"
    record_site(by, "see_as", context, reason=f"{role} {path_of(node)}")
    return HTTPFound(manage_url(node))
