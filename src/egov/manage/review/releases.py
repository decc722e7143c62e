"""Releases in the browser: what goes out together, previewed as one site."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pyramid.httpexceptions import HTTPFound, HTTPNotFound
from pyramid.view import view_config

from egov.base import clock
from egov.base.errors import Invalid
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.base.text import as_number
from egov.catalog import reads
from egov.manage.frame import chip, done, page
from egov.manage.review.desk import place_of
from egov.model.item import Item
from egov.model.release import OPEN, PUBLISHED, ROLLED_BACK, Release
from egov.model.site import SiteGroup
from egov.operations import releases
from egov.operations.schedule import may_schedule
from egov.security.principals import Actor
from egov.web.urls import manage_url, public_url

SHOWN, OFFERED = 100, 200
STATES: dict[str, tuple[Message, str, str]] = {
    OPEN: (_("准备中"), "info", "pencil"),
    PUBLISHED: (_("已发布"), "success", "broadcast"),
    ROLLED_BACK: (_("已退回"), "warning", "arrow-counterclockwise"),
}


def chip_of(release: Release) -> dict[str, Any]:
    """The state of a release as icon, word and tone."""
    title, tone, icon = STATES[release.state]
    return {"title": title, "tone": tone, "icon": icon, "also": ""}


def open_releases(site: SiteGroup, actor: Any) -> list[tuple[int, str]]:
    """The releases into which a person can still put something."""
    return [
        (release.key, release.title)
        for release in site.releases.newest()
        if release.state == OPEN and releases.may_see(site, release, actor)
    ][:SHOWN]


def may_release(item: Item, request: Any) -> bool:
    """Whether a person can put an item into a release."""
    return item.draft is not None and may_schedule(item, request.actor)


@view_config(route_name="manage", context=SiteGroup, name="releases", request_method="GET",
             permission=Permission.AUTHENTICATED, renderer="templates/releases.pt")  # fmt: skip
def show_releases(context: SiteGroup, request: Any) -> dict[str, Any]:
    """All releases that this person may see, newest first."""
    return _list_page(context, request)


def _list_page(context: SiteGroup, request: Any, error: Message = "") -> dict[str, Any]:
    name = context.directory.title_of
    return page(request, context, _("发布批次")) | {
        "error": error,
        "rows": [
            {
                "title": release.title,
                "url": _url(context, release),
                "chip": chip_of(release),
                "count": len(release.items),
                "by": name(f"user:{release.by}"),
                "at": clock.stamp(release.done_at or release.publish_at or release.at),
            }
            for release in context.releases.newest()
            if releases.may_see(context, release, request.actor)
        ][:SHOWN],
    }


@view_config(route_name="manage", context=SiteGroup, name="releases", request_method="POST",
             permission=Permission.AUTHENTICATED, renderer="templates/releases.pt")  # fmt: skip
def do_releases(context: SiteGroup, request: Any) -> Any:
    """Begin a release."""
    try:
        made = releases.make_release(context, request.POST.get("title", ""), by=request.actor)
    except Invalid as error:
        return _list_page(context, request, error.message)
    return HTTPFound(_url(context, made))


@view_config(route_name="manage", context=SiteGroup, name="release", request_method="GET",
             permission=Permission.AUTHENTICATED, renderer="templates/release.pt")  # fmt: skip
def show_release(context: SiteGroup, request: Any) -> dict[str, Any]:
    """One release: what is in it, what hinders it, what can be done."""
    return _release_page(context, request, _asked(context, request))


def _release_page(
    context: SiteGroup, request: Any, release: Release, error: Message = "",
    problems: dict[str, Message] | None = None,
) -> dict[str, Any]:  # fmt: skip
    items = releases.items_of(context, release)
    is_open = release.state == OPEN
    hindered = (
        {item.uid: why for item, why in releases.obstacles(context, release, request.actor)}
        if is_open
        else {}
    )
    return page(request, context, release.title) | {
        "error": error,
        "problems": problems or {},
        "release": release,
        "chip": chip_of(release),
        "is_open": is_open,
        "is_published": release.state == PUBLISHED,
        "items": [_row(item, hindered.get(item.uid, "")) for item in items],
        "ready": bool(items) and not hindered,
        "offered": _offered(context, request, release) if is_open else [],
        "preview_url": f"/-/preview/r{release.key}{public_url(context)}"
        if is_open and items
        else "",
        "publish_at": clock.local(release.publish_at).strftime("%Y-%m-%dT%H:%M")
        if release.publish_at
        else "",
        "done": f"{context.directory.title_of(f'user:{release.done_by}')} {clock.stamp(release.done_at)}"
        if release.done_at
        else "",
        "back_url": manage_url(context, "releases"),
    }


def _row(item: Item, problem: Message) -> dict[str, Any]:
    return {
        "uid": item.uid,
        "title": item.title,
        "place": place_of(item),
        "url": manage_url(item),
        "chip": chip(item),
        "problem": problem,
    }


def _offered(context: SiteGroup, request: Any, release: Release) -> list[tuple[int, str, str]]:
    found: list[tuple[int, str, str]] = []
    for waiting in reads.waiting(request.actor, context):
        item = waiting.node
        if item.uid not in release.items and may_schedule(item, request.actor):
            found.append((item.uid, item.title, place_of(item)))
        if len(found) == OFFERED:
            break
    return found


@view_config(route_name="manage", context=SiteGroup, name="release", request_method="POST",
             permission=Permission.AUTHENTICATED, renderer="templates/release.pt")  # fmt: skip
def do_release(context: SiteGroup, request: Any) -> Any:
    """Put in, take out, publish all or none, roll back all or none, set a time."""
    release, sent, by = _asked(context, request), request.POST, request.actor
    what = sent.get("do", "")
    try:
        if what == "add":
            count = _put_in(context, release, sent.getall("uid"), by)
            told = _("已加入 ${count} 篇。", mapping={"count": count})
        elif what == "remove":
            releases.take_out(context, release, as_number(sent.get("uid")), by=by)
            told = _("已移出。")
        elif what == "publish":
            releases.publish_release(context, release, by=by)
            told = _("批次“${title}”已整体发布。", mapping={"title": release.title})
        elif what == "roll_back":
            releases.roll_back(context, release, by=by)
            told = _("批次“${title}”已整体退回。", mapping={"title": release.title})
        elif what == "schedule":
            at = _moment(sent.get("publish_at", ""))
            releases.schedule_release(context, release, at, by=by)
            told = _("已设定发布时间。") if at else _("已取消定时。")
        else:
            raise HTTPNotFound
    except Invalid as error:
        return _release_page(context, request, release, error.message, error.fields)
    done(request, context, told)
    return HTTPFound(_url(context, release))


def _put_in(site: SiteGroup, release: Release, chosen: Sequence[str], by: Actor) -> int:
    if not chosen:
        raise Invalid(_("请先勾选要加入的稿件。"))
    for uid in chosen:
        item = site.catalog.node(as_number(uid))
        if not isinstance(item, Item):
            raise HTTPNotFound
        releases.put_in(release, item, by=by)
    return len(chosen)


@view_config(route_name="manage", context=Item, name="put-in-release", request_method="POST",
             permission=Permission.PREVIEW, renderer="templates/problem.pt")  # fmt: skip
def put_in_release(context: Item, request: Any) -> Any:
    """Put one item into a release, from its own page."""
    release = request.site.releases.get(as_number(request.POST.get("release")))
    if release is None or not releases.may_see(request.site, release, request.actor):
        raise HTTPNotFound
    try:
        releases.put_in(release, context, by=request.actor)
    except Invalid as error:
        return page(request, context) | {"message": error.message, "typed": ""}
    return done(request, context, _("已加入批次“${title}”。", mapping={"title": release.title}))


def _asked(context: SiteGroup, request: Any) -> Release:
    release = context.releases.get(as_number(request.GET.get("key")))
    if release is None or not releases.may_see(context, release, request.actor):
        raise HTTPNotFound
    return release


def _url(context: SiteGroup, release: Release) -> str:
    return manage_url(context, "release", key=release.key)


def _moment(raw: str) -> datetime | None:
    if not raw:
        return None
    try:
        return datetime.fromisoformat(raw[:40]).replace(tzinfo=clock.OFFICE_ZONE)
    except ValueError:
        raise Invalid(_("时间的写法不对。")) from None
