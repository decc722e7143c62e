"""The contents of a container, and what can be done with the container itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyramid.view import view_config

from egov.base import clock
from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.base.text import as_number
from egov.catalog import reads
from egov.manage.frame import chip, page
from egov.model import types
from egov.model.container import Container
from egov.model.default_blocks import may_be_arranged
from egov.model.item import Item
from egov.model.node import Node
from egov.model.placement import Placement
from egov.model.site import Section, SiteGroup, Subsite, site_of
from egov.operations.workflow import available
from egov.security.policy import permits
from egov.web.urls import manage_url
from egov.workflow.office import state_titles

PAGE_SIZE = 50


@view_config(
    route_name="manage",
    context=Subsite,
    permission=Permission.PREVIEW,
    renderer="templates/contents.pt",
)
@view_config(
    route_name="manage",
    context=Section,
    permission=Permission.PREVIEW,
    renderer="templates/contents.pt",
)
@view_config(
    route_name="manage", context=SiteGroup, name="contents", permission=Permission.PREVIEW,
    renderer="templates/contents.pt",
)  # fmt: skip
def contents(context: Container, request: Any) -> dict[str, Any]:
    """A container's children as a table, filtered by state and sorted as the address says."""
    raw = request.GET.get("page", "1")
    number = as_number(raw, 6) or 1
    state, sort = request.GET.get("state", ""), request.GET.get("sort", "order")
    found = reads.contents(
        context,
        request.actor,
        limit=PAGE_SIZE,
        offset=(max(number, 1) - 1) * PAGE_SIZE,
        states={state} if state else None,
        sort="changed" if sort == "changed" else "order",
    )
    return page(request, context) | {
        "rows": [row(node) for node in found.nodes],
        "arranging": "arrange" in request.GET and sort == "order" and not state,
        "bulk_steps": steps_of(found.nodes, request.actor),
        "total": found.total,
        "number": number,
        "last": max(1, -(-found.total // PAGE_SIZE)),
        "state": state,
        "sort": sort,
        "chip": chip(context),
        "filters": _filters(context, request.actor, state),
        "add_types": addable_types(context, request.actor),
        "steps": [(s.name, s.title) for s in available(context, request.actor)],
        "links": node_links(context, request.actor),
    }


def row(node: Node) -> dict[str, Any]:
    """A node as a row of a table."""
    return {
        "uid": node.uid,
        "name": node.__name__,
        "title": node.title,
        "url": manage_url(node),
        "type": node.type_info.title,
        "icon": node.type_info.icon,
        "owner": node.owner,
        "changed": clock.stamp(node.modified),
        "chip": chip(node),
    }


def steps_of(nodes: Sequence[Node], actor: Any) -> list[tuple[str, Any]]:
    """The steps that fit at least one item of the page; what does not fit another is told when it is tried."""
    found: dict[str, Any] = {}
    for node in nodes:
        if isinstance(node, Item):
            found |= {
                step.name: step.title for step in available(node, actor) if step.name not in found
            }
    return list(found.items())


def _filters(container: Container, actor: Any, chosen: str) -> list[dict[str, Any]]:
    totals: dict[str, int] = {}
    for (state, _type), count in reads.counts(container, actor).items():
        totals[state] = totals.get(state, 0) + count
    titles = state_titles(site_of(container))
    return [
        {
            "title": titles.get(s, s),
            "count": n,
            "chosen": s == chosen,
            "url": manage_url(container, "", state=s),
        }
        for s, n in sorted(totals.items())
    ]


def addable_types(container: Container, actor: Any) -> list[dict[str, Any]]:
    """The types that this person may add here."""
    found = []
    for cls in types.addable(container):
        info = cls.type_info
        wanted = Permission.STRUCTURE if info.is_container else Permission.ADD
        if cls is not Placement and permits(actor, wanted, container):
            url = manage_url(container, "add", type=info.name)
            found.append({"title": info.title, "icon": info.icon, "url": url})
    if isinstance(container, Section) and permits(actor, Permission.ADD, container):
        url = manage_url(container, "upload")
        found.append({"title": _("批量上传文件"), "icon": "cloud-arrow-up", "url": url})
    return found


def node_links(node: Node, actor: Any) -> list[tuple[Any, str]]:
    """The pages about a node that this person may open."""
    wanted = [
        (_("历史"), "history", Permission.PREVIEW),
        (_("用在哪里"), "used", Permission.PREVIEW),
        (_("流程规则"), "rules", Permission.PREVIEW),
        (_("权限"), "grants", Permission.GRANT),
    ]
    if isinstance(node, Container):
        wanted.append((_("设置"), "settings", Permission.CONFIGURE))
        wanted.append((_("审核流程"), "workflow", Permission.CONFIGURE))
    if may_be_arranged(node):
        wanted.append((_("编排页面"), "blocks", Permission.COMPOSE))
    if isinstance(node, Container | Item):
        wanted.append((_("访问与评价"), "readership", Permission.PREVIEW))
    if isinstance(node, SiteGroup | Subsite):
        wanted.append((_("报送与约稿"), "offers", Permission.PREVIEW))
        wanted.append((_("读者纠错"), "corrections", Permission.ADOPT))
    if isinstance(node, SiteGroup):
        wanted.append((_("邮件订阅"), "subscriptions", Permission.CONFIGURE))
        wanted.append((_("搜索设置"), "search-guide", Permission.CONFIGURE))
    if isinstance(node, Item) and node.live_state == "published":
        wanted.append((_("报送…"), "offer", Permission.EDIT))
    if node.__parent__ is not None:
        wanted.append((_("重命名或移动"), "arrange", Permission.ARRANGE))
        wanted.append((_("删除"), "delete", Permission.DELETE))
    found = [
        (title, manage_url(node, view))
        for title, view, needed in wanted
        if permits(actor, needed, node)
    ]
    if (above := node.__parent__) is not None and permits(actor, Permission.PREVIEW, above):
        found.append((_("复制或引用到…"), manage_url(above, "transfer", uid=node.uid)))
    return found


@view_config(
    route_name="manage",
    context=Placement,
    permission=Permission.PREVIEW,
    renderer="templates/placement.pt",
)
def placement(context: Placement, request: Any) -> dict[str, Any]:
    """A placement: what it shows, and how to remove it."""
    target = context.target
    seen = permits(request.actor, Permission.PREVIEW, target)
    return page(request, context) | {
        "target_url": manage_url(target) if seen else "",
        "links": node_links(context, request.actor),
    }
