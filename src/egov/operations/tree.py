"""Moving things about: rename, move, copy, order, place, delete, undelete."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from egov.base import clock
from egov.base.errors import Conflict, Invalid, NotFound
from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.base.text import check_name
from egov.catalog.agenda import EXPIRE, PUBLISH
from egov.history.deeds import facts
from egov.model.container import Container
from egov.model.item import Edition, Item
from egov.model.node import Node, inside
from egov.model.placement import Placement
from egov.model.site import SiteGroup, site_of
from egov.operations.content import check_addable, check_free, free_name
from egov.operations.keeping import keep, undoable
from egov.operations.record import record, require
from egov.operations.rights import check_brought
from egov.operations.tables import settle
from egov.security.policy import permits, table_for
from egov.security.principals import Actor

MAX_COPIED = 500


class Discarded(NamedTuple):
    """A node in the trash, and where it stood."""

    node: Node
    parent_uid: int
    name: str
    by: str
    at: datetime
    warned: datetime | None = None  # when people were told that it is about to be destroyed


@undoable
def rename(node: Node, name: str, *, by: Actor) -> Node:
    """Give a node another name; its old address redirects to the new one.

    Raises Forbidden without `arrange`, Invalid for a name that is taken or cannot be used. Writes O(1) objects.
    """
    parent = _parent(node)
    require(by, Permission.ARRANGE, node)
    old = str(node.__name__)
    if check_name(name) == old:
        return node
    check_free(parent, name)
    parent.rename(old, name)
    record(by, "rename", node, comment=f"{old} → {name}")
    return node


@undoable
def move(node: Node, target: Container, *, by: Actor) -> Node:
    """Put a node, with all below it, into another container; its old address redirects to the new one.

    Raises Forbidden without `arrange` on the node or `add` (`structure`) on the target, Invalid for a cycle,
    a taken name or a type that may not stand there, Forbidden too for rules that the actor could not make there.
    Writes O(1) objects.
    """
    parent = _parent(node)
    require(by, Permission.ARRANGE, node)
    _require_into(by, node, target)
    if target is parent:
        return node
    if inside(target, node):
        raise Invalid(_("不能把“${title}”移动到它自己里面。", mapping={"title": node.title}))
    check_addable(type(node), target)
    check_brought(node, target, by=by)
    name = check_free(target, str(node.__name__))
    parent.detach(name)
    parent.remember(name, node)
    target.attach(name, node)
    site_of(target).catalog.moved(node, parent)
    settle(node, by=by)
    record(by, "move", node, comment=f"{parent.title} → {target.title}")
    return node


def copy(node: Node, target: Container, *, by: Actor) -> Node:
    """Copy a node, with all below it, as new drafts without grants; returns the copy.

    Raises Forbidden without `preview` on the node or `add` (`structure`) on the target, Invalid for a type that may
    not stand there or for more than 500 nodes. What the actor may not see is not copied.
    """
    require(by, Permission.PREVIEW, node)
    _require_into(by, node, target)
    if inside(target, node):
        raise Invalid(_("不能把“${title}”复制到它自己里面。", mapping={"title": node.title}))
    made = _copy(node, target, by, [MAX_COPIED])
    record(by, "copy", made, comment=node.title)
    return made


def arrange(container: Container, name: str, *, before: str | None, by: Actor) -> None:
    """Put a child before another in the container's order, or last for None.

    Raises NotFound if either is not there, Forbidden without `arrange` on the child. Writes O(1) objects.
    """
    node = container.get(name)
    if node is None or (before is not None and before not in container):
        raise NotFound(_("“${container}”中没有这项内容。", mapping={"container": container.title}))
    require(by, Permission.ARRANGE, node)
    was = facts(node)
    container.place_before(name, before)
    record(by, "arrange", node)
    keep(node, was)


@undoable
def put_at(node: Node, position: int, *, by: Actor) -> None:
    """Put a child where it once stood in its container's order; raises Forbidden without `arrange`."""
    parent = _parent(node)
    require(by, Permission.ARRANGE, node)
    parent.put_at(str(node.__name__), position)
    record(by, "arrange", node)


def shift(container: Container, name: str, where: str, *, by: Actor) -> None:
    """Move a child one place "up" or "down" in the container's order, or to its "top" or "bottom".

    Raises NotFound if it is not there, Invalid for another word, Forbidden without `arrange` on the child.
    """
    if name not in container:
        raise NotFound(_("“${container}”中没有这项内容。", mapping={"container": container.title}))
    require(by, Permission.ARRANGE, container[name])
    after = container.neighbour(name, 1)
    before: str | None
    if where == "up":
        before = container.neighbour(name, -1) or name
    elif where == "down":
        before = container.neighbour(after, 1) if after else name
    elif where == "top":
        before = next(iter(container))
    elif where == "bottom":
        before = None
    else:
        raise Invalid(_("只能上移、下移、移到最前或最后。"))
    if before != name:
        arrange(container, name, before=before, by=by)


