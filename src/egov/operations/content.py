"""Making and writing content: create, edit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import colander

from egov.base import clock
from egov.base.errors import Conflict, Invalid
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.base.text import check_name, check_title, slug
from egov.history.trail import last_entry
from egov.model import types
from egov.model.container import Container
from egov.model.item import Edition, Item
from egov.model.node import Node
from egov.model.site import site_of
from egov.operations.keeping import undoable
from egov.operations.ownership import with_owner
from egov.operations.record import record, require
from egov.security.policy import table_for
from egov.security.principals import Actor

UNIQUE_FIELDS = ("index_no",)
_ONE_WRITING = timedelta(minutes=10)


def create(
    container: Container,
    type_name: str,
    values: Mapping[str, Any],
    *,
    by: Actor,
    name: str | None = None,
) -> Node:
    """Make a node of a type in a container, an item as a first draft; returns it.

    Raises Forbidden without `add` (for containers `structure`), Invalid for a type that may not stand there,
    for values that do not fit, for a name that is taken or cannot be used. Writes the trail, the audit log
    and the catalog.
    """
    cls = types.get(type_name)
    require(by, Permission.STRUCTURE if cls.type_info.is_container else Permission.ADD, container)
    check_addable(cls, container)
    if cls.type_info.is_container:
        values = with_owner(site_of(container), values, {})
    clean = validated(cls, values)
    check_unique(container, 0, clean)
    free = check_free(container, check_name(name)) if name else free_name(container, clean["title"])
    if issubclass(cls, Container):
        node: Node = cls(clean["title"], by.id, clean)
        node.state = table_for(node).start
        container.attach(free, node)
    else:
        node = cls(clean["title"], by.id)
        container.attach(free, node)
        _begin(node, clean, by)
    site_of(container).catalog.index(node)
    record(by, "create", node, edition=1 if isinstance(node, Item) else 0)
    return node


@undoable
def edit(
    item: Item,
    values: Mapping[str, Any],
    *,
    by: Actor,
    expected: str | None = None,
    anew: bool = False,
    action: str = "edit",
) -> Item:
    """Write an item's draft edition; begins a new one when the last has been submitted or published, or with `anew`.

    `expected` is the `version_of` the item that the writer saw: raises Conflict if it has changed since.
    Raises Forbidden without `edit`, Invalid for values that do not fit. Equal values write nothing.
    """
    require(by, Permission.EDIT, item)
    _check_version(item, expected)
    clean = validated(type(item), values)
    if clean == item.work.values:
        return item
    check_unique(item, item.uid, clean)
    start = table_for(item).start
    if item.draft is not None and item.draft_state == start and not anew:
        item.draft.write(clean, by.id)
        item.title = clean["title"]
    else:
        _begin(item, clean, by)
    item.modified = clock.now()
    site_of(item).catalog.index(item)
    record(by, action, item, edition=item.work.number)
    return item


def autosave(
    item: Item, values: Mapping[str, Any], *, by: Actor, expected: str, anew: bool = False
) -> Item:
    """Keep what somebody is writing: like `edit`, but recorded once for each person and edition in ten minutes.

    Raises as `edit` does.
    """
    before, number = last_entry(item), item.work.number
    is_known = (
        before is not None
        and (before.by, before.action, before.edition) == (by.id, "edit", number)
        and clock.now() - before.at < _ONE_WRITING
    )
    if anew or not is_known or item.draft is None or item.draft_state != table_for(item).start:
        return edit(item, values, by=by, expected=expected, anew=anew)
    require(by, Permission.EDIT, item)
    _check_version(item, expected)
    clean = validated(type(item), values)
    if clean != item.work.values:
        check_unique(item, item.uid, clean)
        item.draft.write(clean, by.id)
        item.title, item.modified = clean["title"], clock.now()
        site_of(item).catalog.index(item)
    return item


def version_of(item: Item) -> str:
    """A token that changes with every change of the item."""
    return f"{item.work.number}.{clock.micros(item.modified)}"


def _check_version(item: Item, expected: str | None) -> None:
    if expected is not None and expected != version_of(item):
        raise Conflict(
            _(
                "“${title}”在您编辑期间已被他人修改，您的改动尚未保存。",
                mapping={"title": item.title},
            )
        )


def _begin(node: Node, values: Mapping[str, Any], by: Actor) -> None:
    if not isinstance(node, Item):
        raise Invalid(_("这种内容没有可编辑的稿件。"))
    node.begin_draft(Edition(node.next_number(), values, by.id), table_for(node).start)


def check_addable(cls: type[Node], container: Container) -> None:
    """Raise Invalid if nodes of the type may not stand in the container."""
    if container.type_name not in cls.type_info.addable_to:
        raise Invalid(
            _(
                "“${container}”中不能添加${type}。",
                mapping={"container": container.title, "type": cls.type_info.title},
            )
        )


def check_free(container: Container, name: str) -> str:
    """Return the name; raise Invalid if something in the container has it."""
    if name in container:
        raise Invalid(
            _(
                "“${container}”中已有名为“${name}”的内容。",
                mapping={"container": container.title, "name": name},
            ),
            {"name": _("此名称已被使用")},
        )
    return name


def free_name(container: Container, title: str) -> str:
    """A name from the title that nothing in the container has."""
    base = slug(title)
    if base in container or not _usable(base):
        number = 2
        while f"{base}-{number}" in container:
            number += 1
        return f"{base}-{number}"
    return base


def _usable(name: str) -> bool:
    try:
        check_name(name)
    except Invalid:
        return False
    return True


def validated(cls: type[Node], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as the type's schema takes them; raises Invalid with a message per field.

    Dates may come as dates or ISO strings; a field that is missing takes the schema's own default.
    """
    try:
        clean: dict[str, Any] = types.schema_of(cls).deserialize(raw_values(values))
    except colander.Invalid as error:
        fields: dict[str, Message] = {
            child.node.name: child.messages()[0] if child.messages() else _("此项填写有误。")
            for child in error.children
        }
        titles = tuple(child.node.title for child in error.children)
        raise Invalid(
            _("有内容需要修改：${fields}。", mapping={"fields": titles}), fields
        ) from None
    if "title" in clean:
        clean["title"] = check_title(clean["title"])
    return clean


def raw_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as a schema deserialises them: dates as texts, nothing as nothing."""
    return {key: _raw(value) for key, value in values.items()}


def _raw(value: Any) -> Any:
    if value is None:
        return colander.null
    return value.isoformat() if isinstance(value, date) else value


def check_unique(place: Node, uid: int, values: Mapping[str, Any]) -> None:
    """Raise Invalid if an item other than `uid` has the same value in a field that must be unique."""
    catalog = site_of(place).catalog
    for field in UNIQUE_FIELDS:
        value = values.get(field)
        for other in catalog.fields.get(field, {}).get(value, ()) if value else ():
            if other != uid and catalog.node(other) is not None:
                message = _("“${value}”已被其他文件使用。", mapping={"value": value})
                raise Invalid(message, {field: message})
