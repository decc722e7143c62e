"""What editors teach the search, and what people looked for in vain."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

from pyramid.traversal import find_resource
from pyramid.view import view_config

from egov.base import clock
from egov.base.errors import Invalid, NotFound
from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.manage.frame import done, page
from egov.model.item import Item
from egov.model.node import Node
from egov.model.site import SiteGroup
from egov.operations.search_guide import pin, set_synonyms, unpin
from egov.search.missed import missed
from egov.security.policy import permits
from egov.web.urls import public_url

VIEW = "search-guide"
DAYS = 30
MISSED_SHOWN = 100
_BY_UID = "/-/node/"


@view_config(route_name="manage", context=SiteGroup, name=VIEW, permission=Permission.CONFIGURE,
             request_method="GET", renderer="templates/search_guide.pt")  # fmt: skip
def show_guide(context: SiteGroup, request: Any) -> dict[str, Any]:
    """Synonyms, recommendations, and the questions of the last thirty days that found nothing."""
    return _guide_page(context, request)


def _guide_page(context: SiteGroup, request: Any, error: Any = "") -> dict[str, Any]:
    sent = request.POST
    groups = "\n".join("、".join(group) for group in context.guide.synonyms)
    index = request.registry.search
    return page(request, context, _("搜索设置")) | {
        "error": error,
        "is_of_pins": sent.get("do") in ("pin", "unpin"),
        "synonyms": sent.get("synonyms", groups),
        "question": sent.get("question", request.GET.get("question", "")),
        "address": sent.get("address", ""),
        "pins": _pins(context, request.actor),
        "missed": [
            (m.text, m.times, clock.day(m.last), f"?{urlencode({'question': m.text})}#pin")
            for m in (missed(index.folder, days=DAYS, limit=MISSED_SHOWN) if index else ())
        ],
        "days": DAYS,
    }


def _pins(site: SiteGroup, actor: Any) -> list[dict[str, Any]]:
    found = []
    for question, uids in sorted(site.guide.pins.items()):
        for uid in uids:
            node = site.catalog.node(uid)
            shown = isinstance(node, Item) and permits(actor, Permission.VIEW, node)
            about = (node.live_title, public_url(node)) if shown else ("", "")
            found.append({"question": question, "uid": uid, "title": about[0], "url": about[1]})
    return found


@view_config(route_name="manage", context=SiteGroup, name=VIEW, permission=Permission.CONFIGURE,
             request_method="POST", renderer="templates/search_guide.pt")  # fmt: skip
def do_guide(context: SiteGroup, request: Any) -> Any:
    """Save the synonyms, or recommend something, or no longer."""
    sent, by = request.POST, request.actor
    question = sent.get("question", "")
    try:
        if sent.get("do") == "pin":
            pin(context, question, _node_at(context, sent.get("address", "").strip()), by=by)
        elif sent.get("do") == "unpin":
            uid = sent.get("uid", "")
            unpin(context, question, int(uid) if uid.isdecimal() else 0, by=by)
        else:
            set_synonyms(context, sent.get("synonyms", ""), by=by)
    except (Invalid, NotFound) as error:
        return _guide_page(context, request, error.message)
    return done(request, context, _("已更改搜索设置。"), VIEW, part="main")


def _node_at(site: SiteGroup, address: str) -> Node:
    """What stands at a path or an address of this site group; raises Invalid if nothing does."""
    try:
        path = urlsplit(address).path
        if path.startswith(_BY_UID):
            node = site.catalog.node(int(path.removeprefix(_BY_UID)))
        else:
            node = find_resource(site, path)
    except (KeyError, ValueError):
        node = None
    if not isinstance(node, Node):
        raise Invalid(_("这个网址上没有内容。"))
    return node
