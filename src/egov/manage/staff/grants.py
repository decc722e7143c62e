"""Rights on a node: what is granted here, what comes from above; every change shows first what it concerns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pyramid.renderers import render_to_response
from pyramid.view import view_config

from egov.base import clock
from egov.base.errors import Invalid
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.manage.frame import done, page
from egov.model.node import Node, lineage, path_of
from egov.operations.delegation import FOREVER, Held, Reach, reach_of
from egov.operations.rights import (
    delegable,
    end_meant,
    grant,
    losing,
    offered,
    principal_meant,
    revocable,
    revoke,
    set_inheritance,
)
from egov.security.grants import ROLE_TITLES
from egov.web.urls import manage_url

PEOPLE_OFFERED = 300


@view_config(route_name="manage", context=Node, name="grants", permission=Permission.GRANT,
             request_method="GET", renderer="templates/grants.pt")  # fmt: skip
def show_grants(context: Node, request: Any) -> dict[str, Any]:
    """The grants page of a node."""
    return _grants_page(context, request)


def _grants_page(context: Node, request: Any, error: Invalid | None = None) -> dict[str, Any]:
    directory, sent = request.site.directory, request.POST
    limits = delegable(request.actor, context)
    ends = [until for until in limits.values() if until != FOREVER]
    above = [Held(n, g) for n in _reached_from(context) for g in n.grants]
    people = [(f"user:{u.id}", f"{u.name}（{u.id}）") for u in directory.users.values()]
    people += [(f"group:{g.id}", g.title) for g in directory.groups.values()]
    people += [(f"unit:{u.id}", u.title) for u in directory.units.values() if not u.closed]
    return page(request, context, _("“${title}”的权限", mapping={"title": context.title})) | {
        "local": [grant_row(directory, Held(context, g)) for g in context.grants],
        "above": [grant_row(directory, held) for held in above],
        "inherits": context.inherits,
        "is_root": context.__parent__ is None,
        "roles": [(r, ROLE_TITLES[r]) for r in limits],
        "latest": clock.day(max(ends)) if len(ends) == len(limits) and ends else "",
        "people": people[:PEOPLE_OFFERED],
        "error": error.message if error else "",
        "wrong": error.fields if error else {},
        "sent": {
            k: sent.get(k, "") for k in ("principal", "role", "until", "reason", "may_delegate")
        },
        "effective_url": manage_url(context, "effective"),
    }


def _reached_from(node: Node) -> Iterable[Node]:
    if not node.inherits:
        return
    for above in lineage(node.__parent__):
        yield above
        if not above.inherits:
            return


def grant_row(directory: Any, held: Held) -> dict[str, Any]:
    """A grant as a line of a table."""
    node, given = held
    return {
        "principal": given.principal,
        "name": directory.title_of(given.principal),
        "role": given.role,
        "role_title": ROLE_TITLES[given.role],
        "by": directory.title_of(f"user:{given.by}"),
        "at": clock.day(given.at),
        "until": clock.day(given.until),
        "is_active": given.is_active(),
        "may_delegate": given.may_delegate,
        "reason": given.reason,
        "where": f"{node.title}（{path_of(node)}）",
        "url": manage_url(node, "grants"),
    }


@view_config(route_name="manage", context=Node, name="grants", permission=Permission.GRANT,
             request_method="POST", renderer="templates/grants.pt")  # fmt: skip
def do_grants(context: Node, request: Any) -> Any:
    """Grant, revoke, or change the inheritance: first shown, and done when confirmed."""
    changes = {"inherit": _inherit, "revoke": _revoke}
    change = changes.get(request.POST.get("do", ""), _grant)
    try:
        asked = change(context, request, confirmed="confirmed" in request.POST)
    except Invalid as error:
        return _grants_page(context, request, error)
    if asked is not None:
        return asked
    message = _("已更改“${title}”的权限。", mapping={"title": context.title})
    return done(request, context, message, "grants")


def _grant(context: Node, request: Any, *, confirmed: bool) -> Any:
    sent, directory = request.POST, request.site.directory
    principal = principal_meant(directory, sent.get("principal", ""))
    role = sent.get("role", "")
    facts: dict[str, Any] = {
        "by": request.actor,
        "until": end_meant(sent.get("until", "")),
        "may_delegate": "may_delegate" in sent,
        "reason": sent.get("reason", "")[:300],
    }
    made = offered(context, principal, role, **facts)
    if confirmed:
        grant(context, principal, role, **facts)
        return None
    names = {
        "role": ROLE_TITLES[role],
        "who": directory.title_of(principal),
        "where": context.title,
    }
    title = _("把“${where}”的角色“${role}”授予${who}？", mapping=names)
    kept = [
        ("principal", principal),
        ("role", role),
        ("until", sent.get("until", "")),
        ("reason", made.reason),
    ]
    if made.may_delegate:
        kept.append(("may_delegate", "1"))
    return _ask(context, request, "grant", title, kept, reach_of(context, [principal]), [])


def _revoke(context: Node, request: Any, *, confirmed: bool) -> Any:
    principal, role = request.POST.get("principal", ""), request.POST.get("role", "")
    falls = revocable(context, principal, role, by=request.actor)
    if confirmed:
        revoke(context, principal, role, by=request.actor)
        return None
    directory = request.site.directory
    names = {
        "role": ROLE_TITLES[role],
        "who": directory.title_of(principal),
        "where": context.title,
    }
    title = _("收回${who}在“${where}”的角色“${role}”？", mapping=names)
    concerned = [principal, *(held.grant.principal for held in falls)]
    kept = [("principal", principal), ("role", role)]
    return _ask(context, request, "revoke", title, kept, reach_of(context, concerned), falls)


def _inherit(context: Node, request: Any, *, confirmed: bool) -> Any:
    inherits = not context.inherits
    lost = [] if inherits else losing(context, by=request.actor)
    if confirmed:
        set_inheritance(context, inherits, by=request.actor)
        return None
    names = {"where": context.title}
    title = (
        _("让上级的授权在“${where}”重新有效？", mapping=names)
        if inherits
        else _("停止“${where}”对上级授权的继承？", mapping=names)
    )
    concerned = [held.grant.principal for held in lost] if lost else ["Everyone"]
    return _ask(context, request, "inherit", title, [], reach_of(context, concerned), lost)


def _ask(
    context: Node,
    request: Any,
    do: str,
    title: Message,
    kept: list[tuple[str, str]],
    reach: Reach,
    lost: list[Held],
) -> Any:
    people: Message = (
        _("所有人")
        if reach.people is None
        else _("${count} 人", mapping={"count": f"{reach.people:,}"})
    )
    shown = page(request, context, title) | {
        "kept": [("do", do), *kept],
        "concerned": _(
            "涉及 ${items} 项内容、${people}。",
            mapping={"items": f"{reach.items:,}", "people": people},
        ),
        "lost": [grant_row(request.site.directory, held) for held in lost],
        "is_revocation": do != "grant",
        "back": manage_url(context, "grants"),
    }
    return render_to_response("egov.manage.staff:templates/grants_ask.pt", shown, request=request)
