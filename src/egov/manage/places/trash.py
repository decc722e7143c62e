"""The trash: what was deleted, by whom, from where; the way back, and the way out for good."""

from __future__ import annotations

from itertools import islice
from typing import Any

from pyramid.view import view_config

from egov.base import clock
from egov.base.errors import EgovError, Invalid
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.base.text import as_number
from egov.catalog import reads
from egov.manage.frame import done, page
from egov.manage.many.beginning import follow, target_of
from egov.model.container import Container
from egov.model.node import Node, lineage, path_of
from egov.model.site import SiteGroup
from egov.operations.batches import begin
from egov.operations.trash import discarded, ends, may_purge
from egov.operations.tree import Discarded, undelete
from egov.security.policy import permits
from egov.security.principals import Actor

SHOWN = 200
PLACES_SHOWN = 300


@view_config(route_name="manage", context=SiteGroup, name="trash", permission=Permission.AUTHENTICATED,
             request_method="GET", renderer="templates/trash.pt")  # fmt: skip
def show_trash(context: SiteGroup, request: Any) -> dict[str, Any]:
    """What this person may bring back, newest first."""
    return _trash_page(context, request)


def _trash_page(context: SiteGroup, request: Any, error: Message = "") -> dict[str, Any]:
    entries = discarded(context, request.actor, limit=SHOWN)
    rows = [_row(context, request, entry) for entry in entries]
    days = request.registry.egov.trash_days
    return page(request, context, _("回收站")) | {
        "entries": rows,
        "is_cut": len(entries) == SHOWN,
        "shown": SHOWN,
        "days": days,
        "may_purge": any(row["may_purge"] for row in rows),
        "places": _places(context, request),
        "error": error,
    }


def _row(site: SiteGroup, request: Any, entry: Discarded) -> dict[str, Any]:
    home = site.catalog.node(entry.parent_uid)
    end = ends(entry, request.registry.egov.trash_days)
    return {
        "uid": entry.node.uid,
        "title": entry.node.title,
        "icon": entry.node.type_info.icon,
        "type": entry.node.type_info.title,
        "inside": len(entry.node) if isinstance(entry.node, Container) else 0,
        "gone": home is None,
        "where": _where(home, site, request.actor) if home is not None else "",
        "by": site.directory.title_of(f"user:{entry.by}"),
        "at": clock.stamp(entry.at),
        "ends": clock.day(end) if end is not None else "",
        "is_soon": end is not None and (end - clock.now()).days < 7,
        "may_purge": may_purge(site, entry, request.actor),
    }


def _where(home: Node, site: SiteGroup, actor: Actor) -> str:
    """What stands above a place and the place itself, as far as this person may see it."""
    above = (n for n in lineage(home) if n is not site and permits(actor, Permission.PREVIEW, n))
    return " / ".join(reversed([node.title for node in above])) or site.title


def _places(site: SiteGroup, request: Any) -> list[tuple[str, str]]:
    found = reads.containers_where(request.actor, site, Permission.ADD)
    return [(path_of(c), c.title) for c in islice(found, PLACES_SHOWN)]


@view_config(route_name="manage", context=SiteGroup, name="trash", permission=Permission.AUTHENTICATED,
             request_method="POST", renderer="templates/trash.pt")  # fmt: skip
def do_trash(context: SiteGroup, request: Any) -> Any:
    """Bring back what was chosen, to its place or another; or destroy it for good."""
    sent = request.POST
    uids = list(dict.fromkeys(as_number(raw) for raw in sent.getall("uid")[:SHOWN]))
    mine = {entry.node.uid for entry in discarded(context, request.actor, limit=SHOWN)}
    uids = [uid for uid in uids if uid in mine]
    if not uids:
        return done(request, context, _("请先勾选要处理的内容。"), "trash", "warning")
    target: Container | None = None
    if sent.get("do") == "elsewhere":
        try:
            target = target_of(request)
        except Invalid as error:
            return _trash_page(context, request, error.message)
    if len(uids) == 1 and sent.get("do") != "purge":
        return _one(context, request, uids[0], target)
    what = "purge" if sent.get("do") == "purge" else "undelete"
    arguments = {"target": target.uid if target is not None else 0}
    batch = begin(context, what, uids, arguments, by=request.actor)
    return follow(request, batch, context, "trash")


def _one(site: SiteGroup, request: Any, uid: int, target: Container | None) -> Any:
    try:
        node = undelete(site, uid, by=request.actor, target=target)
    except EgovError as error:
        request.tm.abort()
        request.tm.begin()
        return _trash_page(site, request, error.message)
    return done(request, node, _("已从回收站恢复“${title}”。", mapping={"title": node.title}))
