"""Signing in: by the password kept here, by one kept in a directory, or by word of an identity provider."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from egov.base import clock, ids
from egov.base.errors import Invalid
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.base.settings import Settings
from egov.model.site import SiteGroup
from egov.operations.accounts import ID, add_user, last_use
from egov.operations.record import record_site, require_duty
from egov.security.outside import Identity
from egov.security.passwords import verify
from egov.security.policy import roles_of
from egov.security.principals import ANONYMOUS, SYSTEM_ACTOR, Actor, User, actor_for
from egov.security.sessions import Session

Identify = Callable[[str, str], Identity | None]
Started = tuple[str, Session]


def log_in(
    site: SiteGroup,
    user_id: str,
    password: str,
    *,
    settings: Settings,
    address: str = "",
    agent: str = "",
    directory: Identify | None = None,
) -> Started | None:
    """Open a session; None if name and password do not belong together, in the same time for every reason.

    What is not the password kept here may be the one of the office's directory. A session of who has a second factor
    waits for the code (`credentials.confirm_code`). Raises Invalid while the account is locked after too many failures,
    or when it was not used for too long. Counts failures; records both outcomes. The caller commits in every case, so
    that a failure counts.
    """
    key = user_id.strip().lower()[:60]
    lock = timedelta(minutes=settings.login_lock_minutes)
    until = site.attempts.locked_until(key, settings.login_failures, lock)
    if until is not None:
        raise Invalid(
            _(
                "登录失败次数过多，请在 ${time} 之后再试，或联系系统管理员。",
                mapping={"time": clock.stamp(until)},
            )
        )
    user = site.directory.user(key)
    if verify(user.password_hash if user else None, password) and user and not user.disabled:
        aged = timedelta(days=settings.password_max_days)
        if aged and clock.now() - (user.password_at or user.created) > aged:
            user.must_change = True
        return _open(site, user, "", settings, address, agent)
    known = directory(key, password) if directory is not None else None
    if known is not None:
        return log_in_from_outside(site, known, settings=settings, address=address, agent=agent)
    site.attempts.record_failure(key, settings.login_failures)
    _refused(site, key, address, "")
    return None


def log_in_from_outside(
    site: SiteGroup,
    known: Identity,
    *,
    settings: Settings,
    address: str = "",
    agent: str = "",
) -> Started:
    """Open a session for whom a source outside has identified; the caller commits in every case.

    The account is the one that was linked before, or else the one of the same name, which is linked now; it is made,
    without rights, only where `outside_makes_accounts` says so. Raises Invalid, recorded, for everybody else: a closed
    account, one that is linked with somebody else, one that bears a duty or manages the whole site group. For those,
    who runs the directory of the office must not be able to be anybody.
    """
    user = _linked(site, known) or _named(site, known, settings, address)
    if user.disabled:
        raise _refusal(site, known, address, "disabled", _("您的账号已停用，请联系系统管理员。"))
    if user.duties or "manager" in roles_of(user.principals, site):
        raise _refusal(site, known, address, "local only",
                       _("承担管理职责的账号只能用本系统的密码登录。"))  # fmt: skip
    if known.link not in user.outside:
        user.outside |= {known.link}
        record_site(
            actor_for(user, address), "link_outside", site, reason=f"{user.id}: {known.link}"
        )
    return _open(site, user, known.source, settings, address, agent)


def unlink(site: SiteGroup, user: User, *, by: Actor) -> None:
    """Forget whom sources outside mean by an account, so that another may be linked with it.

    Raises Forbidden without the system duty.
    """
    require_duty(by, Permission.SYSTEM)
    user.outside = frozenset()
    record_site(by, "unlink_outside", site, reason=user.id)


def _linked(site: SiteGroup, known: Identity) -> User | None:
    named: User | None = site.directory.user(known.id.strip().lower())
    if named is not None and known.link in named.outside:
        return named  # the usual way; only after a change of names everybody is asked
    users = site.directory.users.values()
    return next((user for user in users if known.link in user.outside), None)


def _named(site: SiteGroup, known: Identity, settings: Settings, address: str) -> User:
    """The account of that name, if it is linked with nobody from there; a new one where that is allowed."""
    key = known.id.strip().lower()
    user: User | None = site.directory.user(key)
    if user is not None:
        if any(link.startswith(f"{known.source}:") for link in user.outside):
            raise _refusal(site, known, address, "linked with another",
                           _("账号“${id}”已与另一位人员关联，请联系系统管理员。", mapping={"id": key}))  # fmt: skip
        return user
    if not settings.outside_makes_accounts or not ID.match(key):
        raise _refusal(site, known, address, "no account",
                       _("您还没有本系统的账号，请联系系统管理员。"))  # fmt: skip
    # A password that nobody knows: the account opens from outside alone, until a link for a new one is given.
    return add_user(site, key, known.name[:60].strip() or key, ids.new_password(),
                    by=SYSTEM_ACTOR.at(address))  # fmt: skip


def _open(
    site: SiteGroup, user: User, source: str, settings: Settings, address: str, agent: str
) -> Started:
    idle = timedelta(days=settings.dormant_days)
    if idle and clock.now() - last_use(user) > idle:
        _refused(site, user.id, address, "dormant")
        raise Invalid(_("账号长期未使用，已停用，请联系系统管理员。"))
    started: Started = site.sessions.start(user.id, address, agent)
    if user.has_second:
        started[1].waits_for_code = True
        return started
    site.attempts.forget(user.id)
    user.last_login = clock.now()
    site.audit.append(actor_for(user, address), "log_in", reason=source)
    return started


def _refused(site: SiteGroup, key: str, address: str, reason: str) -> None:
    stranger = Actor(id="", name=key, principals=ANONYMOUS.principals, address=address)
    site.audit.append(stranger, "log_in", outcome="refused", reason=reason)


def _refusal(
    site: SiteGroup, known: Identity, address: str, reason: str, message: Message
) -> Invalid:
    _refused(site, known.id[:60], address, f"{known.link[:200]}: {reason}")
    return Invalid(message)
