"""One's own account: password, second factor, where one is signed in."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPFound
from pyramid.view import view_config

from egov.base import clock
from egov.base.errors import EgovError, Invalid
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.manage.frame import done, page
from egov.model.site import SiteGroup
from egov.operations.accounts import end_session
from egov.operations.credentials import (
    change_password,
    confirm_oneself,
    needs_second,
    renew_recovery_codes,
    turn_off_second_factor,
    turn_on_second_factor,
)
from egov.operations.passkeys import MAX_TITLE, add_passkey, begin_adding, remove_passkey
from egov.security.passwords import rules_told
from egov.security.principals import User
from egov.security.second_factor import new_secret, picture, setup_uri
from egov.web.browsers import browser_of
from egov.web.login import party_of


@view_config(route_name="manage", context=SiteGroup, name="account", permission=Permission.AUTHENTICATED,
             request_method="GET", renderer="templates/account.pt")  # fmt: skip
def show_account(context: SiteGroup, request: Any) -> dict[str, Any]:
    """The person's own settings."""
    return _account_page(context, request)


def _account_page(context: SiteGroup, request: Any, error: Message = "") -> dict[str, Any]:
    user, here = context.directory.user(request.actor.id), request.login_session
    return page(request, context, _("我的账号")) | {
        "user": f"{user.name}（{user.id}）",
        "must_change": user.must_change,
        "has_code": bool(user.second_secret),
        "has_second": user.has_second,
        "passkeys": [(k.key_id.hex(), k.title, clock.stamp(k.added)) for k in user.passkeys],
        "should_have_second": needs_second(context, user, request.registry.egov),
        "password_rules": rules_told(),
        "recovery_left": len(user.recovery),
        "codes": None,
        "sessions": [
            {
                "key": s.key,
                "is_here": s is here,
                "browser": browser_of(s.agent),
                "agent": s.agent,
                "address": s.address,
                "since": clock.stamp(s.created),
                "seen": clock.stamp(s.seen),
            }
            for s in context.sessions.of_user(user.id)
        ],
        "error": error,
    }


@view_config(route_name="manage", context=SiteGroup, name="account", permission=Permission.AUTHENTICATED,
             request_method="POST", renderer="templates/account.pt")  # fmt: skip
def do_account(context: SiteGroup, request: Any) -> Any:
    """Change the password, end sessions, turn the second factor off, or make new recovery codes."""
    sent, by = request.POST, request.actor
    user = context.directory.user(by.id)
    try:
        _confirm(context, request, user)
        if sent.get("do") == "password":
            if sent.get("new", "") != sent.get("again", ""):
                raise Invalid(_("两次输入的密码不一样。"))
            settings = request.registry.egov
            change_password(
                context, user, sent.get("old", ""), sent.get("new", ""), by=by, settings=settings
            )
            return HTTPFound("/login")
        if sent.get("do") in ("second-off", "key-off"):
            return _take_off(context, request, user)
        if sent.get("do") == "recovery":
            codes = renew_recovery_codes(context, user, by=by)
            return _account_page(context, request) | {"codes": codes}
        if sent.get("do") == "end-others":
            for session in context.sessions.of_user(user.id):
                if session is not request.login_session:
                    end_session(context, session.key, by=by)
        else:
            end_session(context, sent.get("key", ""), by=by)
    except EgovError as error:
        return _account_page(context, request, error.message)
    return done(request, context, _("已结束登录。"), "account")


def _confirm(context: SiteGroup, request: Any, user: User) -> None:
    """Who changes how they sign in, or ends what is open elsewhere, says the password again."""
    old, settings = request.POST.get("old", ""), request.registry.egov
    confirm_oneself(context, user, request.login_session, old, settings=settings)


def _take_off(context: SiteGroup, request: Any, user: User) -> Any:
    sent, by = request.POST, request.actor
    if sent["do"] == "key-off":
        remove_passkey(context, user, sent.get("key", ""), by=by)
    else:
        turn_off_second_factor(context, user, by=by)
    return HTTPFound("/login")


@view_config(route_name="manage", context=SiteGroup, name="second-factor", permission=Permission.AUTHENTICATED,
             request_method="GET", renderer="templates/second_factor.pt")  # fmt: skip
def show_second_factor(context: SiteGroup, request: Any) -> dict[str, Any]:
    """A picture for the authenticator, and a field for its first code."""
    return _second_page(context, request, new_secret())


def _second_page(
    context: SiteGroup,
    request: Any,
    secret: str,
    error: Message = "",
    codes: list[str] | None = None,
) -> dict[str, Any]:
    uri = setup_uri(secret, request.actor.id, context.title)
    return page(request, context, _("设置第二重验证")) | {
        "secret": secret, "picture": picture(uri), "error": error, "codes": codes,
    }  # fmt: skip


@view_config(route_name="manage", context=SiteGroup, name="second-factor", permission=Permission.AUTHENTICATED,
             request_method="POST", renderer="templates/second_factor.pt")  # fmt: skip
def do_second_factor(context: SiteGroup, request: Any) -> Any:
    """Turn the second factor on, and show the recovery codes this once."""
    sent, user = request.POST, context.directory.user(request.actor.id)
    secret = sent.get("secret", "")
    if not secret.isalnum() or not secret.isascii() or len(secret) != len(new_secret()):
        secret = new_secret()
    try:
        _confirm(context, request, user)
        codes = turn_on_second_factor(context, user, secret, sent.get("code", ""), by=request.actor)
    except Invalid as error:
        return _second_page(context, request, secret, error.message)
    return _second_page(context, request, secret, codes=codes)


@view_config(route_name="manage", context=SiteGroup, name="passkey", permission=Permission.AUTHENTICATED,
             request_method="GET", renderer="templates/passkey.pt")  # fmt: skip
def show_passkey(context: SiteGroup, request: Any) -> dict[str, Any]:
    """A button that asks the browser for a new security key."""
    return _passkey_page(context, request)


def _passkey_page(
    context: SiteGroup, request: Any, error: Message = "", codes: list[str] | None = None
) -> dict[str, Any]:
    user = context.directory.user(request.actor.id)
    options = begin_adding(user, request.login_session, party_of(request))
    return page(request, context, _("添加安全密钥")) | {
        "options": options, "error": error, "codes": codes, "title_limit": MAX_TITLE,
    }  # fmt: skip


@view_config(route_name="manage", context=SiteGroup, name="passkey", permission=Permission.AUTHENTICATED,
             request_method="POST", renderer="templates/passkey.pt")  # fmt: skip
def do_passkey(context: SiteGroup, request: Any) -> Any:
    """Take the key that the browser made, and show the recovery codes this once if there are none yet."""
    sent, user, by = request.POST, context.directory.user(request.actor.id), request.actor
    facts = {"party": party_of(request), "by": by}
    answer, title = sent.get("passkey", ""), sent.get("title", "")
    try:
        _confirm(context, request, user)
        codes = add_passkey(context, user, request.login_session, answer, title, **facts)
    except Invalid as error:
        return _passkey_page(context, request, error.message)
    if codes:
        return _passkey_page(context, request, codes=codes)
    return done(request, context, _("已添加安全密钥。"), "account")