def place(item: Node, section: Container, *, by: Actor) -> Placement:
    """Show an item in another container; returns the placement.

    Raises Forbidden without `add` there or `view` of the item, Invalid if it stands or is shown there already.
    """
    require(by, Permission.ADD, section)
    require(by, Permission.VIEW, item)
    if not isinstance(item, Item):
        raise Invalid(_("“${title}”不能引用，请移动或复制。", mapping={"title": item.title}))
    check_addable(Placement, section)
    catalog = site_of(section).catalog
    shown = (catalog.node(uid) for uid in catalog.shown_in.get(item.uid, ()))
    if item.__parent__ is section or any(p is not None and p.__parent__ is section for p in shown):
        raise Invalid(
            _(
                "“${title}”已在“${section}”中。",
                mapping={"title": item.known_title, "section": section.title},
            )
        )
    placement = Placement(item, by.id)
    placement.state = table_for(placement).start
    section.attach(free_name(section, placement.title), placement)
    catalog.index(placement)
    record(by, "place", placement, comment=placement.title)
    return placement


def delete(node: Node, *, by: Actor) -> None:
    """Put a node, with all below it, into the trash, from which it can be brought back.

    Raises Forbidden without `delete`, Invalid for the portal itself. Writes O(1) objects.
    """
    _parent(node)
    require(by, Permission.DELETE, node)
    put_into_trash(node, by=by)


@undoable
def put_into_trash(node: Node, *, by: Actor) -> None:
    """What `delete` does, for whoever has checked another right; writes O(1) objects."""
    parent = _parent(node)
    site = site_of(node)
    name = str(node.__name__)
    record(by, "delete", node)
    parent.detach(name)
    site.catalog.unindex(node)
    site.trash[node.uid] = Discarded(node, parent.uid, name, by.id, clock.now())


def undelete(site: SiteGroup, uid: int, *, by: Actor, target: Container | None = None) -> Node:
    """Bring a node back from the trash, with all below it, to its place and order, or into another container.

    Its name is as it was where that is free. Raises NotFound if it is not in the trash, Conflict if its container is
    gone and no other is named, Forbidden without `add` (`structure`) there, Invalid where it may not stand.
    """
    entry: Discarded | None = site.trash.get(uid)
    if entry is None:
        raise NotFound(_("回收站中没有这项内容。"))
    home = site.catalog.node(entry.parent_uid)
    parent = target or home
    if not isinstance(parent, Container):
        raise Conflict(_("它原来所在的栏目已不存在，请另选一个位置。"))
    node = entry.node
    _require_into(by, node, parent)
    if parent is not home:
        check_addable(type(node), parent)
    check_brought(node, parent, by=by)
    name = entry.name if entry.name not in parent else free_name(parent, node.title)
    parent.attach(name, node, node.position if parent is home else None)
    if isinstance(home, Container) and (parent is not home or name != entry.name):
        home.remember(entry.name, node)
    del site.trash[uid]
    site.catalog.index(node)
    settle(node, by=by)
    _set_times_again(node)
    record(by, "undelete", node)
    return node


def _set_times_again(node: Node) -> None:
    # While it lay in the trash its times came and went; those to come hold again.
    if isinstance(node, Item):
        agenda = site_of(node).catalog.agenda
        agenda.set(node.uid, PUBLISH, None, node.publish_at)
        agenda.set(node.uid, EXPIRE, None, node.expire_at)


def may_undelete(site: SiteGroup, entry: Discarded, by: Actor) -> bool:
    """Whether a person may bring something back; where its container has gone, who deleted it or manages the whole."""
    home = site.catalog.node(entry.parent_uid)
    if isinstance(home, Container):
        return permits(by, _needed_into(entry.node), home)
    return by.id == entry.by or permits(by, Permission.STRUCTURE, site)


def _parent(node: Node) -> Container:
    if node.__parent__ is None:
        raise Invalid(_("不能对门户网站本身进行此操作。"))
    return node.__parent__


def _needed_into(node: Node) -> Permission:
    return Permission.STRUCTURE if node.type_info.is_container else Permission.ADD


def _require_into(by: Actor, node: Node, target: Container) -> None:
    require(by, _needed_into(node), target)


def _copy(node: Node, target: Container, by: Actor, left: list[int]) -> Node:
    check_addable(type(node), target)
    left[0] -= 1
    if left[0] < 0:
        raise Invalid(_("一次最多复制 500 项内容。"))
    name = free_name(target, node.title)
    made: Node
    if isinstance(node, Placement):
        made = Placement(node.target, by.id)
        made.state = node.state
    elif isinstance(node, Container):
        made = type(node)(node.title, by.id, node.values)
        made.state = "hidden"
        made.workflows = node.workflows if permits(by, Permission.CONFIGURE, target) else {}
    else:
        made = type(node)(node.title, by.id)
    target.attach(name, made)
    if isinstance(made, Item) and isinstance(node, Item):
        values = {
            **node.work.values,
            **dict.fromkeys(("index_no", "doc_no") & node.work.values.keys(), ""),
        }
        made.begin_draft(Edition(1, values, by.id), table_for(made).start)
    site_of(target).catalog.index(made)
    if isinstance(node, Container) and isinstance(made, Container):
        seen = [child for child in node.values_in_order() if permits(by, Permission.PREVIEW, child)]
        for child in seen:
            _copy(child, made, by, left)
    return made
