"""What the console of the server may do to rights and accounts by itself: what nobody of the site could do.

While a site is being set up that is everything. Later it is two things, each told to the audit administrators: letting
a system administrator in again, and giving the management of the whole site group to somebody where nobody has it.
All else is done in somebody's name.
"""

from __future__ import annotations

from dataclasses import replace

from egov.base.errors import Conflict, Forbidden, Invalid
from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.model.site import SiteGroup
from egov.operations.accounts import set_disabled, set_password
from egov.operations.credentials import turn_off_second_factor
from egov.operations.notices import RESCUE, tell_auditors
from egov.operations.record import record_site
from egov.operations.rights import delegable, grant
from egov.security.grants import Grant
from egov.security.principals import Actor, User, actor_for

_RUNNING = {Permission.SYSTEM.value, Permission.SECURITY.value}


def is_first_run(site: SiteGroup) -> bool:
    """Whether nobody who looks after accounts or duties, or manages the whole site group, has ever signed in."""
    return not any(
        user.last_login is not None and (user.duties & _RUNNING or _manages(site, user))
        for user in site.directory.users.values()
    )


def require_first_run(site: SiteGroup) -> None:
    """Raise Forbidden where somebody of the site has begun to work, so that it must be done in somebody's name."""
    if not is_first_run(site):
        raise Forbidden(
            _(
                "网站已投入使用，须用 --as 写明以谁的账号办理。确实没有人能登录时，见 egov rescue --help。"
            )
        )


def rescue_administrator(
    site: SiteGroup, user: User, password: str, *, by: Actor, reason: str
) -> None:
    """Let a system administrator in again: a new password, no second factor, an open account, their sessions ended.

    Raises Forbidden for anybody but the console, Invalid without a reason or for another account: those the
    administrator lets in. Tells the audit administrators.
    """
    _check(by, reason)
    if Permission.SYSTEM.value not in user.duties:
        raise Invalid(_("应急只能恢复系统管理员的账号，其他账号由系统管理员办理。"))
    _record(site, by, f"{user.id}: {reason.strip()}")
    set_password(site, user, password, by=by, temporary=True)
    if user.has_second:
        turn_off_second_factor(site, user, by=by)
    set_disabled(site, user, False, by=by)


def rescue_management(site: SiteGroup, principal: str, *, by: Actor, reason: str) -> Grant:
    """Give the management of the whole site group, where nobody whose account is open could give it.

    Raises Forbidden for anybody but the console, Conflict where somebody could, Invalid without a reason or for an
    unknown principal. Tells the audit administrators.
    """
    _check(by, reason)
    held = next((u for u in site.directory.users.values() if _manages(site, u)), None)
    if held is not None:
        raise Conflict(
            _("${name}可以授予网站群的管理权限，请由其办理。", mapping={"name": held.name})
        )
    made = grant(site, principal, "manager", by=by, may_delegate=True, reason=reason)
    _record(site, by, f"{principal}: {reason.strip()}")
    return made


def _manages(site: SiteGroup, user: User) -> bool:
    """Whether an account that is open may grant everything everywhere."""
    return not user.disabled and "manager" in delegable(actor_for(user), site)


def _check(by: Actor, reason: str) -> None:
    if not by.is_system:
        raise Forbidden(_("应急操作只能在服务器的控制台上进行。"))
    if not reason.strip():
        raise Invalid(_("请用 --reason 写明应急的原因。"))


def _record(site: SiteGroup, by: Actor, what: str) -> None:
    record_site(by, RESCUE, site, reason=what)
    tell_auditors(site, RESCUE, what, by=replace(by, name=""))
