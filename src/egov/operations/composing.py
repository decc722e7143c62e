"""Arranging the blocks of a home or topic page: drafted by one, previewed, shown to the public by a step of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import colander

from egov.base.errors import Conflict, Invalid, NotFound
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.model.arrangement import Arrangement, Block, Blocks
from egov.model.block_kinds import KINDS, WIDTHS, Kind
from egov.model.container import Container
from egov.model.node import Node
from egov.model.site import site_of
from egov.operations.content import raw_values
from egov.operations.holding import holders
from egov.operations.keeping import undoable
from egov.operations.notices import ARRANGED, tell
from egov.operations.record import record, require
from egov.security.policy import permits
from egov.security.principals import Actor

MAX_BLOCKS = 40


def drafted(container: Container, default: Callable[[], Blocks]) -> Blocks:
    """The blocks as the last editor left them: the draft, or what is live, or what the page shows by itself."""
    arrangement = container.arrangement
    if arrangement is None:
        return default()
    for blocks in (arrangement.draft, arrangement.live):
        if blocks is not None:
            return blocks
    return default()


def add_block(
    container: Container, blocks: Blocks, kind: str, values: Mapping[str, Any], *, by: Actor
) -> Block:
    """Put a new block last in the draft that begins with `blocks`; returns it.

    Raises Forbidden without `compose`, Invalid for an unknown kind, values that do not fit or more than 40 blocks.
    """
    require(by, Permission.COMPOSE, container)
    if len(blocks) >= MAX_BLOCKS:
        raise Invalid(_("一个页面最多 40 个板块。"))
    key = 1 + max((block.key for block in blocks), default=0)
    made = _block(container, key, kind_of(kind), values, by)
    _write(container, (*blocks, made), by)
    return made


def change_block(
    container: Container, blocks: Blocks, key: int, values: Mapping[str, Any], *, by: Actor
) -> None:
    """Write a block's title, width and values anew; raises as `add_block`, NotFound for a block that is gone."""
    require(by, Permission.COMPOSE, container)
    old = find_block(blocks, key)
    made = _block(container, key, kind_of(old.kind), values, by)
    if made != old:
        _write(container, tuple(made if block.key == key else block for block in blocks), by)


def widen_block(container: Container, blocks: Blocks, key: int, width: str, *, by: Actor) -> None:
    """Make a block wider or narrower; raises as `change_block`."""
    require(by, Permission.COMPOSE, container)
    if width not in dict(WIDTHS):
        raise Invalid(_("没有这种宽度。"))
    made = find_block(blocks, key)._replace(width=width)
    _write(container, tuple(made if block.key == key else block for block in blocks), by)


def remove_block(container: Container, blocks: Blocks, key: int, *, by: Actor) -> None:
    """Take a block out of the draft; raises Forbidden without `compose`, NotFound for a block that is gone."""
    require(by, Permission.COMPOSE, container)
    find_block(blocks, key)
    _write(container, tuple(block for block in blocks if block.key != key), by)


def move_block(container: Container, blocks: Blocks, key: int, before: int, *, by: Actor) -> None:
    """Put a block before another, or last for 0; raises as `remove_block`."""
    require(by, Permission.COMPOSE, container)
    moved = find_block(blocks, key)
    rest = [block for block in blocks if block.key != key]
    keys = [block.key for block in rest]
    if before and before not in keys and before != key:
        raise NotFound(_("这个板块已被删除。"))
    if before == key:
        return
    rest.insert(keys.index(before) if before else len(rest), moved)
    if tuple(rest) != blocks:
        _write(container, tuple(rest), by)


def check_drafted(container: Container, version: str) -> None:
    """Raise Conflict if the draft is no longer the one of that version."""
    arrangement = container.arrangement
    if version != (arrangement.version if arrangement is not None else ""):
        raise Conflict(_("页面的编排刚刚被他人改过，请刷新后再做一次；您的这一步没有保存。"))


@undoable
def publish_arrangement(container: Container, *, by: Actor) -> None:
    """Show the public the drafted blocks; the last 20 published arrangements can be brought back.

    Raises Forbidden without `present`, Conflict if there is no draft. Writes the trail and the audit log.
    """
    require(by, Permission.PRESENT, container)
    arrangement = _with_draft(container)
    arrangement.publish(by.id)
    record(by, "publish_arrangement", container)


def ask_to_present(container: Container, *, by: Actor) -> int:
    """Tell who may publish the drafted blocks that they wait; returns how many there are.

    Raises Forbidden without `compose`, Conflict if there is no draft. Changes nothing, so that nothing is recorded.
    """
    require(by, Permission.COMPOSE, container)
    _with_draft(container)
    people = {one.user.id for one in holders(container, Permission.PRESENT) if one.user} - {by.id}
    tell(people, ARRANGED, container, by=by)
    return len(people)


@undoable
def discard_arrangement(container: Container, *, by: Actor) -> None:
    """Give the draft up; raises Forbidden without `compose`, Conflict if there is none."""
    require(by, Permission.COMPOSE, container)
    arrangement = _with_draft(container)
    arrangement.draft = None
    record(by, "discard_arrangement", container)


def bring_back(container: Container, number: int, *, by: Actor) -> None:
    """Make an arrangement that was published before, counted from the newest, the draft again.

    Raises Forbidden without `compose`, NotFound for one that is not kept.
    """
    require(by, Permission.COMPOSE, container)
    former = container.arrangement.former if container.arrangement is not None else ()
    if not 1 <= number <= len(former):
        raise NotFound(_("没有这一次的编排。"))
    _write(container, former[-number].blocks, by)


def kind_of(name: str) -> Kind:
    """The kind of that name; raises Invalid for none."""
    if name not in KINDS:
        raise Invalid(_("没有这种板块。"))
    return KINDS[name]


def find_block(blocks: Blocks, key: int) -> Block:
    """The block of that key; raises NotFound if it is gone."""
    found = next((block for block in blocks if block.key == key), None)
    if found is None:
        raise NotFound(_("这个板块已被删除。"))
    return found


def _block(
    container: Container, key: int, kind: Kind, values: Mapping[str, Any], by: Actor
) -> Block:
    try:
        clean = kind.schema().deserialize(raw_values(values))
    except colander.Invalid as error:
        raise Invalid(_("有内容需要修改。"), _messages(error)) from None
    for name in ("place", "also"):
        if clean.get(name):
            _check_place(container, name, clean[name], by)
    return Block(key, kind.name, clean.pop("width"), clean.pop("title"), clean)


def _messages(error: colander.Invalid) -> dict[str, Message]:
    unclear = _("此项填写有误。")
    return {c.node.name: c.messages()[0] if c.messages() else unclear for c in error.children}


def _check_place(container: Container, field: str, uid: int, by: Actor) -> None:
    # A block shows what its reader may see; still, nobody learns by a block of a place that is closed to them.
    found: Node | None = site_of(container).catalog.node(uid)
    if not isinstance(found, Container) or not permits(by, Permission.VIEW, found):
        message = _("没有这个栏目。")
        raise Invalid(message, {field: message})


@undoable
def _write(container: Container, blocks: Blocks, by: Actor) -> None:
    if container.arrangement is None:
        container.arrangement = Arrangement()
    container.arrangement.write(blocks, by.id)
    record(by, "arrange_blocks", container)


def _with_draft(container: Container) -> Arrangement:
    if container.arrangement is None or container.arrangement.draft is None:
        raise Conflict(_("没有尚未发布的编排。"))
    return container.arrangement
