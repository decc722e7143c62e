"""One's own password and second factor, reset links, accounts that nobody uses."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from egov.base import clock, ids
from egov.base.errors import Conflict, Forbidden, Invalid
from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.base.settings import Settings
from egov.catalog.access import access_of
from egov.model.site import SiteGroup
from egov.operations.accounts import end_all_sessions, last_use, place_password
from egov.operations.notices import tell_of_credentials
from egov.operations.record import record_site, require_duty
from egov.security.passwords import verify
from egov.security.principals import Actor, User, actor_for
from egov.security.second_factor import (
    hash_of_recovery,
    matching_step,
    new_recovery_codes,
    recovery_hash,
)
from egov.security.sessions import Session

RESET_HOURS = 24
JUST_NOW = timedelta(minutes=10)


class Reset(NamedTuple):
    """A link by which a person sets a new password once."""

    user_id: str
    until: float  # seconds since 1970


def needs_second(site: SiteGroup, user: User, settings: Settings) -> bool:
    """Whether a person must set a second factor up: for their duty, or for a role that they have anywhere."""
    if user.has_second:
        return False
    if user.duties & set(settings.second_factor_duties.split()):
        return True
    wanted = frozenset(settings.second_factor_roles.split())
    held = access_of(site, user.principals).roles.values() if wanted else ()
    return any(not wanted.isdisjoint(roles) for roles in held)


def change_password(
    site: SiteGroup, user: User, old: str, new: str, *, by: Actor, settings: Settings
) -> None:
    """Change one's own password; ends all one's sessions.

    Raises Forbidden for somebody else's, Invalid for a wrong old one, a weak one or one of the last few.
    """
    if by.id != user.id:
        raise Forbidden(_("只能更改自己的密码。"))
    if not verify(user.password_hash, old):
        message = _("原密码不对。")
        raise Invalid(message, {"old": message})
    place_password(user, new, remembered=settings.password_history)
    user.must_change = False
    end_all_sessions(site, user)
    record_site(by, "change_password", site)


def confirm_oneself(
    site: SiteGroup, user: User, session: Session, password: str, *, settings: Settings
) -> None:
    """Ask anew who it is, before what decides on how a person signs in (ASVS 5.0, 7.5.1 and 7.5.2).

    The password kept here, or for who comes from a directory or identity provider a sign-in of the last ten minutes.
    Raises Invalid at the field for a wrong one, which counts as for signing in, and while the account is locked. The
    caller commits in every case, so that a failure counts.
    """
    if user.outside and clock.now() - session.created < JUST_NOW:
        return
    lock = timedelta(minutes=settings.login_lock_minutes)
    if site.attempts.locked_until(user.id, settings.login_failures, lock) is not None:
        raise Invalid(_("登录失败次数过多，请稍后再试，或联系系统管理员。"))
    if verify(user.password_hash, password):
        return
    site.attempts.record_failure(user.id, settings.login_failures)
    site.audit.append(actor_for(user, session.address), "confirm_oneself", outcome="refused")
    message = (
        _("密码不对。通过统一身份认证登录的，请退出后重新登录，十分钟内办理。")
        if user.outside
        else _("原密码不对。")
    )
    raise Invalid(message, {"old": message})


def make_reset(site: SiteGroup, user: User, *, by: Actor) -> str:
    """A token for a single-use link that is good for a day; an earlier one is void.

    Raises Forbidden without the system duty, Conflict for a closed account. Only the hash is kept.
    """
    require_duty(by, Permission.SYSTEM)
    if user.disabled:
        raise Conflict(_("账号已停用。"))
    token = ids.new_token()
    for key in [key for key, reset in site.resets.items() if reset.user_id == user.id]:
        del site.resets[key]
    until = clock.now() + timedelta(hours=RESET_HOURS)
    site.resets[_hash(token)] = Reset(user.id, until.timestamp())
    record_site(by, "make_reset", site, reason=user.id)
    tell_of_credentials(site, user, "make_reset", by=by)
    return token


def reset_of(site: SiteGroup, token: str) -> User | None:
    """Whose password a link resets; None for one that is unknown, used or too old."""
    found: Reset | None = site.resets.get(_hash(token))
    if found is None or clock.now().timestamp() > found.until:
        return None
    user = site.directory.user(found.user_id)
    return user if user is not None and not user.disabled else None


def use_reset(
    site: SiteGroup, token: str, new: str, *, settings: Settings, address: str = ""
) -> User:
    """Set the password that a link is for; the link is void then, and all sessions of the person end.

    Raises Conflict for a link that is not good, Invalid for a password that does not fit.
    """
    user = reset_of(site, token)
    if user is None:
        raise Conflict(_("这个链接已经用过、已过期或不对，请向系统管理员索取新的链接。"))
    place_password(user, new, remembered=settings.password_history)
    user.must_change, user.opened = False, clock.now()
    del site.resets[_hash(token)]
    end_all_sessions(site, user)
    site.attempts.forget(user.id)
    record_site(actor_for(user, address), "use_reset", site)
    return user


def turn_on_second_factor(
    site: SiteGroup, user: User, secret: str, code: str, *, by: Actor
) -> list[str]:
    """Ask for codes of this secret from now on; returns the recovery codes, which are told this once.

    Raises Forbidden for somebody else's account, Invalid if the code shows that the authenticator is not set up.
    """
    if by.id != user.id:
        raise Forbidden(_("只能设置自己的账号。"))
    step = matching_step(secret, code.strip(), 0)
    if step is None:
        message = _("验证码不对。请确认手机时间准确，再输入当前显示的六位数字。")
        raise Invalid(message, {"code": message})
    codes = new_recovery_codes()
    user.second_secret, user.second_step = secret, step
    user.recovery = frozenset(recovery_hash(c) for c in codes)
    record_site(by, "second_factor_on", site)
    return codes


def turn_off_second_factor(site: SiteGroup, user: User, *, by: Actor) -> None:
    """Ask for no codes any more: one's own account, or with the system duty any; ends the person's sessions."""
    if by.id != user.id:
        require_duty(by, Permission.SYSTEM)
    user.second_secret, user.second_step, user.recovery = "", 0, frozenset()
    user.passkeys = ()
    end_all_sessions(site, user)
    record_site(by, "second_factor_off", site, reason=user.id)
    tell_of_credentials(site, user, "second_factor_off", by=by)


def renew_recovery_codes(site: SiteGroup, user: User, *, by: Actor) -> list[str]:
    """New recovery codes in place of those before, told this once.

    Raises Forbidden for somebody else's account, Conflict where no second factor is asked for.
    """
    if by.id != user.id:
        raise Forbidden(_("只能设置自己的账号。"))
    if not user.has_second:
        raise Conflict(_("还没有启用第二重验证。"))
    codes = new_recovery_codes()
    user.recovery = frozenset(recovery_hash(code) for code in codes)
    record_site(by, "renew_recovery_codes", site)
    return codes


def confirm_code(
    site: SiteGroup,
    waiting: Session,
    code: str,
    *,
    settings: Settings,
    address: str = "",
    agent: str = "",
) -> str | None:
    """`confirm` with a code of the authenticator, or a recovery code."""

    def is_right(user: User) -> bool:
        # An empty secret has codes, too, which anybody can reckon.
        after = user.second_step
        step = (
            matching_step(user.second_secret, code.strip(), after) if user.second_secret else None
        )
        if step is not None:
            user.second_step = step
        elif (used := hash_of_recovery(code, user.recovery)) is not None:
            user.recovery -= {used}
            record_site(actor_for(user, address), "recovery_code_used", site)
        else:
            return False
        return True

    return confirm(site, waiting, is_right, settings=settings, address=address, agent=agent)


def confirm(
    site: SiteGroup,
    waiting: Session,
    is_right: Callable[[User], bool],
    *,
    settings: Settings,
    address: str = "",
    agent: str = "",
) -> str | None:
    """The token of a full session for a right second factor, None for a wrong one; a failure counts as for a password.

    Raises Invalid while the account is locked. The session that waited ends in every case but a wrong factor.
    """
    user = site.directory.user(waiting.user_id)
    if user is None or user.disabled or not waiting.waits_for_code:
        return None
    lock = timedelta(minutes=settings.login_lock_minutes)
    if site.attempts.locked_until(user.id, settings.login_failures, lock) is not None:
        site.sessions.end(waiting)
        raise Invalid(_("登录失败次数过多，请稍后再试，或联系系统管理员。"))
    actor = actor_for(user, address)
    if not is_right(user):
        site.attempts.record_failure(user.id, settings.login_failures)
        site.audit.append(actor, "second_factor", outcome="refused")
        return None
    site.attempts.forget(user.id)
    site.sessions.end(waiting)
    token, _session = site.sessions.start(user.id, address, agent)
    user.last_login = clock.now()
    site.audit.append(actor, "log_in")
    return token


def disable_dormant(site: SiteGroup, days: int, *, by: Actor) -> list[User]:
    """Close the accounts that nobody has used for so many days; the last holder of a duty keeps theirs.

    Raises Forbidden without the system duty.
    """
    require_duty(by, Permission.SYSTEM)
    before = clock.now() - timedelta(days=days)
    idle = [u for u in site.directory.users.values() if not u.disabled and last_use(u) < before]
    closed = []
    for user in idle:
        others = (u for u in site.directory.users.values() if u is not user and not u.disabled)
        if user.duties and not any(user.duties & other.duties for other in others):
            continue
        user.disabled = True
        end_all_sessions(site, user)
        record_site(by, "disable_dormant", site, reason=user.id)
        closed.append(user)
    return closed


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
