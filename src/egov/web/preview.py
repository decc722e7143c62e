"""Drafts as the public would see them, under `/-/preview/<key>/…`, with all pages around them.

What is previewed is really published, in a transaction that is always given up: so a preview shows exactly what
publishing would, in lists and menus, too; what would send something or change the reader's own look is left out. Links
on its pages lead on within the preview. A key is the secret of a link (`operations/passes`), or, for who has signed in
and may see the drafts, `i<uid>` for an item, `b<uid>` for the blocks of a page and `r<key>` for a release.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from pyramid.httpexceptions import HTTPNotFound
from pyramid.renderers import render
from pyramid.tweens import EXCVIEW
from pyramid.view import view_config

from egov.base import clock
from egov.base.errors import Invalid, NotFound
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.base.text import as_number
from egov.model.container import Container
from egov.model.item import Item
from egov.model.site import SiteGroup
from egov.operations.passes import choices, decide, items_of_pass, opened
from egov.operations.releases import items_of, may_see
from egov.security.policy import permits, table_for
from egov.security.principals import ANONYMOUS
from egov.web.errors import error_page
from egov.web.root import root_factory
from egov.web.urls import LEAVE, public_url

# Addresses on this site, but for what looks the same everywhere or belongs to the back office.
_ADDRESS = re.compile(rb'(\s(?:href|src)=")(/(?!/|static/|manage|login|-/(?!file/|leave/)))')
_SOURCES = re.compile(rb'(\ssrcset=")([^"]*)"')
_BODY = re.compile(
    rb'<body[^>]*>(?:\s*<a class="skip"[^>]*>[^<]*</a>)?'
)  # which stays the first of all links
_PART = re.compile(rb"</head>")


class Shown(NamedTuple):
    """What a preview shows: the drafts, what it is called, and who else may decide on which."""

    items: list[Item]
    title: Message
    until: str = ""
    decisions: dict[int, Any] = {}  # noqa: RUF012  never changed
    arranged: Container | None = None  # whose drafted blocks are shown
    digests: dict[int, str] = {}  # noqa: RUF012  of what may be decided on, as it was before it was previewed


def preview_root(request: Any) -> SiteGroup:
    """The site as it would be with the previewed drafts published; HTTPNotFound for whom the key opens nothing."""
    site: SiteGroup = root_factory(request)
    key = request.matchdict["key"]
    shown = _shown(request, site, key)
    digests = {
        item.uid: item.work.digest() for item in shown.items if shown.decisions.get(item.uid)
    }
    request.actor = ANONYMOUS  # what the public would see
    request.tm.doom()
    for item in shown.items:
        _publish(site, item)
    if shown.arranged is not None and shown.arranged.arrangement is not None:
        shown.arranged.arrangement.publish("")
    site.catalog.revision.change(1)  # nothing of this is kept in memory for others
    request.preview = shown._replace(digests=digests)
    return site


def preview_tween(handler: Callable, _registry: Any) -> Callable:
    """Mark the pages of previews; nothing for all others."""

    def tween(request: Any) -> Any:
        response = handler(request)
        if request.preview is not None:
            _mark(request, response, request.preview)
        return response

    return tween


def _shown(request: Any, site: SiteGroup, key: str) -> Shown:
    actor = request.actor
    if len(key) <= 20 and key[:1] in "ibr" and not actor.is_anonymous:
        number = as_number(key[1:])
        if key[0] == "b":
            page = site.catalog.node(number)
            if isinstance(page, Container) and permits(actor, Permission.PREVIEW, page):
                return Shown([], page.title, arranged=page)
            raise HTTPNotFound
        if key[0] == "i":
            item = site.catalog.node(number)
            if isinstance(item, Item) and permits(actor, Permission.PREVIEW, item):
                return Shown([item], item.title)
        release = site.releases.get(number)
        if release is not None and may_see(site, release, actor):
            return Shown(items_of(site, release), release.title)
        raise HTTPNotFound
    try:
        made = opened(site, key)
    except NotFound:
        raise HTTPNotFound from None
    items = items_of_pass(site, made)
    return Shown(items, made.name, clock.stamp(made.until), choices(site, made))


def _publish(site: SiteGroup, item: Item) -> None:
    table = table_for(item)
    targets = (step.target for step in table.transitions if step.name == "publish")
    target = next(targets, "")
    if item.draft is not None and target:
        item.expire_at = None
        item.publish_draft(target, clock.now())
        site.catalog.index(item)


def _mark(request: Any, response: Any, shown: Shown) -> None:
    """Keep the links of a page within the preview, and say on top of it what it is."""
    key = request.matchdict["key"]
    prefix = f"/-/preview/{key}"
    if response.location and response.location.startswith("/"):
        response.location = prefix + response.location
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    if not (response.content_type or "").startswith("text/html"):
        return
    within = prefix.encode()
    body = _ADDRESS.sub(rb"\1" + within + rb"\2", response.body)
    body = _SOURCES.sub(
        lambda m: m[1] + re.sub(rb"(^|, ?)/", rb"\1" + within + rb"/", m[2]) + b'"', body
    )
    context = getattr(request, "context", None)
    facts = {
        "key": key,
        "shown": shown,
        "links": [
            (prefix + public_url(item), item.title, "page" if item is context else None)
            for item in shown.items
        ],
        "is_one": any(item is context for item in shown.items),
        "here": _here(request, shown),
    }
    bar = render("egov.web:templates/preview_bar.pt", facts, request=request).strip()
    style = b'<link rel="stylesheet" href="/static/web/preview.css"></head>'
    body = _PART.sub(style, body, count=1)
    response.body = _BODY.sub(lambda m: m[0] + bar, body, count=1)


def _here(request: Any, shown: Shown) -> dict[str, Any] | None:
    """What may be decided on the page that is open."""
    item = getattr(request, "context", None)
    if not isinstance(item, Item) or item.uid not in shown.digests:
        return None
    steps = shown.decisions[item.uid]
    return {"uid": item.uid, "digest": shown.digests[item.uid], "steps": steps}


@view_config(route_name="decide_by_pass", permission=Permission.PUBLIC)
def decide_by_pass(request: Any) -> Any:
    """Take a decision by a link; then say so, for the link may show nothing more."""
    sent, key = request.POST, request.matchdict["key"]
    try:
        item = decide(
            request.site,
            key,
            as_number(sent.get("uid")),
            sent.get("step", ""),
            digest=sent.get("digest", ""),
            comment=sent.get("comment", ""),
            address=request.client_addr or "",
        )
    except Invalid as error:
        return error_page(request, 422, _("还没有办理"), error.message)
    told = _("“${title}”已办理，谢谢。意见已转给编辑部门。", mapping={"title": item.title})
    return error_page(request, 200, _("已办理"), told)


def includeme(config: Any) -> None:
    """The routes of previews, where all public views answer, too; within the transaction, errors included."""
    config.add_tween(
        "egov.web.preview.preview_tween", under="pyramid_tm.tm_tween_factory", over=EXCVIEW
    )
    files = "/-/preview/{key}/-/file/{uid:[0-9]{1,18}}/{file}"
    config.add_route("decide_by_pass", "/-/preview/{key}/-/decide", request_method="POST")
    config.add_route(
        "preview_picture", files + "/w{width:[0-9]{1,5}}/{filename}", factory=preview_root
    )
    config.add_route("preview_file", files + "/{filename}", factory=preview_root)
    config.add_route("preview_leave", "/-/preview/{key}" + LEAVE, factory=preview_root)
    config.add_route(
        "preview", "/-/preview/{key}*traverse", factory=preview_root, use_global_views=True,
        request_method=("GET", "HEAD"),
    )  # fmt: skip
