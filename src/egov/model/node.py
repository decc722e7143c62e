"""Node: what every thing in the tree has; and the walks up its lineage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from persistent import Persistent

from egov.base import clock, ids

if TYPE_CHECKING:
    import colander

    from egov.model.container import Container
    from egov.model.types import TypeInfo


class Node(Persistent):
    """A thing with a place in the tree.

    Attributes keep their class-level default until they are set, so that records stay small.
    """

    type_info: ClassVar[TypeInfo]

    __name__: str | None = None
    __parent__: Container | None = None
    uid: int = 0
    title: str = ""
    owner: str = ""
    created: datetime
    modified: datetime
    state: str = ""
    position: int = 0  # key in the parent's order
    grants: tuple[Any, ...] = ()  # security.grants.Grant, local ones only
    inherits: bool = True
    rows: Mapping[str, tuple[Any, ...]] = {}  # where the catalog has put this node
    log: Any = None  # UidTree of trail entries, made by history.trail

    def __init__(self, title: str, owner: str) -> None:
        self.uid = ids.new_uid()
        self.title = title
        self.owner = owner
        self.created = self.modified = clock.now()

    @property
    def type_name(self) -> str:
        """The name of the node's content type."""
        return self.type_info.name

    @classmethod
    def schema(cls) -> colander.SchemaNode:
        """A fresh colander schema of the type's values."""
        raise NotImplementedError

    @property
    def __acl__(self) -> Any:
        """The node's rights in Pyramid's form, computed and never stored; for Pyramid's own tools."""
        return _acl_source(self)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {path_of(self)}>"


def _no_acl(_node: Node) -> list[Any]:
    raise RuntimeError("security.policy has not been loaded")


_acl_source = _no_acl


def set_acl_source(source: Any) -> None:
    """Let `source(node)` compute every node's `__acl__`; called once by the security room."""
    global _acl_source  # noqa: PLW0603  the one seam through which a higher floor reaches the node
    _acl_source = source


def lineage(node: Node | None) -> Iterator[Node]:
    """The node and its ancestors, nearest first."""
    while node is not None:
        yield node
        node = node.__parent__


def root_of(node: Node) -> Node:
    """The last of the node's lineage: the site group, unless the node is detached."""
    while node.__parent__ is not None:
        node = node.__parent__
    return node


def path_of(node: Node) -> str:
    """The node's path from the root: `/` for the root itself."""
    names: list[str] = []
    above: Node | None = node
    while above is not None:  # not by `lineage`: every page asks for several paths
        names.append(above.__name__ or "")
        above = above.__parent__
    return "/".join(reversed(names)) or "/"


def inside(node: Node, ancestor: Node) -> bool:
    """Whether `ancestor` is the node itself or above it."""
    return any(n is ancestor for n in lineage(node))
