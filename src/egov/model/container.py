"""Container: an ordered mapping of names to nodes that stays quick with 100,000 of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from BTrees.Length import Length

from egov.base import clock
from egov.model.arrangement import Arrangement
from egov.model.btrees import NameTree, UidTree, forwards
from egov.model.node import Node

_GAP = 1 << 20


class Container(Node):
    """A node that holds others, in an order of its own.

    The order is a tree of sparse positions: appending and moving one child write one leaf, never a list.
    """

    values: Mapping[str, Any] = {}
    workflows: Mapping[str, str] = {}  # type name or "*" -> table name, for the subtree
    arrangement: Arrangement | None = (
        None  # the blocks of its page, where somebody has arranged them
    )
    moved: NameTree | None = None  # names that were here -> uid

    def __init__(self, title: str, owner: str, values: Mapping[str, Any] | None = None) -> None:
        super().__init__(title, owner)
        self.values = dict(values or {})
        self._children = NameTree()
        self._order = UidTree()
        self._containers: tuple[str, ...] = ()
        self._count = Length()

    def __getitem__(self, name: str) -> Node:
        return self._children[name]

    def get(self, name: str, default: Any = None) -> Any:
        """The child of that name, or the default."""
        return self._children.get(name, default)

    def __contains__(self, name: object) -> bool:
        return name in self._children

    def __len__(self) -> int:
        return self._count()

    def __bool__(self) -> bool:
        return True  # an empty section is still a section

    def __iter__(self) -> Iterator[str]:
        return (name for _position, name in forwards(self._order))

    def keys(self) -> Iterator[str]:
        """The children's names in their order."""
        return iter(self)

    def values_in_order(self) -> Iterator[Node]:
        """The children in their order, loaded one by one."""
        return (self._children[name] for name in self)

    def items(self) -> Iterator[tuple[str, Node]]:
        """Names and children in their order."""
        return ((name, self._children[name]) for name in self)

    def containers(self) -> list[Container]:
        """The child containers in their order; does not look at the items."""
        found = [self._children[name] for name in self._containers]
        return sorted(found, key=lambda child: child.position)

    def with_below(self) -> Iterator[Container]:
        """This container and all below it, in the order of the tree, loaded one by one."""
        yield self
        for child in self.containers():
            yield from child.with_below()

    def attach(self, name: str, node: Node, position: int | None = None) -> None:
        """Put a node here, last in the order or where it once stood in it; the name must be free."""
        if name in self._children:
            raise KeyError(name)
        node.__name__, node.__parent__ = name, self
        node.position = self._last_position() if position is None else self._free(position)
        self._children[name] = node
        self._order[node.position] = name
        self._count.change(1)
        if isinstance(node, Container):
            self._containers = (*self._containers, name)

    def detach(self, name: str) -> Node:
        """Take a node out of the tree; its own subtree stays below it untouched."""
        node: Node = self._children.pop(name)
        del self._order[node.position]
        self._count.change(-1)
        if isinstance(node, Container):
            self._containers = tuple(n for n in self._containers if n != name)
        node.__parent__ = None
        return node

    def rename(self, old: str, new: str) -> None:
        """Give a child another name in the same place of the order, and remember the old one."""
        if new in self._children:
            raise KeyError(new)
        node: Node = self._children.pop(old)
        self._children[new] = node
        self._order[node.position] = new
        node.__name__ = new
        if isinstance(node, Container):
            self._containers = tuple(new if n == old else n for n in self._containers)
        self.remember(old, node)

    def remember(self, name: str, node: Node) -> None:
        """Answer `name` with a redirect to `node`, wherever it goes."""
        if self.moved is None:
            self.moved = NameTree()
        self.moved[name] = node.uid

    def place_before(self, name: str, before: str | None) -> None:
        """Move a child in the order to just before another, or to the end for None."""
        node = self._children[name]
        if before == name:
            return
        del self._order[node.position]
        node.position = self._position_before(before)
        self._order[node.position] = name

    def put_at(self, name: str, position: int) -> None:
        """Put a child where it once stood in the order; just behind what has taken that place."""
        node = self._children[name]
        del self._order[node.position]
        node.position = self._free(position)
        self._order[node.position] = name

    def neighbour(self, name: str, step: int) -> str | None:
        """The name one place before (-1) or after (1) a child in the order; None at the ends."""
        position = self._children[name].position
        try:
            key = self._order.maxKey(position - 1) if step < 0 else self._order.minKey(position + 1)
        except ValueError:
            return None
        found: str = self._order[key]
        return found

    def names(self) -> Iterator[str]:
        """The children's names in the order of the alphabet; loads none of them."""
        return iter(self._children.keys())

    @property
    def has_containers(self) -> bool:
        """Whether there are containers in it; loads none of them."""
        return bool(self._containers)

    def by_name(self) -> Iterator[tuple[str, Node]]:
        """Names and children by the names, whatever the order says."""
        return iter(self._children.items())

    def is_consistent(self) -> bool:
        """Whether order, count and the list of containers agree with the children."""
        containers = {n for n, child in self._children.items() if isinstance(child, Container)}
        positions = {n: child.position for n, child in self._children.items()}
        return (
            {name: key for key, name in self._order.items()} == positions
            and len(self._order) == self._count() == len(positions)
            and set(self._containers) == containers
        )

    def mend(self) -> None:
        """Make order, count, list of containers and the children's places agree with what is here."""
        known = [name for name in self._order.values() if name in self._children]
        names = list(dict.fromkeys([*known, *self._children.keys()]))
        self._order.clear()
        for index, name in enumerate(names):
            child = self._children[name]
            child.__name__, child.__parent__, child.position = name, self, index * _GAP
            self._order[child.position] = name
        self._count.set(len(names))
        self._containers = tuple(n for n in names if isinstance(self._children[n], Container))

    def _free(self, position: int) -> int:
        while position in self._order:
            position += 1
        return position

    def _last_position(self) -> int:
        # The clock spreads concurrent appends over different keys, so that they merge instead of conflicting.
        wanted = clock.micros(clock.now()) * 1024
        if self._order:
            wanted = max(wanted, self._order.maxKey() + _GAP)
        return wanted

    def _position_before(self, before: str | None) -> int:
        if before is None:
            return self._last_position()
        upper = self._children[before].position
        lower = next(iter(self._order.keys(max=upper, excludemax=True)), None)
        if lower is None:
            return upper - _GAP
        lower = self._order.maxKey(upper - 1)
        if upper - lower > 1:
            return lower + (upper - lower) // 2
        self._spread()
        return self._position_before(before)

    def _spread(self) -> None:
        # Only after some twenty moves into the very same gap: give every child a wide place again.
        names = list(self._order.values())
        start = min(self._order.minKey(), 0)
        self._order.clear()
        for index, name in enumerate(names):
            position = start + index * _GAP
            self._children[name].position = position
            self._order[position] = name
