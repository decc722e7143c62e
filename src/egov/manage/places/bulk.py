"""Many nodes at once: a step, the trash, another place, keywords; begun here, followed on the batch's own page."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.renderers import render_to_response
from pyramid.view import view_config

from egov.base.errors import Invalid
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.catalog import reads
from egov.manage.drafts.replacing import replace_page
from egov.manage.frame import done
from egov.manage.many.beginning import NAMES_SHOWN, asking, start, target_of, view_of
from egov.manage.many.clipboard import TRANSFERS, take_up
from egov.manage.many.selecting import Selection
from egov.manage.places.arranging import TAKES_DOWN, used
from egov.model.container import Container
from egov.model.item import Item
from egov.model.node import Node, path_of
from egov.web.urls import manage_url

PLACES_SHOWN = 300
USES_ASKED = 50
_SURE = "egov.manage.places:templates/bulk_sure.pt"
MOST_LOOKED_AT = 200
# Steps after which links lead nowhere.
TAKES_AWAY = TAKES_DOWN | {"delete"}


@view_config(route_name="manage", context=Container, name="bulk", permission=Permission.PREVIEW,
             request_method="POST")  # fmt: skip
def bulk(context: Container, request: Any) -> Any:
    """Begin one thing for all that were ticked, or ask what is still to be known."""
    sent = request.POST
    chosen, what = Selection(context, request, sent), sent.get("do", "")
    if not chosen.uids:
        view = view_of(context, request)
        return done(request, context, _("请先勾选要处理的内容。"), view, "warning")
    if what in ("cut", "copy"):
        return take_up(context, request, chosen, what)
    asked = _ASKED.get(what)
    if asked is not None:
        return render_to_response(asked[0], asked[1](context, request, chosen), request=request)
    if what in TAKES_AWAY and "sure" not in sent and (uses := _uses(chosen, request)):
        return render_to_response(
            _SURE, _sure_page(context, request, chosen, uses), request=request
        )
    if what == "delete":
        return start(context, request, "delete", chosen.uids, {})
    arguments = {"step": what, "comment": sent.get("comment", "")}
    return start(context, request, "step", chosen.uids, arguments)


def _uses(chosen: Selection, request: Any) -> list[tuple[str, dict[str, Any]]]:
    """Where the first of the chosen are used by others."""
    found = ((node.title, used(node, request)) for node in chosen.nodes(USES_ASKED))
    return [(title, uses) for title, uses in found if uses]


def _sure_page(
    context: Container, request: Any, chosen: Selection, uses: list[tuple[str, dict[str, Any]]]
) -> dict[str, Any]:
    named = {"count": len(chosen.uids)}
    return asking(context, request, chosen, _("别处还在用")) | {
        "told": _("所选内容中，有的在别处还被链接或引用。继续之后，那里的链接会失效、引用会消失："),
        "label": _("仍然继续，共 ${count} 项", mapping=named),
        "used": uses,
        "button": "do",
        "what": request.POST.get("do", ""),
        "comment": request.POST.get("comment", ""),
    }


@view_config(route_name="manage", context=Container, name="transfer", request_method="GET",
             permission=Permission.PREVIEW, renderer="templates/transfer.pt")  # fmt: skip
def show_transfer(context: Container, request: Any) -> dict[str, Any]:
    """Where should it go: moved, copied, or shown there as well?"""
    return _transfer_page(context, request, Selection(context, request, request.GET))


def _transfer_page(
    context: Container, request: Any, chosen: Selection, error: Message = ""
) -> dict[str, Any]:
    nodes = chosen.nodes(USES_ASKED)
    if not nodes:
        raise HTTPNotFound
    return asking(context, request, chosen, _("移动、复制或引用")) | {
        "transfer_url": manage_url(context, "transfer"),
        "places": _places(request, nodes),
        "can_place": all(isinstance(n, Item) for n in nodes),
        "target": request.POST.get("target", ""),
        "error": error,
    }


def _places(request: Any, nodes: list[Node]) -> list[tuple[str, str]]:
    wanted = {_needed(n) for n in nodes}
    fit = (
        c
        for c in reads.containers_where(request.actor, request.site, min(wanted))
        if all(c.type_name in n.type_info.addable_to for n in nodes)
    )
    return [(path_of(c), " › ".join(_titles(c))) for c in islice(fit, PLACES_SHOWN)]


def _needed(node: Node) -> Permission:
    return Permission.STRUCTURE if node.type_info.is_container else Permission.ADD


def _titles(container: Container) -> list[str]:
    above = container.__parent__
    return [container.title] if above is None else [*_titles(above), container.title][-3:]


@view_config(route_name="manage", context=Container, name="transfer", request_method="POST",
             permission=Permission.PREVIEW, renderer="templates/transfer.pt")  # fmt: skip
def do_transfer(context: Container, request: Any) -> Any:
    """Move, copy or place all that was chosen; what cannot go stays where it is, and is told."""
    chosen, what = Selection(context, request, request.POST), request.POST.get("do", "")
    if what not in TRANSFERS:
        raise HTTPNotFound
    try:
        target = target_of(request)
    except Invalid as error:
        return _transfer_page(context, request, chosen, error.message)
    return start(context, request, what, chosen.uids, {"target": target.uid}, target)


def _tags_page(context: Container, request: Any, chosen: Selection) -> dict[str, Any]:
    known: dict[str, int] = {}
    for node in chosen.nodes(MOST_LOOKED_AT):
        if isinstance(node, Item):
            for word in node.work.values.get("keywords", ()):
                known[word] = known.get(word, 0) + 1
    return asking(context, request, chosen, _("批量改关键词")) | {
        "known": sorted(known.items(), key=lambda pair: -pair[1])[:NAMES_SHOWN],
        "tag_url": manage_url(context, "tag"),
    }


@view_config(route_name="manage", context=Container, name="tag", permission=Permission.PREVIEW,
             request_method="POST")  # fmt: skip
def do_tag(context: Container, request: Any) -> Any:
    """Add keywords to the drafts of all that were chosen, and take others away."""
    chosen = Selection(context, request, request.POST)
    add = tuple(request.POST.get("add", "").replace("，", " ").replace(",", " ").split())[:20]
    remove = tuple(request.POST.getall("remove"))[:50]
    if not (add or remove):
        message = _("没有要添加或去掉的关键词。")
        return done(request, context, message, view_of(context, request), "warning")
    return start(context, request, "tag", chosen.uids, {"add": add, "remove": remove})


# What must be asked before it can begin: the template, and its values.
_ASKED: dict[str, tuple[str, Callable[..., dict[str, Any]]]] = {
    "transfer": ("egov.manage.places:templates/transfer.pt", _transfer_page),
    "tags": ("egov.manage.places:templates/tags.pt", _tags_page),
    "replace": ("egov.manage.drafts:templates/replace.pt", replace_page),
}
