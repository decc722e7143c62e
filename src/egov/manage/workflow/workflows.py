"""Which workflow table the items below a container follow: what their types say, unless the office says otherwise."""

from __future__ import annotations

from typing import Any

from pyramid.view import view_config

from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.manage.frame import done, page
from egov.model import types
from egov.model.container import Container
from egov.model.item import Item
from egov.model.node import lineage
from egov.operations.containers import set_workflow
from egov.web.urls import manage_url
from egov.workflow.office import all_tables, item_tables
from egov.workflow.table import Table

EVERY_TYPE = "*"


@view_config(route_name="manage", context=Container, name="workflow", permission=Permission.CONFIGURE,
             request_method="GET", renderer="templates/workflow.pt")  # fmt: skip
def show_workflow(context: Container, request: Any) -> dict[str, Any]:
    """The override of each type here, and what holds without one."""
    kinds = [(EVERY_TYPE, _("所有类型"))]
    kinds += [
        (c.type_info.name, c.type_info.title) for c in types.all_types() if issubclass(c, Item)
    ]
    tables = all_tables(request.site)
    title = _("“${title}”的审核流程", mapping={"title": context.title})
    return page(request, context, title) | {
        "rows": [
            {
                "name": name,
                "title": label,
                "chosen": context.workflows.get(name, ""),
                "above": _from_above(context, name, tables),
            }
            for name, label in kinds
        ],
        "tables_url": manage_url(context, "tables") if context is request.site else "",
        "tables": [(name, tables[name].title) for name in item_tables(request.site)],
    }


def _from_above(container: Container, kind: str, tables: dict[str, Table]) -> Any:
    for above in lineage(container.__parent__):
        chosen = above.workflows.get(kind) if isinstance(above, Container) else None
        if chosen:
            return tables[chosen].title
    return tables[types.get(kind).type_info.workflow].title if kind != EVERY_TYPE else ""


@view_config(route_name="manage", context=Container, name="workflow", permission=Permission.CONFIGURE,
             request_method="POST")  # fmt: skip
def do_workflow(context: Container, request: Any) -> Any:
    """Change what differs; everything below follows at once."""
    for name in (EVERY_TYPE, *(c.type_info.name for c in types.all_types())):
        table = request.POST.get(name)
        if table is not None and table != context.workflows.get(name, ""):
            set_workflow(context, name, table, by=request.actor)
    title = _("已更改“${title}”的审核流程。", mapping={"title": context.title})
    return done(request, context, title, "workflow")
