"""Renaming, moving, ordering, deleting; opening and hiding containers."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPFound, HTTPNoContent, HTTPNotFound
from pyramid.renderers import render_to_response
from pyramid.view import view_config

from egov.base.errors import Invalid
from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.base.text import as_number
from egov.catalog import reads
from egov.history.actions import ACTIONS
from egov.manage.frame import done, page
from egov.model.container import Container
from egov.model.node import Node, path_of
from egov.operations.tree import arrange, delete, move, rename, shift
from egov.operations.usage import uses_of
from egov.operations.workflow import advance
from egov.web.urls import manage_url

TAKES_DOWN = frozenset({"unpublish", "withdraw"})  # steps before which one is told where it is used


@view_config(route_name="manage", context=Node, name="arrange", permission=Permission.ARRANGE,
             request_method="GET", renderer="templates/arrange.pt")  # fmt: skip
def show_arrange(context: Node, request: Any) -> dict[str, Any]:
    """Name and place of a node."""
    return _arrange_page(context, request)


def _arrange_page(context: Node, request: Any, error: Any = "") -> dict[str, Any]:
    wanted = Permission.STRUCTURE if context.type_info.is_container else Permission.ADD
    places = reads.containers_where(request.actor, request.site, wanted)
    fit = [c for c in places if c.type_name in context.type_info.addable_to]
    return page(request, context, _("重命名或移动“${title}”", mapping={"title": context.title})) | {
        "name": context.__name__,
        "error": error,
        "uses": used(context, request),
        "places": [(c.uid, f"{c.title}（{path_of(c)}）", c is context.__parent__) for c in fit],
    }


@view_config(route_name="manage", context=Node, name="arrange", permission=Permission.ARRANGE,
             request_method="POST", renderer="templates/arrange.pt")  # fmt: skip
def do_arrange(context: Node, request: Any) -> Any:
    """Rename or move; the old address goes on leading here."""
    target = request.site.catalog.node(as_number(request.POST.get("target")))
    try:
        if isinstance(target, Container):
            move(context, target, by=request.actor)
        rename(context, request.POST.get("name", ""), by=request.actor)
    except Invalid as error:
        request.tm.doom()
        return _arrange_page(context, request, error.message)
    return done(request, context, _("“${title}”现在的网址是 ${path}，原网址会自动转到这里。",
                                    mapping={"title": context.title, "path": path_of(context)}))  # fmt: skip


@view_config(route_name="manage", context=Container, name="order", permission=Permission.PREVIEW,
             request_method="POST")  # fmt: skip
def do_order(context: Container, request: Any) -> Any:
    """Move one child in the order: a step by a button, or to just before or after another where it was dropped."""
    sent = request.POST
    name, beside = sent.get("name", ""), sent.get("before") or sent.get("after")
    if beside:
        if "after" in sent and beside in context:
            beside = context.neighbour(beside, 1)
        arrange(context, name, before=beside, by=request.actor)
    else:
        shift(context, name, sent.get("where", ""), by=request.actor)
    if "quiet" in sent:
        return HTTPNoContent()
    view = "contents" if context is request.site else ""
    number = sent.get("page", "")
    return HTTPFound(manage_url(context, view, arrange=1, page=number if number.isdigit() else 1))


@view_config(route_name="manage", context=Node, name="delete", permission=Permission.DELETE,
             request_method="GET", renderer="templates/delete.pt")  # fmt: skip
def show_delete(context: Node, request: Any) -> dict[str, Any]:
    """What goes with it."""
    return page(request, context, _("删除“${title}”", mapping={"title": context.title})) | {
        "inside": len(context) if isinstance(context, Container) else 0,
        "uses": used(context, request),
    }


def used(node: Node, request: Any) -> dict[str, Any] | None:
    """Where a node is used, for people to read; None where it is not."""
    uses = uses_of(node, request.actor)
    return (
        {
            "links": [
                (u.node.title, manage_url(u.node), u.target.title)
                for u in uses.seen
                if not u.is_placement
            ],
            "places": [
                (place.title, manage_url(place), u.target.title)
                for u in uses.seen
                if u.is_placement and (place := u.node.__parent__) is not None
            ],
            "hidden": uses.hidden,
        }
        if uses
        else None
    )


def ask_before(node: Node, request: Any, step: str, uses: dict[str, Any]) -> Any:
    """Show where a node is used before a step after which links to it lead nowhere; the form takes it all the same."""
    named = {"step": ACTIONS[step], "title": node.title}
    told = _("别处还有链接或引用。继续之后，那里的链接会失效、引用会消失：")
    if step == "withdraw":
        told = _("别处还有链接或引用。继续之后，链接打开的是撤回说明，引用会消失：")
    values = page(request, node, _("${step}“${title}”", mapping=named)) | {
        "told": told,
        "label": _("仍然${step}", mapping=named),
        "used": [(node.title, uses)],
        "chosen": [],
        "back": "",
        "button": "step",
        "what": step,
        "comment": request.POST.get("comment", ""),
        "back_url": manage_url(node),
    }
    return render_to_response("egov.manage.places:templates/bulk_sure.pt", values, request=request)


@view_config(route_name="manage", context=Node, name="used", permission=Permission.PREVIEW,
             request_method="GET", renderer="templates/used.pt")  # fmt: skip
def show_used(context: Node, request: Any) -> dict[str, Any]:
    """Where the node is used."""
    title = _("“${title}”用在哪里", mapping={"title": context.title})
    return page(request, context, title) | {"uses": used(context, request)}


@view_config(
    route_name="manage",
    context=Node,
    name="delete",
    permission=Permission.DELETE,
    request_method="POST",
)
def do_delete(context: Node, request: Any) -> Any:
    """Put it into the trash."""
    parent = context.__parent__
    if parent is None:
        raise HTTPNotFound
    delete(context, by=request.actor)
    return done(request, parent, _("已将“${title}”移入回收站。", mapping={"title": context.title}))


@view_config(
    route_name="manage",
    context=Container,
    name="step",
    permission=Permission.PREVIEW,
    request_method="POST",
)
def step_container(context: Container, request: Any) -> Any:
    """Open a container to the public or hide it."""
    advance(context, request.POST.get("step", ""), by=request.actor)
    view = "contents" if context is request.site else ""
    return done(
        request, context, _("已更改“${title}”的开放状态。", mapping={"title": context.title}), view
    )
