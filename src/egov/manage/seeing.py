"""Looking at the site group as somebody else sees it: reading only, and on record."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPFound, HTTPNotFound
from pyramid.view import view_config

from egov.base.permissions import Permission
from egov.model.site import SiteGroup
from egov.operations.record import record_site, require
from egov.web.security import who_really_asks


@view_config(route_name="manage", context=SiteGroup, name="see-as", permission=Permission.AUTHENTICATED,
             request_method="POST")  # fmt: skip
def see_as(context: SiteGroup, request: Any) -> Any:
    """Begin to look as a person, or stop; for who manages the whole site group."""
    session, by = request.login_session, who_really_asks(request)
    if request.POST.get("do") == "stop":
        session.seen_as = ""
        return HTTPFound("/manage")
    require(by, Permission.GRANT, context)
    user = context.directory.user(request.POST.get("id", ""))
    if user is None or user.disabled or user.id == by.id:
        raise HTTPNotFound
    session.seen_as = user.id
    record_site(by, "see_as", context, reason=user.id)
    return HTTPFound("/manage")
