"""Long work as its owner sees it: how far it is, what became of each thing, stopping it, taking it back."""

from __future__ import annotations

from itertools import islice
from typing import Any

from pyramid.httpexceptions import HTTPFound, HTTPNotFound
from pyramid.view import view_config

from egov.base import clock
from egov.base.errors import Conflict, Invalid
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.base.text import as_number
from egov.history.actions import ACTIONS
from egov.manage.frame import done, page
from egov.manage.many.beginning import batch_url, key_cookie, wake_jobs
from egov.model.batch import CANCELLED, DONE, RUNNING, STOPPED, WAITING, Batch, Outcome
from egov.model.container import Container
from egov.model.site import SiteGroup
from egov.operations import batch_work  # noqa: F401  makes the kinds of work known
from egov.operations.batches import (
    batches_of,
    can_be_undone,
    cancel,
    may_see,
    title_of,
    undo_batch,
)  # fmt: skip
from egov.operations.people_work import first_passwords, forget_passwords, has_passwords
from egov.security.policy import permits
from egov.web.urls import manage_url

SHOWN = 200
LISTED = 50
_STATES: dict[str, tuple[str, str, Message]] = {
    WAITING: ("neutral", "hourglass", _("等待开始")),
    RUNNING: ("info", "arrow-repeat", _("正在进行")),
    DONE: ("success", "check-circle", _("已结束")),
    CANCELLED: ("warning", "slash-circle", _("已取消")),
    STOPPED: ("danger", "exclamation-octagon", _("已中止")),
}


@view_config(route_name="manage", context=SiteGroup, name="batches", permission=Permission.AUTHENTICATED,
             renderer="templates/batches.pt")  # fmt: skip
def show_batches(context: SiteGroup, request: Any) -> dict[str, Any]:
    """My long work, newest first."""
    mine = islice(batches_of(context).of(request.actor.id), LISTED)
    return page(request, context, _("我的批量任务")) | {"rows": [_row(batch) for batch in mine]}


def _row(batch: Batch) -> dict[str, Any]:
    tone, icon, title = _STATES[batch.state]
    if batch.failed and batch.state == DONE:
        tone, icon = "warning", "exclamation-triangle"
        title = _("已结束，${count} 项未完成", mapping={"count": batch.failed})
    return {
        "title": _title(batch),
        "url": batch_url(batch),
        "at": clock.stamp(batch.at),
        "ended": clock.stamp(batch.ended),
        "chip": {"tone": tone, "icon": icon, "title": title, "also": ""},
        "place": batch.place,
        "size": batch.size,
        "done": batch.place - batch.failed,
        "failed": batch.failed,
        "is_open": batch.is_open,
        "is_undone": bool(batch.undone_by),
        "why": batch.why,
    }


def _title(batch: Batch) -> Message:
    if batch.what != "step":
        return title_of(batch.what)
    step = batch.arguments.get("step", "")
    return _("批量办理：${step}", mapping={"step": ACTIONS.get(step, step)})


def _asked(site: SiteGroup, request: Any, sent: Any) -> Batch:
    batch = batches_of(site).get(as_number(sent.get("key")))
    if batch is None or not may_see(batch, request.actor):
        raise HTTPNotFound
    return batch


@view_config(route_name="manage", context=SiteGroup, name="batch", permission=Permission.AUTHENTICATED,
             request_method="GET", renderer="templates/batch.pt")  # fmt: skip
def show_batch(context: SiteGroup, request: Any) -> dict[str, Any]:
    """One piece of long work; while it runs the page is fetched again and again."""
    batch = _asked(context, request, request.GET)
    outcomes = list(batch.outcomes.values())
    home = context.catalog.node(batch.home)
    where: Container = home if isinstance(home, Container) else context
    return page(request, where, _title(batch)) | {
        **_row(batch),
        "passwords": first_passwords(batch, request.cookies.get(key_cookie(request, batch), "")),
        "are_sealed": has_passwords(batch),
        "failures": [_told(context, o) for o in outcomes if o.problem][:SHOWN],
        "through": [_told(context, o) for o in outcomes if not o.problem][:SHOWN],
        "shown": SHOWN,
        "key": batch.key,
        "can_undo": can_be_undone(batch),
        "undone_url": f"/manage/@@batch?key={batch.undone_by}" if batch.undone_by else "",
        "back_url": _back(context, where, batch, request.actor),
    }


def _back(site: SiteGroup, where: Container, batch: Batch, by: Any) -> str:
    """Where the work came from, as far as the person may go there."""
    if where is not site:
        return manage_url(where)
    if batch.what in ("undelete", "purge"):
        return manage_url(site, "trash")
    return manage_url(site, "contents") if permits(by, Permission.PREVIEW, site) else "/manage"


def _told(site: SiteGroup, outcome: Outcome) -> dict[str, Any]:
    node = site.catalog.node(outcome.uid)
    return {
        "title": outcome.title,
        "url": manage_url(node) if node is not None else "",
        "why": [outcome.problem, *outcome.details],
    }


@view_config(route_name="manage", context=SiteGroup, name="batch", permission=Permission.AUTHENTICATED,
             request_method="POST")  # fmt: skip
def do_batch(context: SiteGroup, request: Any) -> Any:
    """Stop it where it is, or take all of it back."""
    batch = _asked(context, request, request.POST)
    try:
        if request.POST.get("do") == "forget-passwords":
            forget_passwords(batch)
            return HTTPFound(batch_url(batch))
        if request.POST.get("do") == "cancel":
            cancel(context, batch, by=request.actor)
            return HTTPFound(batch_url(batch))
        made = undo_batch(context, batch, by=request.actor)
    except (Conflict, Invalid) as error:
        return done(request, context, error.message, "batches", "danger")
    if made.is_open:
        wake_jobs(request)
    return HTTPFound(batch_url(made))
