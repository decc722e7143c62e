"""What may be done to many things at once, each by the operation that does it to one."""

from __future__ import annotations

from typing import Any

from egov.base.errors import Conflict, Invalid, NotFound
from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.model.batch import Batch
from egov.model.container import Container
from egov.model.item import Item
from egov.model.node import Node
from egov.model.site import SiteGroup
from egov.operations.batches import kind
from egov.operations.content import create, edit
from egov.operations.record import require
from egov.operations.replacing import Replacement, replace
from egov.operations.trash import purge
from egov.operations.tree import copy, delete, move, place, undelete
from egov.operations.undo import undo
from egov.operations.workflow import advance
from egov.security.principals import Actor


def node_of(site: SiteGroup, uid: int, by: Actor) -> Node:
    """The node of a uid; raises NotFound where it is gone, Forbidden for who may not see it."""
    node = site.catalog.node(uid)
    if node is None:
        raise NotFound(_("这项内容已不存在。"))
    require(by, Permission.PREVIEW, node)
    return node


def target_of(site: SiteGroup, batch: Batch) -> Container:
    """Where things are to go; raises Conflict where that has gone."""
    target = site.catalog.node(batch.arguments["target"])
    if not isinstance(target, Container):
        raise Conflict(_("目标栏目已不存在。"))
    return target


@kind("step", _("批量办理"))
def take_step(site: SiteGroup, batch: Batch, uid: Any, by: Actor) -> Node:
    """Take a step of the workflow."""
    node = node_of(site, uid, by)
    return advance(node, batch.arguments["step"], by=by, comment=batch.arguments.get("comment", ""))


@kind("move", _("批量移动"))
def move_there(site: SiteGroup, batch: Batch, uid: Any, by: Actor) -> Node:
    """Move to another container."""
    return move(node_of(site, uid, by), target_of(site, batch), by=by)


@kind("copy", _("批量复制"))
def copy_there(site: SiteGroup, batch: Batch, uid: Any, by: Actor) -> Node:
    """Copy as drafts."""
    return copy(node_of(site, uid, by), target_of(site, batch), by=by)


@kind("place", _("批量引用"))
def place_there(site: SiteGroup, batch: Batch, uid: Any, by: Actor) -> Node:
    """Show in another section."""
    return place(node_of(site, uid, by), target_of(site, batch), by=by)


@kind("delete", _("批量移入回收站"))
def put_into_trash(site: SiteGroup, _batch: Batch, uid: Any, by: Actor) -> Node:
    """Put into the trash."""
    node = node_of(site, uid, by)
    delete(node, by=by)
    return node


@kind("tag", _("批量改关键词"))
def set_tags(site: SiteGroup, batch: Batch, uid: Any, by: Actor) -> Node:
    """Add keywords to the drafts, and take others away."""
    item = node_of(site, uid, by)
    if not isinstance(item, Item) or "keywords" not in item.work.values:
        raise Invalid(_("“${title}”没有关键词。", mapping={"title": item.title}))
    gone, more = batch.arguments["remove"], batch.arguments["add"]
    kept = [word for word in item.work.values["keywords"] if word not in gone]
    words = tuple(dict.fromkeys([*kept, *more]))
    return edit(item, item.work.values | {"keywords": words}, by=by, action="change")


@kind("replace", _("查找替换"))
def replace_in(site: SiteGroup, batch: Batch, uid: Any, by: Actor) -> Node | None:
    """Replace words in the draft."""
    item = node_of(site, uid, by)
    if not isinstance(item, Item):
        raise Invalid(_("“${title}”没有可以替换的文字。", mapping={"title": item.title}))
    return replace(item, Replacement(**batch.arguments), by=by)


@kind("undo", _("整体撤销"))
def take_back(site: SiteGroup, _batch: Batch, thing: Any, by: Actor) -> Node:
    """Take one step back, of something that may lie in the trash."""
    uid, key = thing
    node = site.catalog.node(uid)
    if node is None and uid in site.trash:
        node = site.trash[uid].node
    if node is None:
        raise NotFound(_("这项内容已不存在。"))
    return undo(site, node, key, by=by)


@kind("undelete", _("批量恢复"))
def bring_back(site: SiteGroup, batch: Batch, uid: Any, by: Actor) -> Node:
    """Bring back from the trash, to its place or to another."""
    target = target_of(site, batch) if batch.arguments["target"] else None
    return undelete(site, uid, by=by, target=target)


@kind("purge", _("彻底删除"))
def destroy(site: SiteGroup, _batch: Batch, uid: Any, by: Actor) -> None:
    """Destroy for good what lies in the trash."""
    purge(site, uid, by=by)


@kind("import", _("导入"))
def make_draft(site: SiteGroup, batch: Batch, row: Any, by: Actor) -> Node:
    """Make a draft of a row."""
    values = {name: value for name, value in row.items() if name != "type"}
    return create(target_of(site, batch), row["type"], values, by=by)
