"""The desk of an item: remarks on it, and who is to deal with it."""

from __future__ import annotations

from typing import Any, NamedTuple

from pyramid.view import view_config

from egov.base import clock
from egov.base.errors import Invalid
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.base.text import as_number
from egov.history.deeds import part, step_of
from egov.manage.frame import chip, done, page, undo_url
from egov.model.desk import Remark
from egov.model.item import Item
from egov.model.node import Node
from egov.model.site import SiteGroup, subsite_of
from egov.operations.assignments import assign, assigned_to, may_assign
from egov.operations.discussion import remark, reply, resolve, stands
from egov.security.policy import permits
from egov.security.principals import Actor, Directory, actor_for
from egov.web.urls import manage_url

USUAL_DAYS = 3
PEOPLE_SHOWN = 200
TASKS_SHOWN = 50


class Said(NamedTuple):
    """A remark as its page shows it; `gone` when the passage no longer stands in the text."""

    key: int
    who: str
    at: str
    text: str
    passage: str
    gone: bool
    edition: int
    replies: list[tuple[str, str, str]]
    settled: str
    undo: str  # where its writer takes it back


def remarks_of(item: Item, directory: Directory, by: str) -> dict[str, list[Said]]:
    """The remarks on an item by field, "" for the whole; the open ones first, then the settled ones."""
    found: dict[str, list[Said]] = {}
    kept = item.desk.remarks.values() if item.desk is not None else ()
    for one in sorted(kept, key=lambda r: (bool(r.resolved_by), r.key)):
        found.setdefault(one.field, []).append(_said(item, one, directory, by))
    return found


def _said(item: Item, one: Remark, directory: Directory, by: str) -> Said:
    def name(user_id: str) -> str:
        return directory.title_of(f"user:{user_id}")

    return Said(
        one.key,
        name(one.by),
        clock.stamp(one.at),
        one.text,
        one.passage,
        bool(one.passage) and not stands(item, one.field, one.passage),
        one.edition,
        [(name(r.by), clock.stamp(r.at), r.text) for r in one.replies],
        f"{name(one.resolved_by)} {clock.stamp(one.resolved_at)}" if one.resolved_by else "",
        _taken_back_at(item, one) if one.by == by and not one.replies else "",
    )


def _taken_back_at(item: Item, one: Remark) -> str:
    key = 0 if one.resolved_by else step_of(item, part("remark", one.key))
    return undo_url(item, key) if key else ""


def assignment_of(item: Item, directory: Directory) -> dict[str, Any] | None:
    """Who is to deal with an item, for people to read."""
    given = item.desk.assignment if item.desk is not None else None
    return given and {
        "to": directory.title_of(f"user:{given.to}"),
        "by": directory.title_of(f"user:{given.by}"),
        "due": clock.day(given.due),
        "late": max(0, (clock.today() - given.due).days),
        "note": given.note,
    }


def waiting_row(node: Node, directory: Directory) -> dict[str, Any]:
    """Something that is worked on as a row of a table."""
    return {
        "title": node.title,
        "url": manage_url(node),
        "place": place_of(node),
        "since": clock.stamp(node.modified),
        "chip": chip(node),
        "who": directory.title_of(f"user:{node.owner}"),
    }


def place_of(node: Node) -> str:
    """The section in which something stands, after the site where that is another one."""
    home, section = subsite_of(node), node.__parent__
    names = (home, section) if section is not None and section is not home else (home,)
    return " / ".join(where.title for where in names)


def tasks_of(site: SiteGroup, actor: Actor) -> list[dict[str, Any]]:
    """What was given to a person to deal with, the earliest due first."""
    found = assigned_to(site, actor, TASKS_SHOWN)
    directory = site.directory
    return [waiting_row(n, directory) | {"given": assignment_of(n, directory)} for n in found]


@view_config(route_name="manage", context=Item, name="remark", permission=Permission.PREVIEW,
             request_method="POST", renderer="templates/problem.pt")  # fmt: skip
def do_remark(context: Item, request: Any) -> Any:
    """Say something about the item, answer, or settle a remark; what was typed comes back when it does not fit."""
    sent, by = request.POST, request.actor
    what, text = sent.get("do", "say"), sent.get("text", "")
    key = as_number(sent.get("key"))
    try:
        if what == "settle":
            resolve(context, key, by=by)
        elif what == "reply":
            reply(context, key, text, by=by)
        else:
            remark(
                context, text, by=by, field=sent.get("field", ""), passage=sent.get("passage", "")
            )
    except Invalid as error:
        return page(request, context) | {"message": error.message, "typed": text}
    told = {"settle": _("批注已处理。"), "reply": _("已回复。")}
    return done(request, context, told.get(what, _("已写下批注。")))


@view_config(route_name="manage", context=Item, name="assign", permission=Permission.PREVIEW,
             request_method="GET", renderer="templates/assign.pt")  # fmt: skip
def show_assign(context: Item, request: Any) -> dict[str, Any]:
    """To whom, by when?"""
    return _assign_page(context, request, {"to": "", "days": str(USUAL_DAYS), "note": ""})


def _assign_page(
    context: Item, request: Any, sent: dict[str, str], errors: dict[str, Message] | None = None,
    message: Message = "",
) -> dict[str, Any]:  # fmt: skip
    allowed = may_assign(context, request.actor) and context.draft is not None
    return page(request, context, _("交办“${title}”", mapping={"title": context.title})) | {
        "sent": sent,
        "errors": errors or {},
        "message": message,
        "may_assign": allowed,
        "people": _people(context, request) if allowed else [],
    }


def _people(item: Item, request: Any) -> list[tuple[str, str]]:
    found = []
    for user in request.site.directory.users.values():
        if not user.disabled and permits(actor_for(user), Permission.PREVIEW, item):
            found.append((user.id, user.name))
        if len(found) == PEOPLE_SHOWN:
            break
    return found


@view_config(route_name="manage", context=Item, name="assign", permission=Permission.PREVIEW,
             request_method="POST", renderer="templates/assign.pt")  # fmt: skip
def do_assign(context: Item, request: Any) -> Any:
    """Give the item to somebody."""
    sent = {key: request.POST.get(key, "").strip()[:500] for key in ("to", "days", "note")}
    days = int(sent["days"]) if sent["days"].isascii() and sent["days"].isdigit() else -1
    try:
        made = assign(context, sent["to"], days, by=request.actor, note=sent["note"])
    except Invalid as error:
        return _assign_page(context, request, sent, error.fields, error.message)
    name = request.site.directory.title_of(f"user:{made.to}")
    told = _("已交给${name}，${due} 到期。", mapping={"name": name, "due": clock.day(made.due)})
    return done(request, context, told)


def assign_url(item: Item, actor: Any) -> str:
    """Where an item is given to somebody; empty for who may not."""
    if item.draft is None or not may_assign(item, actor):
        return ""
    return manage_url(item, "assign")
