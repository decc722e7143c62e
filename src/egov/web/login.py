"""Signing in and out."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPFound
from pyramid.view import view_config

from egov.base.errors import Invalid
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.operations.accounts import log_in, log_out
from egov.web.security import COOKIE

TEMPLATE = "egov.web:templates/login.pt"


def safe_target(came_from: str) -> str:
    """A path on this site, or the dashboard for anything else."""
    ok = (
        came_from.startswith("/")
        and not came_from.startswith(("//", "/\\"))
        and came_from.isprintable()
    )
    return came_from if ok and "\\" not in came_from else "/manage"


@view_config(
    route_name="login", request_method="GET", renderer=TEMPLATE, permission=Permission.PUBLIC
)
def show_login(request: Any) -> Any:
    """The sign-in page."""
    if not request.actor.is_anonymous:
        return HTTPFound(safe_target(request.params.get("came_from", "")))
    return _page(request)


@view_config(
    route_name="login", request_method="POST", renderer=TEMPLATE, permission=Permission.PUBLIC
)
def do_login(request: Any) -> Any:
    """Sign in; a failure is committed, so that it counts."""
    user_id, password = request.POST.get("id", ""), request.POST.get("password", "")
    settings = request.registry.egov
    address, agent = request.client_addr or "", request.user_agent or ""
    try:
        started = log_in(
            request.site, user_id, password, settings=settings, address=address, agent=agent
        )
    except Invalid as error:
        return _page(request, error.message)
    if started is None:
        return _page(request, _("用户名或密码不对，请重新输入。"))
    response = HTTPFound(safe_target(request.params.get("came_from", "")))
    response.set_cookie(
        COOKIE, started[0], httponly=True, samesite="Lax", secure=settings.secure_cookies
    )
    return response


@view_config(route_name="logout", permission=Permission.AUTHENTICATED)
def do_logout(request: Any) -> Any:
    """Sign out and forget the cookie."""
    log_out(request.site, request.login_session, by=request.actor)
    response = HTTPFound("/login")
    response.delete_cookie(COOKIE)
    return response


def _page(request: Any, error: Message = "") -> dict[str, Any]:
    return {
        "error": error,
        "came_from": safe_target(request.params.get("came_from", "")),
        "user_id": request.POST.get("id", ""),
        "site_title": request.site.title,
    }
