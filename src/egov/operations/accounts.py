"""Accounts, groups, and the ends of sessions."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime

from egov.base import clock
from egov.base.errors import Conflict, Invalid, NotFound
from egov.base.i18n import _
from egov.base.permissions import DUTIES, Permission
from egov.model.site import SiteGroup
from egov.operations.notices import tell_of_credentials
from egov.operations.record import record_site, require_duty
from egov.security.passwords import check_strength, hash_password, verify
from egov.security.principals import SYSTEM_ACTOR, Actor, Group, User
from egov.security.sessions import Session

ID = re.compile(r"[a-z][a-z0-9._-]{1,39}\Z")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")


def add_user(
    site: SiteGroup,
    user_id: str,
    name: str,
    password: str | None,
    *,
    by: Actor,
    email: str = "",
    groups: Collection[str] = (),
    temporary: bool = False,
) -> User:
    """Make an account, its password to be changed at the first sign-in if `temporary`; None for one that nobody uses.

    Raises Forbidden without the system duty, Invalid for a taken or unfit id, name or password.
    """
    require_duty(by, Permission.SYSTEM)
    user_id = user_id.strip().lower()
    if not ID.match(user_id):
        message = _("用户名须以小写字母开头，由 2 至 40 个小写字母、数字、点、下划线或连字符组成。")
        raise Invalid(message, {"id": message})
    if user_id in site.directory.users or user_id == SYSTEM_ACTOR.id:
        message = _("用户名“${id}”已被使用。", mapping={"id": user_id})
        raise Invalid(message, {"id": message})
    if not name.strip() or len(name) > 60:
        message = _("请填写姓名，不超过 60 个字。")
        raise Invalid(message, {"name": message})
    if email and not _EMAIL.match(email):
        message = _("电子邮箱的写法不对。")
        raise Invalid(message, {"email": message})
    if password is not None:
        check_strength(password, user_id)
    user = User(user_id, name.strip(), hash_password(password) if password is not None else "-")
    user.must_change = temporary
    if email:
        user.email = email
    if groups:
        require_duty(by, Permission.SECURITY)  # belonging to a group carries rights
        user.groups = _known_groups(site, groups)
    site.directory.users[user_id] = user
    record_site(by, "add_user", site, reason=user_id)
    return user


def add_group(site: SiteGroup, group_id: str, title: str, *, by: Actor) -> Group:
    """Make a group; raises Forbidden without the system duty, Invalid for a taken or unfit id or title."""
    require_duty(by, Permission.SYSTEM)
    if not ID.match(group_id) or not title.strip() or group_id in site.directory.groups:
        message = _("用户组编号“${id}”已被使用或不合适。", mapping={"id": group_id})
        raise Invalid(message, {"id": message})
    group = Group(group_id, title.strip())
    site.directory.groups[group_id] = group
    record_site(by, "add_group", site, reason=group_id)
    return group


def set_groups(site: SiteGroup, user: User, groups: Collection[str], *, by: Actor) -> None:
    """Say to which groups a person belongs; raises Forbidden without the security duty, Invalid for unknown groups.

    Membership carries rights, so nobody changes their own.
    """
    require_duty(by, Permission.SECURITY)
    _not_oneself(user, by)
    user.groups = _known_groups(site, groups)
    record_site(by, "set_groups", site, reason=f"{user.id}: {', '.join(sorted(groups))}")


def set_duty(site: SiteGroup, user: User, duty: str | None, *, by: Actor) -> None:
    """Give a person the duty of system, security or audit administrator, or none.

    One person has at most one of the three, nobody changes their own, and the last holder of a duty keeps it.
    Raises Forbidden without the security duty, Invalid or Conflict otherwise.
    """
    require_duty(by, Permission.SECURITY)
    _not_oneself(user, by)
    if duty is not None and duty not in {d.value for d in DUTIES}:
        raise Invalid(_("没有名为“${duty}”的职责。", mapping={"duty": duty}))
    for held in user.duties - {duty}:
        _keep_last_holder(site, user, held)
    user.duties = frozenset({duty}) if duty else frozenset()
    record_site(by, "set_duty", site, reason=f"{user.id}: {duty or '-'}")


def set_password(
    site: SiteGroup, user: User, password: str, *, by: Actor, temporary: bool = False
) -> None:
    """Set somebody's password, to be changed at the next sign-in if `temporary`; ends their sessions, lifts a lock.

    An account that nobody had used for long opens with it. Raises Forbidden without the system duty, Invalid for a
    weak one.
    """
    require_duty(by, Permission.SYSTEM)
    place_password(user, password)
    user.must_change, user.opened = temporary, clock.now()
    end_all_sessions(site, user)
    site.attempts.forget(user.id)
    record_site(by, "set_password", site, reason=user.id)
    tell_of_credentials(site, user, "set_password", by=by)


def place_password(user: User, password: str, *, remembered: int = 0) -> None:
    """Store a password's hash; raises Invalid for a weak one, or for one of the last `remembered`."""
    check_strength(password, user.id)
    past = (user.password_hash, *user.past_hashes)[:remembered]
    if any(verify(used, password) for used in past):
        message = _("不能再用最近 ${count} 次用过的密码。", mapping={"count": remembered})
        raise Invalid(message, {"password": message})
    user.past_hashes = (user.password_hash, *user.past_hashes)[: max(remembered, 5)]
    user.password_hash = hash_password(password)
    user.password_at = clock.now()


