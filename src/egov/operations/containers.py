"""Settings of portal, subsites and sections."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from egov.base import clock
from egov.base.errors import Invalid
from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.model import types
from egov.model.container import Container
from egov.model.site import SiteGroup, site_of
from egov.operations.content import validated
from egov.operations.keeping import undoable
from egov.operations.ownership import with_owner
from egov.operations.record import record, require
from egov.operations.tables import settle
from egov.security.principals import Actor
from egov.workflow.office import all_tables, item_tables


@undoable
def configure(container: Container, values: Mapping[str, Any], *, by: Actor) -> Container:
    """Change a container's settings at once.

    Raises Forbidden without `configure`, Invalid for values that do not fit.
    """
    require(by, Permission.CONFIGURE, container)
    site = site_of(container)
    clean = validated(type(container), with_owner(site, values, container.values))
    if clean == container.values:
        return container
    container.values = clean
    container.title = clean["title"]
    container.modified = clock.now()
    # Menus and footers show titles and settings: whoever remembers them looks at the generation.
    site.catalog.rights_changed()
    site.catalog.index(container)
    record(by, "configure", container)
    return container


@undoable
def set_workflow(container: Container, type_name: str, table_name: str, *, by: Actor) -> Container:
    """Let items of a type (`*` for all) follow another table in the container's subtree; "" lets go of the override.

    Items whose state the other table does not have go back to its start. Raises Forbidden without `configure`,
    Invalid for a table that is not for items.
    """
    require(by, Permission.CONFIGURE, container)
    if table_name and table_name not in item_tables(site_of(container)):
        raise Invalid(_("没有名为“${name}”的工作流。", mapping={"name": table_name}))
    told = _told(type_name, table_name, site_of(container))
    workflows = {key: value for key, value in container.workflows.items() if key != type_name}
    if table_name:
        workflows[type_name] = table_name
    container.workflows = workflows
    site_of(container).catalog.note_rules(container)
    container.modified = clock.now()
    settle(container, by=by)
    record(by, "set_workflow", container, comment=told)
    return container


def _told(type_name: str, table_name: str, site: SiteGroup) -> str:
    kind = _("全部类型") if type_name == "*" else types.get(type_name).type_info.title
    table = all_tables(site).get(table_name)
    return f"{kind}：{table.title if table is not None else '—'}"
