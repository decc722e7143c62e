"""Signing in and out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from pyramid.httpexceptions import HTTPFound
from pyramid.view import view_config

from egov.base.errors import EgovError, Invalid
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.operations.accounts import log_out
from egov.operations.credentials import confirm_code, reset_of, use_reset
from egov.operations.passkeys import Party, begin_confirming, confirm_passkey
from egov.operations.signing_in import Started, log_in
from egov.security.passwords import rules_told
from egov.security.sessions import Session
from egov.web.cache import never_keep
from egov.web.security import cookie_name, token_of

TEMPLATE = "egov.web:templates/login.pt"
CODE, RESET = "egov.web:templates/code.pt", "egov.web:templates/reset.pt"
CODE_MINUTES = 10  # for fetching the telephone


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
    return login_page(request)


@view_config(
    route_name="login", request_method="POST", renderer=TEMPLATE, permission=Permission.PUBLIC
)
def do_login(request: Any) -> Any:
    """Sign in; a failure is committed, so that it counts."""
    user_id, password = request.POST.get("id", ""), request.POST.get("password", "")
    settings = request.registry.egov
    ldap = request.registry.ldap
    try:
        started = log_in(
            request.site, user_id, password, settings=settings, address=request.client_addr or "",
            agent=request.user_agent or "", directory=ldap.identify if ldap else None,
        )  # fmt: skip
    except Invalid as error:
        return login_page(request, error.message)
    if started is None:
        return login_page(request, _("用户名或密码不对，请重新输入。"))
    return enter(request, started, safe_target(request.params.get("came_from", "")))


def enter(request: Any, started: Started, target: str) -> HTTPFound:
    """Go where the person wanted to with a session that was opened, by the page for the second factor if it waits."""
    token, session = started
    return _with_cookie(request, token, f"/login/code?{urlencode({'came_from': target})}"
                        if session.waits_for_code else target)  # fmt: skip


def _with_cookie(request: Any, token: str, target: str) -> HTTPFound:
    response = HTTPFound(target)
    secure = request.registry.egov.secure_cookies
    response.set_cookie(cookie_name(request), token, httponly=True, samesite="Lax", secure=secure)
    return response


@view_config(route_name="code", request_method="GET", renderer=CODE, permission=Permission.PUBLIC)
def show_code(request: Any) -> Any:
    """The page that asks for the second factor."""
    waiting = _waiting(request)
    if waiting is None:
        return HTTPFound("/login")
    return _code_page(request, waiting)


def _code_page(request: Any, waiting: Session, error: Message = "") -> dict[str, Any]:
    user = request.site.directory.user(waiting.user_id)
    return login_page(request, error) | {
        "passkey": begin_confirming(user, waiting, party_of(request)),
        "has_code": bool(user.second_secret),
    }


def party_of(request: Any) -> Party:
    """Who asks for a security key: the site under its public address."""
    origin = request.registry.egov.base_url.rstrip("/") or request.host_url
    return Party(urlsplit(origin).hostname or "", origin, request.site.title)


@view_config(route_name="code", request_method="POST", renderer=CODE, permission=Permission.PUBLIC)
def do_code(request: Any) -> Any:
    """Take the code; a failure is committed, so that it counts."""
    waiting = _waiting(request)
    if waiting is None:
        return HTTPFound("/login")
    facts: dict[str, Any] = {
        "address": request.client_addr or "",
        "agent": request.user_agent or "",
    }
    code = request.POST.get("code", "")[:40]
    settings, signed = request.registry.egov, request.POST.get("passkey", "")
    try:
        if signed:
            facts["party"] = party_of(request)
            token = confirm_passkey(request.site, waiting, signed, settings=settings, **facts)
        else:
            token = confirm_code(request.site, waiting, code, settings=settings, **facts)
    except Invalid as error:
        return login_page(request, error.message) | {"passkey": "", "has_code": True}
    if token is None and signed:
        return _code_page(request, waiting, _("没有认出这把安全密钥，请再试一次。"))
    if token is None:
        return _code_page(request, waiting, _("验证码不对或已经用过，请输入当前显示的数字。"))
    return _with_cookie(request, token, safe_target(request.params.get("came_from", "")))


def _waiting(request: Any) -> Any:
    session = request.site.sessions.find(token_of(request))
    limit = timedelta(minutes=CODE_MINUTES)
    is_waiting = session is not None and session.waits_for_code and session.is_live(limit, limit)
    return session if is_waiting else None


@view_config(route_name="reset", request_method="GET", renderer=RESET, permission=Permission.PUBLIC)
def show_reset(request: Any) -> Any:
    """The page of a single-use link, where a person sets a new password."""
    never_keep(request)
    return login_page(request) | {
        "is_good": reset_of(request.site, request.matchdict["token"]) is not None
    }


@view_config(
    route_name="reset", request_method="POST", renderer=RESET, permission=Permission.PUBLIC
)
def do_reset(request: Any) -> Any:
    """Set the new password."""
    sent, token = request.POST, request.matchdict["token"]
    try:
        if sent.get("password", "") != sent.get("again", ""):
            raise Invalid(_("两次输入的密码不一样。"))
        address = request.client_addr or ""
        use_reset(
            request.site,
            token,
            sent.get("password", ""),
            settings=request.registry.egov,
            address=address,
        )
    except EgovError as error:
        is_good = reset_of(request.site, token) is not None
        return login_page(request, error.message) | {"is_good": is_good}
    return HTTPFound("/login")


@view_config(route_name="logout", permission=Permission.AUTHENTICATED)
def do_logout(request: Any) -> Any:
    """Sign out and forget the cookie."""
    log_out(request.site, request.login_session, by=request.actor)
    response = HTTPFound("/login")
    response.delete_cookie(cookie_name(request))
    return response


def login_page(request: Any, error: Message = "") -> dict[str, Any]:
    """The values of the pages for who has not signed in."""
    came_from = safe_target(request.params.get("came_from", ""))
    return {
        "error": error,
        "came_from": came_from,
        "user_id": request.POST.get("id", ""),
        "site_title": request.site.title,
        "oidc_title": request.registry.oidc_title if request.registry.oidc else "",
        "oidc_url": f"/login/oidc?{urlencode({'came_from': came_from})}",
        "by_directory": request.registry.ldap is not None,
        "password_rules": rules_told(),
    }
