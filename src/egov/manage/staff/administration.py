"""The page of the system administrator: accounts."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.view import view_config

from egov.base import clock, ids
from egov.base.errors import Conflict, Invalid
from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.manage.frame import done, page
from egov.model.site import SiteGroup
from egov.operations.accounts import add_user, set_disabled, set_password
from egov.operations.credentials import make_reset, turn_off_second_factor
from egov.operations.record import record_read


@view_config(route_name="manage", context=SiteGroup, name="users", permission=Permission.SYSTEM,
             request_method="GET", renderer="templates/users.pt")  # fmt: skip
def show_users(context: SiteGroup, request: Any) -> dict[str, Any]:
    """All accounts, and a form for a new one."""
    record_read(request.actor, f"{len(context.directory.users)} 个账号", context)
    return _users_page(context, request)


def _users_page(
    context: SiteGroup, request: Any, error: Any = "", new: Any = None
) -> dict[str, Any]:
    return page(request, context, _("账号")) | {
        "users": [
            {
                "id": u.id,
                "name": u.name,
                "email": u.email,
                "disabled": u.disabled,
                "login": clock.stamp(u.last_login),
                "has_second": u.has_second,
            }
            for u in context.directory.users.values()
        ],
        "error": error,
        "new": new,
    }


@view_config(route_name="manage", context=SiteGroup, name="users", permission=Permission.SYSTEM,
             request_method="POST", renderer="templates/users.pt")  # fmt: skip
def do_users(context: SiteGroup, request: Any) -> Any:
    """Make an account, give a new password (shown once), or close and open an account."""
    sent, by = request.POST, request.actor
    password = ids.new_password()
    try:
        if sent.get("do") == "add":
            facts = {"by": by, "email": sent.get("email", "").strip(), "temporary": True}
            made = add_user(context, sent.get("id", ""), sent.get("name", ""), password, **facts)
            return _users_page(context, request, new=(made.id, password))
        user = context.directory.user(sent.get("id", ""))
        if user is None:
            raise HTTPNotFound
        if sent.get("do") == "password":
            set_password(context, user, password, by=by, temporary=True)
            return _users_page(context, request, new=(user.id, password))
        if sent.get("do") == "reset":
            token = make_reset(context, user, by=by)
            return _users_page(
                context, request, new=(user.id, request.route_url("reset", token=token))
            )
        if sent.get("do") == "second-off":
            turn_off_second_factor(context, user, by=by)
            return done(
                request, context, _("已停用“${id}”的第二重验证。", mapping={"id": user.id}), "users"
            )
        set_disabled(context, user, not user.disabled, by=by)
    except (Invalid, Conflict) as error:
        return _users_page(context, request, error.message)
    return done(request, context, _("已更改账号“${id}”。", mapping={"id": user.id}), "users")
