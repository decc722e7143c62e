"""What was done: with one node, with everything below a container; and taking a step of it back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time
from itertools import islice
from typing import Any

from pyramid.httpexceptions import HTTPFound, HTTPNotFound
from pyramid.view import view_config

from egov.base import clock
from egov.base.errors import EgovError
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.base.text import as_number
from egov.history.actions import ACTIONS, LASTING
from egov.history.compare import compare
from egov.history.deeds import WORDS
from egov.manage.frame import page, say, undo_url
from egov.manage.record.told import remark_told, told_facts, told_grants
from egov.model.container import Container
from egov.model.item import Edition, Item
from egov.model.node import Node
from egov.model.site import SiteGroup, is_attached
from egov.operations.chronicle import Event, Wanted, events, known
from egov.operations.submissions import decides_at
from egov.operations.undo import Outlook, can_be_undone, outlook, undo
from egov.security.policy import permits
from egov.security.principals import Actor, Directory
from egov.web.tables import FORMATS, table_response
from egov.web.urls import manage_url

SHOWN = 50
LOOKED_AT = 5_000  # records that one page may load
EXPORTED = 10_000
ENTRIES_SHOWN = 300
_HEADS = (_("时间"), _("人员"), _("操作"), _("对象"), _("位置"), _("说明"))


@view_config(route_name="manage", context=Node, name="history", permission=Permission.PREVIEW,
             renderer="templates/history.pt")  # fmt: skip
def history(context: Node, request: Any) -> dict[str, Any]:
    """The trail of a node, and the editions of an item."""
    editions = context.all_editions() if isinstance(context, Item) else []
    may_edit = isinstance(context, Item) and permits(request.actor, Permission.EDIT, context)
    people = request.site.directory
    newest = reversed(list(context.log.items())) if context.log is not None else ()
    return page(request, context, _("“${title}”的历史", mapping={"title": context.title})) | {
        "entries": [
            _entry_row(context, key, e, people) for key, e in islice(newest, ENTRIES_SHOWN)
        ],
        "editions": [_edition_row(context, e, people) for e in editions],
        "below_url": manage_url(context, "activity") if isinstance(context, Container) else "",
        "restore_url": manage_url(context, "restore")
        if may_edit and not getattr(context, "draft", None)
        else "",
    }


def _entry_row(node: Node, key: int, entry: Any, people: Directory) -> dict[str, Any]:
    undone = entry.deed.undone if entry.deed is not None else None
    return {
        "at": clock.stamp(entry.at),
        "who": entry.by_name,
        "what": ACTIONS.get(entry.action, entry.action),
        "comment": remark_told(entry.action, entry.comment, people),
        "undo": undo_url(node, key) if can_be_undone(entry) else "",
        "lasting": LASTING.get(entry.action, ""),
        "undone": clock.stamp(undone.at) if undone is not None else "",
    }


def _edition_row(context: Node, edition: Edition, directory: Directory) -> dict[str, Any]:
    before = edition.number - 1
    return {
        "number": edition.number,
        "created": clock.stamp(edition.created),
        "authors": "、".join(directory.title_of(f"user:{who}") for who in edition.authors),
        "is_live": edition is getattr(context, "live", None),
        "compare": manage_url(context, "compare", a=before, b=edition.number) if before else "",
    }


@view_config(route_name="manage", context=Container, name="activity", permission=Permission.PREVIEW,
             renderer="templates/activity.pt")  # fmt: skip
def activity(context: Container, request: Any) -> Any:
    """What was done below a container, by a person, of a kind, in a time; or all of it as a table."""
    asked = {k: request.GET.get(k, "").strip()[:200] for k in ("who", "what", "since", "until")}
    until = _moment(asked["until"], time.max)
    if before := as_number(request.GET.get("before"), 17):
        until = clock.from_micros(before)
    people = request.site.directory
    wanted = Wanted(asked["who"], asked["what"], _moment(asked["since"], time.min), until)
    exports = request.GET.get("format") in FORMATS
    found = events(context, wanted, by=request.actor, most=EXPORTED if exports else LOOKED_AT)
    if exports:
        rows = [_line(event, people) for event in found if isinstance(event, Event)]
        return table_response(request, f"history-{clock.day(clock.now())}", _HEADS, rows)
    listed = list(islice(found, SHOWN + 1))
    last = listed[-1] if listed else None
    goes_on = len(listed) > SHOWN or (last is not None and not isinstance(last, Event))
    record = last.record if isinstance(last, Event) else last
    title = _("“${title}”及以下的操作记录", mapping={"title": context.title})
    return page(request, context, title) | {
        "asked": asked,
        "actions": list(ACTIONS.items()),
        "rows": [_event_row(e, people) for e in listed[:SHOWN] if isinstance(e, Event)],
        "before": clock.micros(record.at) if goes_on and record is not None else 0,
    }


def _moment(raw: str, at: time) -> datetime | None:
    try:
        return datetime.combine(datetime.fromisoformat(raw).date(), at, clock.OFFICE_ZONE)
    except ValueError:
        return None


def _event_row(event: Event, people: Directory) -> dict[str, Any]:
    record, node = event.record, event.node
    return {
        "at": clock.stamp(record.at),
        "who": record.actor_name,
        "what": ACTIONS.get(record.action, record.action),
        "title": node.title,
        "url": manage_url(node) if is_attached(node) else "",
        "path": record.path,
        "comment": remark_told(record.action, record.reason, people),
        "undo": undo_url(node, event.key) if event.key else "",
    }


def _line(event: Event, people: Directory) -> list[Message]:
    row = _event_row(event, people)
    return [row[key] for key in ("at", "who", "what", "title", "path", "comment")]


@view_config(route_name="manage", context=SiteGroup, name="undo", permission=Permission.AUTHENTICATED,
             request_method="GET", renderer="templates/undo.pt")  # fmt: skip
def show_undo(context: SiteGroup, request: Any) -> dict[str, Any]:
    """What would come back if one step were taken back, and what stands in the way."""
    node, key = _asked(context, request, request.GET)
    seen = outlook(context, node, key, by=request.actor)
    about: Node = node if permits(request.actor, Permission.PREVIEW, node) else context
    return page(request, about, _("撤销一步操作")) | {
        "entry": _entry_row(node, key, seen.entry, context.directory),
        "subject": node.title,
        "problem": seen.problem,
        "makes_deleted": seen.entry.deed is None,
        "facts": told_facts(context, node, seen.was, seen.now),
        "along": told_grants(context, seen.along),
        "differences": list(_differences(node, seen)),
        "uid": node.uid,
        "key": key,
        "back_url": _back_url(node, request.actor),
    }


def _asked(site: SiteGroup, request: Any, sent: Any) -> tuple[Node, int]:
    uid, key = as_number(sent.get("uid")), as_number(sent.get("key"))
    node = known(site, uid, by=request.actor)
    if node is None:
        node = site.catalog.node(uid)
        if not isinstance(node, Item) or not decides_at(node, key, by=request.actor):
            raise HTTPNotFound
    return node, key


def _back_url(node: Node, by: Actor) -> str:
    if not is_attached(node):
        return "/manage/@@trash"
    return manage_url(node, "history") if permits(by, Permission.PREVIEW, node) else "/manage/"


def _differences(node: Node, seen: Outlook) -> Iterator[Any]:
    schema = type(node).schema()
    for name in (WORDS, "values"):
        if seen.was.get(name) is not None and seen.now.get(name) is not None:
            yield from compare(schema, seen.now[name], seen.was[name])
    was, now = seen.was.get("draft"), seen.now.get("draft")
    if isinstance(was, Edition) and isinstance(now, Edition):
        yield from compare(schema, now.values, was.values)


@view_config(route_name="manage", context=SiteGroup, name="undo", permission=Permission.AUTHENTICATED,
             request_method="POST")  # fmt: skip
def do_undo(context: SiteGroup, request: Any) -> Any:
    """Take one step back."""
    node, key = _asked(context, request, request.POST)
    back = _back_url(node, request.actor)
    try:
        undo(context, node, key, by=request.actor)
    except EgovError as error:
        request.tm.abort()
        request.tm.begin()
        say(request, error.message, "danger")
    else:
        told = _("已撤销，“${title}”已恢复到那一步之前。", mapping={"title": node.title})
        say(request, told)
    return HTTPFound(back)
