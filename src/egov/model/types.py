"""The registry of content types: what each type says of itself, in one place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from egov.base.errors import Invalid
from egov.base.i18n import Message, _

if TYPE_CHECKING:
    import colander

    from egov.model.node import Node


@dataclass(frozen=True)
class TypeInfo:
    """A content type's own facts.

    `addable_to` names the container types that take it; `workflow` the table its nodes follow unless a
    container says otherwise; `template` the asset that shows it to the public; `indexed` the fields whose
    values can be searched exactly.
    """

    name: str
    title: Message
    icon: str
    addable_to: tuple[str, ...]
    workflow: str
    template: str = ""
    indexed: tuple[str, ...] = ()
    is_container: bool = False


_registry: dict[str, type[Node]] = {}
_schemas: dict[type[Node], colander.SchemaNode] = {}


def register(cls: type[Node]) -> None:
    """Make a content type known; registering the same class again changes nothing."""
    known = _registry.setdefault(cls.type_info.name, cls)
    if known is not cls:
        raise ValueError(f"two content types are called {cls.type_info.name!r}")


def get(name: str) -> type[Node]:
    """The class of a content type; raises Invalid if there is none of that name."""
    try:
        return _registry[name]
    except KeyError:
        raise Invalid(_("没有名为“${name}”的内容类型。", mapping={"name": name})) from None


def all_types() -> Iterator[type[Node]]:
    """All content types in the order of their registration."""
    yield from _registry.values()


def schema_of(cls: type[Node]) -> colander.SchemaNode:
    """The schema of a type, made once: to read and to check with. A form, which changes it, takes a fresh one."""
    if cls not in _schemas:
        _schemas[cls] = cls.schema()
    return _schemas[cls]


def addable(container: Node) -> list[type[Node]]:
    """The content types that may stand in the container, by type alone."""
    return [cls for cls in all_types() if container.type_name in cls.type_info.addable_to]
