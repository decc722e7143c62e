"""Arranging a home or topic page in the browser: blocks added, filled in, widened, moved, previewed, published."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import colander
from pyramid.httpexceptions import HTTPFound, HTTPNotFound
from pyramid.view import view_config

from egov.base import clock
from egov.base.errors import Conflict, Invalid
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.base.text import as_number
from egov.manage.frame import done, page, say
from egov.model.arrangement import Block, Blocks
from egov.model.block_kinds import KINDS, WIDTHS, Kind
from egov.model.container import Container
from egov.model.default_blocks import default_blocks, may_be_arranged
from egov.model.node import path_of
from egov.model.site import Section, site_of
from egov.operations.composing import (
    add_block,
    ask_to_present,
    bring_back,
    change_block,
    check_drafted,
    discard_arrangement,
    drafted,
    find_block,
    kind_of,
    move_block,
    publish_arrangement,
    remove_block,
    widen_block,
)
from egov.operations.topics import archive_topic
from egov.security.policy import permits
from egov.security.principals import ANONYMOUS, Actor
from egov.web.forms import build, mark, read
from egov.web.urls import blocks_preview_url, manage_url

_MOST_PLACES = 600


@view_config(route_name="manage", context=Container, name="blocks", permission=Permission.PREVIEW,
             request_method="GET", renderer="templates/blocks.pt")  # fmt: skip
def show_blocks(context: Container, request: Any) -> dict[str, Any]:
    """The blocks as they were drafted, what may be added, and the page as it would be."""
    blocks, arrangement = _blocks(context, request.actor), context.arrangement
    filled = request.registry.filled_blocks(context, ANONYMOUS, blocks)
    request.shows_frame = True
    title = _("编排“${title}”", mapping={"title": context.title})
    return page(request, context, title) | {
        "rows": [_row(context, block, block.key in filled) for block in blocks],
        "kinds": list(KINDS.values()),
        "widths": WIDTHS,
        "version": arrangement.version if arrangement else "",
        "is_draft": arrangement is not None and arrangement.draft is not None,
        "is_own": arrangement is None or (arrangement.live is None and arrangement.draft is None),
        "changed": (clock.stamp(arrangement.changed_at), _name(request, arrangement.changed_by))
        if arrangement and arrangement.changed_at
        else None,
        "former": _former(context, request),
        "may_publish": permits(request.actor, Permission.PRESENT, context),
        "may_compose": permits(request.actor, Permission.COMPOSE, context),
        "preview_url": blocks_preview_url(context),
        "may_archive": isinstance(context, Section)
        and not context.values.get("archived_on")
        and permits(request.actor, Permission.CONFIGURE, context),
    }


def _blocks(context: Container, actor: Actor) -> Blocks:
    takes_part = any(
        permits(actor, wanted, context) for wanted in (Permission.COMPOSE, Permission.PRESENT)
    )
    if not takes_part or not may_be_arranged(context):
        raise HTTPNotFound
    return drafted(context, lambda: default_blocks(context))


def _row(context: Container, block: Block, is_filled: bool) -> dict[str, Any]:
    kind = KINDS[block.kind]
    place = site_of(context).catalog.node(block.values.get("place") or 0)
    return {
        "key": block.key,
        "kind": kind,
        "title": block.title or (place.title if place is not None else kind.title),
        "width": block.width,
        "is_filled": is_filled,
        "edit_url": manage_url(context, "block", key=block.key),
    }


def _name(request: Any, user_id: str) -> str:
    name: str = request.site.directory.title_of(f"user:{user_id}")
    return name


def _former(context: Container, request: Any) -> list[tuple[int, str, str, int]]:
    kept = context.arrangement.former if context.arrangement else ()
    return [
        (number, clock.stamp(former.at), _name(request, former.by), len(former.blocks))
        for number, former in enumerate(reversed(kept), 1)
    ]


@view_config(route_name="manage", context=Container, name="blocks", permission=Permission.PREVIEW,
             request_method="POST")  # fmt: skip
def do_blocks(context: Container, request: Any) -> Any:
    """Move, widen, remove a block; publish, discard, bring back an arrangement; comes back to the same block."""
    sent, actor = request.POST, request.actor
    blocks, key = _blocks(context, actor), as_number(sent.get("key"))
    do = sent.get("do", "")
    if do not in _STEPS:
        raise HTTPNotFound
    try:
        check_drafted(context, sent.get("version", ""))
        message = _STEPS[do](context, blocks, key, sent, actor)
    except (Invalid, Conflict) as error:
        return done(request, context, error.message, "blocks", "danger", "main")
    if message:
        say(request, message)
    here = f"#k{key}" if do in ("up", "down", "move", "widen") else "#main"
    return HTTPFound(manage_url(context, "blocks") + here)


def _move(context: Container, blocks: Blocks, key: int, sent: Any, by: Actor) -> Message:
    move_block(context, blocks, key, as_number(sent.get("before")), by=by)
    return ""


def _shift(step: int) -> Callable[..., Message]:
    def shift(context: Container, blocks: Blocks, key: int, _sent: Any, by: Actor) -> Message:
        keys = [block.key for block in blocks]
        find_block(blocks, key)
        after = keys.index(key) + (2 if step > 0 else -1)
        before = keys[max(after, 0)] if after < len(keys) else 0
        move_block(context, blocks, key, before, by=by)
        return ""

    return shift


def _widen(context: Container, blocks: Blocks, key: int, sent: Any, by: Actor) -> Message:
    widen_block(context, blocks, key, sent.get("width", ""), by=by)
    return ""


def _remove(context: Container, blocks: Blocks, key: int, _sent: Any, by: Actor) -> Message:
    remove_block(context, blocks, key, by=by)
    return _("已移除一个板块；发布之前，公众看到的页面不变。")


def _publish(context: Container, _blocks: Blocks, _key: int, _sent: Any, by: Actor) -> Message:
    publish_arrangement(context, by=by)
    return _("新的编排已发布，公众现在看到的就是它。")


def _ask(context: Container, _blocks: Blocks, _key: int, _sent: Any, by: Actor) -> Message:
    count = ask_to_present(context, by=by)
    if not count:
        return _("没有别人可以发布这个页面的编排，请与管理员联系。")
    return _("已提醒可以发布的 ${count} 人。", mapping={"count": count})


def _discard(context: Container, _blocks: Blocks, _key: int, _sent: Any, by: Actor) -> Message:
    discard_arrangement(context, by=by)
    return _("已放弃未发布的编排。")


def _bring_back(context: Container, _blocks: Blocks, key: int, _sent: Any, by: Actor) -> Message:
    bring_back(context, key, by=by)
    return _("已取回以前的编排，作为未发布的编排；请预览后再发布。")


def _archive(context: Container, _blocks: Blocks, _key: int, _sent: Any, by: Actor) -> Message:
    if not isinstance(context, Section):
        raise HTTPNotFound
    before = path_of(context)
    archive_topic(context, by=by)
    if path_of(context) == before:
        return _("专题已归档。")
    return _(
        "专题已归档，现在的网址是 ${path}，原网址会自动转到这里。",
        mapping={"path": path_of(context)},
    )


_STEPS: dict[str, Callable[..., Message]] = {
    "up": _shift(-1),
    "down": _shift(1),
    "move": _move,
    "widen": _widen,
    "remove": _remove,
    "publish": _publish,
    "ask": _ask,
    "discard": _discard,
    "back": _bring_back,
    "archive": _archive,
}


@view_config(route_name="manage", context=Container, name="block", permission=Permission.COMPOSE,
             request_method="GET", renderer="templates/block.pt")  # fmt: skip
def show_block(context: Container, request: Any) -> dict[str, Any]:
    """The form of a block, or of a new one of a kind."""
    blocks, asked = _blocks(context, request.actor), request.GET
    if "kind" in asked:
        kind = kind_of(asked["kind"])
        return _block_form(context, request, kind, {"width": kind.width})
    block = find_block(blocks, as_number(asked.get("key")))
    values = {**block.values, "title": block.title, "width": block.width}
    return _block_form(context, request, kind_of(block.kind), values)


@view_config(route_name="manage", context=Container, name="block", permission=Permission.COMPOSE,
             request_method="POST", renderer="templates/block.pt")  # fmt: skip
def do_block(context: Container, request: Any) -> Any:
    """Keep a block in the draft; nothing typed is lost when something is wrong."""
    blocks, key = _blocks(context, request.actor), as_number(request.GET.get("key"))
    kind = kind_of(request.GET.get("kind") or find_block(blocks, key).kind)
    values, errors = read(request, _schema(context, request, kind), {})
    try:
        check_drafted(context, request.POST.get("version", ""))
        if key:
            change_block(context, blocks, key, values, by=request.actor)
        else:
            key = add_block(context, blocks, kind.name, values, by=request.actor).key
    except (Invalid, Conflict) as error:
        errors |= getattr(error, "fields", {})
        return _block_form(context, request, kind, values, errors=errors, message=error.message)
    say(request, _("已保存板块；发布之前，公众看到的页面不变。"))
    return HTTPFound(f"{manage_url(context, 'blocks')}#k{key}")


def _block_form(
    context: Container,
    request: Any,
    kind: Kind,
    values: Any,
    *,
    errors: Any = None,
    message: Any = "",
) -> dict[str, Any]:
    schema = _schema(context, request, kind)
    request.shows_editor = any(field.kind == "html" for field in schema)
    arrangement = context.arrangement
    title = _("板块：${kind}", mapping={"kind": kind.title})
    return page(request, context, title) | {
        "form": mark(build(request, schema, values), errors or {}),
        "message": message,
        "help": kind.help,
        "version": arrangement.version if arrangement else "",
        "back": manage_url(context, "blocks"),
    }


def _schema(context: Container, request: Any, kind: Kind) -> colander.SchemaNode:
    schema = kind.schema()
    places = list(_places(context, request.actor))
    for field in schema:
        if field.kind == "place":
            own = _("（不选）") if field.name == "also" else _("本页所在的站点或栏目")
            field.choices = [(0, own), *places]
    return schema


def _places(context: Container, actor: Actor) -> Iterator[tuple[int, str]]:
    """The open places that a block may draw from: those of this site first, then all others, indented as they stand."""
    root = site_of(context)
    found: list[tuple[int, str]] = []

    def walk(container: Container, level: int) -> None:
        for child in container.containers():
            if len(found) < _MOST_PLACES and permits(actor, Permission.VIEW, child):
                found.append((child.uid, "　" * level + child.title))
                walk(child, level + 1)

    home = context if not isinstance(context, Section) else root
    walk(home, 0)
    if home is not root:
        walk(root, 0)
    return iter(dict.fromkeys(found))