def last_use(user: User) -> datetime:
    """When the account was last used, opened anew, or made."""
    return max(filter(None, (user.last_login, user.opened, user.created)))


def set_disabled(site: SiteGroup, user: User, disabled: bool, *, by: Actor) -> None:
    """Close an account or open it again, one that nobody had used for long too; closing ends its sessions.

    Raises Forbidden without the system duty, Invalid for one's own.
    """
    require_duty(by, Permission.SYSTEM)
    _not_oneself(user, by)
    if disabled:
        close(site, user)
    else:
        user.disabled, user.opened = False, clock.now()
    record_site(by, "disable_user" if disabled else "enable_user", site, reason=user.id)


def close(site: SiteGroup, user: User) -> None:
    """Close an account and end its sessions; raises Conflict for the last holder of a duty."""
    for held in user.duties:
        _keep_last_holder(site, user, held)
    end_all_sessions(site, user)
    user.disabled = True


def log_out(site: SiteGroup, session: Session, *, by: Actor) -> None:
    """End one's own session."""
    site.sessions.end(session)
    record_site(by, "log_out", site)


def end_session(site: SiteGroup, key: str, *, by: Actor) -> None:
    """End one of one's own sessions by its key; raises NotFound if there is none."""
    for session in site.sessions.of_user(by.id):
        if session.key == key:
            site.sessions.end(session)
            record_site(by, "end_session", site)
            return
    raise NotFound(_("这次登录已经结束。"))


def end_all_sessions(site: SiteGroup, user: User) -> None:
    """End all sessions of a person."""
    for session in site.sessions.of_user(user.id):
        site.sessions.end(session)


def _known_groups(site: SiteGroup, groups: Collection[str]) -> frozenset[str]:
    for group in groups:
        if group not in site.directory.groups:
            raise Invalid(_("没有编号为“${id}”的用户组。", mapping={"id": group}))
    return frozenset(groups)


def _not_oneself(user: User, by: Actor) -> None:
    if user.id == by.id:
        raise Invalid(_("不能改变自己的账号状态、用户组或职责，请由另一位管理员办理。"))


def _keep_last_holder(site: SiteGroup, user: User, duty: str) -> None:
    others = (u for u in site.directory.users.values() if u is not user and not u.disabled)
    if not any(duty in other.duties for other in others):
        raise Conflict(
            _("“${name}”是这一职责的最后一位管理员，请先指定另一位。", mapping={"name": user.name})
        )
