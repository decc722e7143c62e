"""Many nodes at once: a step, the trash, or another place; and what became of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyramid.httpexceptions import HTTPFound, HTTPNotFound
from pyramid.renderers import render_to_response
from pyramid.view import view_config

from egov.base.errors import Invalid
from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.base.text import as_number
from egov.catalog import reads
from egov.manage.frame import done, page
from egov.model.container import Container
from egov.model.item import Item
from egov.model.node import Node, path_of
from egov.operations.bulk import Outcome, each
from egov.operations.tree import copy, delete, move, place
from egov.operations.workflow import advance
from egov.security.policy import permits
from egov.web.urls import manage_url

MOST = 200
PLACES_SHOWN = 300


def chosen(request: Any, sent: Any) -> list[Node]:
    """The nodes that were ticked and that this person may see."""
    uids = [as_number(raw) for raw in sent.getall("uid")][:MOST]
    found = (request.site.catalog.node(uid) for uid in dict.fromkeys(uids))
    return [n for n in found if n is not None and permits(request.actor, Permission.PREVIEW, n)]


@view_config(route_name="manage", context=Container, name="bulk", permission=Permission.PREVIEW,
             request_method="POST")  # fmt: skip
def bulk(context: Container, request: Any) -> Any:
    """Do one thing to all that were ticked; a list of what went through and what did not, and why."""
    sent, by = request.POST, request.actor
    nodes, what = chosen(request, sent), sent.get("do", "")
    if not nodes:
        return done(
            request, context, _("请先勾选要处理的内容。"), _view_of(context, request), "warning"
        )
    if what == "transfer":
        query = "&".join(f"uid={node.uid}" for node in nodes)
        return HTTPFound(f"{manage_url(context, 'transfer')}?{query}")
    comment = sent.get("comment", "")
    if what == "delete":
        outcomes = each(request.site, nodes, lambda node: delete(node, by=by))
    else:
        outcomes = each(
            request.site, nodes, lambda node: advance(node, what, by=by, comment=comment)
        )
    return _told(context, request, outcomes)


def _view_of(container: Container, request: Any) -> str:
    if request.POST.get("back") == "inbox":
        return "inbox"
    return "contents" if container is request.site else ""


def _told(
    context: Container, request: Any, outcomes: list[Outcome], target: Container | None = None
) -> Any:
    failed = [o for o in outcomes if o.problem]
    where = target or context
    if not failed:
        message = _("已完成 ${count} 项。", mapping={"count": len(outcomes)})
        return done(request, where, message, _view_of(where, request))
    values = page(request, context, _("处理结果")) | {
        "done": [(o.title, manage_url(o.node)) for o in outcomes if not o.problem],
        "failed": [(o.title, manage_url(o.node), [o.problem, *o.details]) for o in failed],
        "back_url": manage_url(where, _view_of(where, request)),
    }
    return render_to_response("egov.manage:templates/bulk.pt", values, request=request)


@view_config(route_name="manage", context=Container, name="transfer", request_method="GET",
             permission=Permission.PREVIEW, renderer="templates/transfer.pt")  # fmt: skip
def show_transfer(context: Container, request: Any) -> dict[str, Any]:
    """Where should it go: moved, copied, or shown there as well?"""
    return _transfer_page(context, request, chosen(request, request.GET))


def _transfer_page(
    context: Container, request: Any, nodes: list[Node], error: Any = ""
) -> dict[str, Any]:
    if not nodes:
        raise HTTPNotFound
    return page(request, context, _("移动、复制或引用")) | {
        "nodes": [(n.uid, n.title) for n in nodes],
        "places": _places(request, nodes),
        "can_place": all(isinstance(n, Item) for n in nodes),
        "target": request.POST.get("target", ""),
        "error": error,
        "back_url": manage_url(context, _view_of(context, request)),
    }


def _places(request: Any, nodes: list[Node]) -> list[tuple[str, str]]:
    wanted = {_needed(n) for n in nodes}
    fit = [
        c
        for c in reads.containers_where(request.actor, request.site, min(wanted))
        if all(c.type_name in n.type_info.addable_to for n in nodes)
    ]
    return [(path_of(c), " › ".join(_titles(c))) for c in fit[:PLACES_SHOWN]]


def _needed(node: Node) -> Permission:
    return Permission.STRUCTURE if node.type_info.is_container else Permission.ADD


def _titles(container: Container) -> list[str]:
    above = container.__parent__
    return [container.title] if above is None else [*_titles(above), container.title][-3:]


@view_config(route_name="manage", context=Container, name="transfer", request_method="POST",
             permission=Permission.PREVIEW, renderer="templates/transfer.pt")  # fmt: skip
def do_transfer(context: Container, request: Any) -> Any:
    """Move, copy or place all that was chosen; what cannot go stays where it is, and is told."""
    nodes, by = chosen(request, request.POST), request.actor
    doing: dict[str, Callable[[Any, Container], object]] = {
        "move": lambda node, to: move(node, to, by=by),
        "copy": lambda node, to: copy(node, to, by=by),
        "place": lambda node, to: place(node, to, by=by),
    }
    do = doing.get(request.POST.get("do", ""))
    if do is None:
        raise HTTPNotFound
    try:
        target = _target(request)
    except Invalid as error:
        return _transfer_page(context, request, nodes, error.message)
    return _told(context, request, each(request.site, nodes, lambda node: do(node, target)), target)


def _target(request: Any) -> Container:
    path = request.POST.get("target", "").strip()
    node: Any = request.site
    for name in filter(None, path.split("/")):
        node = node.get(name) if isinstance(node, Container) else None
    if (
        not path
        or not isinstance(node, Container)
        or not permits(request.actor, Permission.PREVIEW, node)
    ):
        raise Invalid(_("没有找到“${path}”这个栏目，请从列表中选择。", mapping={"path": path}))
    return node
