"""One account for the administrators: groups and duty, sessions, what is at work, handing it over; the groups."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.view import view_config

from egov.base import clock
from egov.base.errors import EgovError, Forbidden
from egov.base.i18n import Message, _
from egov.base.permissions import DUTIES, Permission
from egov.manage.frame import done, page, say
from egov.manage.staff.grants import grant_row
from egov.model.site import SiteGroup
from egov.operations.accounts import add_group, end_all_sessions, set_duty, set_groups
from egov.operations.leaving import hand_over, left_by, take_back
from egov.operations.record import record_read, record_site, require_duty
from egov.operations.signing_in import unlink
from egov.security.policy import permits_duty
from egov.security.principals import User
from egov.web.urls import manage_url

DRAFTS_SHOWN, STAYS_SHOWN = 50, 20
DUTY_TITLES: dict[str, Message] = {
    "": _("无"), "system": _("系统管理员"), "security": _("安全管理员"), "audit": _("审计管理员"),
}  # fmt: skip


def _check(request: Any) -> None:
    allowed = (Permission.SYSTEM, Permission.SECURITY)
    if not any(permits_duty(request.actor, duty) for duty in allowed):
        raise HTTPNotFound


def _user(context: SiteGroup, request: Any) -> User:
    _check(request)
    user = context.directory.user(request.params.get("id", ""))
    if user is None:
        raise HTTPNotFound
    return user


@view_config(route_name="manage", context=SiteGroup, name="person", permission=Permission.AUTHENTICATED,
             request_method="GET", renderer="templates/person.pt")  # fmt: skip
def show_person(context: SiteGroup, request: Any) -> dict[str, Any]:
    """One account, for the system and the security administrator."""
    user = _user(context, request)
    record_read(request.actor, user.id, context)
    return _person_page(context, request, user)


def _person_page(
    context: SiteGroup, request: Any, user: User, error: Message = ""
) -> dict[str, Any]:
    directory, left = context.directory, left_by(context, user)
    return page(request, context, _("账号“${name}”", mapping={"name": user.name})) | {
        "user": user,
        "login": clock.stamp(user.last_login),
        "is_oneself": user.id == request.actor.id,
        "is_security": permits_duty(request.actor, Permission.SECURITY),
        "is_system": permits_duty(request.actor, Permission.SYSTEM),
        "groups": [(g.id, g.title, g.id in user.groups) for g in directory.groups.values()],
        "duties_known": [(name, title, name in user.duties) for name, title in DUTY_TITLES.items()],
        "sessions": len(context.sessions.of_user(user.id)),
        "drafts": [(n.title, manage_url(n), n.state) for n in left.drafts[:DRAFTS_SHOWN]],
        "waiting": [(n.title, manage_url(n)) for n in left.waiting[:DRAFTS_SHOWN]],
        "held": [grant_row(directory, held) for held in left.held],
        "given": [grant_row(directory, held) for held in left.given],
        "handed_to": directory.title_of(f"user:{user.handed.to}") if user.handed else "",
        "others": [(u.id, f"{u.name}（{u.id}）") for u in directory.users.values() if u is not user and not u.disabled],
        "error": error,
    }  # fmt: skip


@view_config(route_name="manage", context=SiteGroup, name="person", permission=Permission.AUTHENTICATED,
             request_method="POST", renderer="templates/person.pt")  # fmt: skip
def do_person(context: SiteGroup, request: Any) -> Any:
    """Set groups and duty (security), end sessions, hand over (system)."""
    user = _user(context, request)
    try:
        _change(context, request, user)
    except Forbidden:
        raise
    except EgovError as error:
        request.tm.doom()
        return _person_page(context, request, user, error.message)
    return done(
        request, context, _("已更改账号“${id}”。", mapping={"id": user.id}), f"person?id={user.id}"
    )


def _change(context: SiteGroup, request: Any, user: User) -> None:
    sent, by = request.POST, request.actor
    what = sent.get("do", "")
    if what == "groups":
        set_groups(context, user, sent.getall("group"), by=by)
    elif what == "duty":
        chosen = sent.get("duty", "")
        set_duty(
            context, user, chosen if chosen in {duty.value for duty in DUTIES} else None, by=by
        )
    elif what == "sessions":
        require_duty(by, Permission.SYSTEM)
        end_all_sessions(context, user)
        record_site(by, "end_sessions", context, reason=user.id)
    elif what == "unlink":
        unlink(context, user, by=by)
    elif what == "hand-over":
        to = context.directory.user(sent.get("to", ""))
        moved = hand_over(context, user, to or user, by=by)
        counts = {key: str(value) for key, value in moved._asdict().items()}
        message = _(
            "已移交稿件 ${drafts} 篇、待办 ${waiting} 件、授权 ${grants} 项。", mapping=counts
        )
        say(request, message)
    elif what == "take-back":
        stays = take_back(context, user, by=by)
        say(request, _("已撤销移交，账号已重新启用。"))
        for told in stays[:STAYS_SHOWN]:
            say(request, _("没有退回：${what}", mapping={"what": told}), "warning")


@view_config(route_name="manage", context=SiteGroup, name="groups", permission=Permission.AUTHENTICATED,
             request_method="GET", renderer="templates/groups.pt")  # fmt: skip
def show_groups(context: SiteGroup, request: Any) -> dict[str, Any]:
    """All groups and who belongs to them."""
    _check(request)
    return _groups_page(context, request)


def _groups_page(context: SiteGroup, request: Any, error: Message = "") -> dict[str, Any]:
    directory = context.directory
    return page(request, context, _("用户组")) | {
        "groups": [
            (g.id, g.title, [(u.id, u.name) for u in directory.members(g.id) if not u.disabled])
            for g in directory.groups.values()
        ],
        "is_system": permits_duty(request.actor, Permission.SYSTEM),
        "is_security": permits_duty(request.actor, Permission.SECURITY),
        "sent": {key: request.POST.get(key, "") for key in ("id", "title")},
        "error": error,
    }


@view_config(route_name="manage", context=SiteGroup, name="groups", permission=Permission.SYSTEM,
             request_method="POST", renderer="templates/groups.pt")  # fmt: skip
def do_groups(context: SiteGroup, request: Any) -> Any:
    """Make a group."""
    sent = request.POST
    try:
        made = add_group(
            context, sent.get("id", "").strip(), sent.get("title", ""), by=request.actor
        )
    except EgovError as error:
        return _groups_page(context, request, error.message)
    return done(
        request, context, _("已建立用户组“${title}”。", mapping={"title": made.title}), "groups"
    )


@view_config(route_name="manage", context=SiteGroup, name="people", permission=Permission.SECURITY,
             request_method="GET", renderer="templates/people.pt")  # fmt: skip
def show_people(context: SiteGroup, request: Any) -> dict[str, Any]:
    """All accounts, for who looks after groups and duties; found by name, pinyin or id."""
    directory, words = context.directory, request.GET.get("q", "").strip()
    users = list(directory.users.values())
    if words:
        found = {p.removeprefix("user:") for p, _name in directory.search(words, limit=200)}
        users = [user for user in users if user.id in found]
    rows = [
        (
            u.id,
            u.name,
            u.disabled,
            [DUTY_TITLES[duty] for duty in sorted(u.duties)],
            [directory.title_of(f"group:{group}") for group in sorted(u.groups)],
        )
        for u in users
    ]
    return page(request, context, _("人员")) | {"rows": rows, "words": words}
