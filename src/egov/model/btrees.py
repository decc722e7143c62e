"""BTrees with small leaves: a commit writes whole leaves, so small leaves keep the database small.

The measured trade: leaves of 30 instead of 60 (objects) or 120 (integers) halve what one publication
writes and cost one more level of loads in a tree of a million.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge
from itertools import chain
from operator import itemgetter
from typing import Any

from BTrees.LLBTree import LLBTree
from BTrees.LOBTree import LOBTree
from BTrees.OOBTree import OOBTree
from persistent import Persistent


class NameTree(OOBTree):
    """Names (or other comparable values) to objects."""

    max_leaf_size = 30
    max_internal_size = 250


class UidTree(LOBTree):
    """64-bit integers to objects."""

    max_leaf_size = 30
    max_internal_size = 250


class LogTree(LOBTree):
    """Moments to records: written at its end all the time, and read seldom and in a row."""

    max_leaf_size = 8
    max_internal_size = 30


class NoticeTree(OOBTree):
    """Notices: each holds words of its own, so that a leaf of few is as large as one of many names."""

    max_leaf_size = 8
    max_internal_size = 20


class HourTree(LLBTree):
    """Uids to hours: written once an hour for each at most, and read leaf by leaf."""

    max_leaf_size = 120
    max_internal_size = 500


DayTree = HourTree  # as databases of an earlier version call it


class DateTree(LLBTree):
    """64-bit integers to 64-bit integers: dates to uids, uids to domains."""

    max_leaf_size = 30
    max_internal_size = 250


def forwards(tree: Any) -> Iterator[tuple[int, Any]]:
    """Keys, the smallest first, and what stands there; loads one leaf after the other.

    A tree's own `items` loads its last leaf before it begins.
    """
    leaf = tree._firstbucket
    while leaf is not None:
        yield from leaf.items()
        leaf = leaf._next


def backwards(tree: Any, key: int | None = None) -> Iterator[tuple[int, Any]]:
    """Keys, from one on, the greatest first, and what stands there; each is looked up when it is taken.

    A tree walks forwards only: each step back is a search of its own, instead of a walk over them all.
    """
    while True:
        try:
            key = tree.maxKey() if key is None else tree.maxKey(key)
        except ValueError:  # nothing before that
            return
        yield key, tree[key]
        key -= 1


_SHARES = 64  # each an object of sixty bytes as long as it is empty
_SHIFT = 46  # uids have 52 bits, all as likely as the others


class SpreadTree(Persistent):
    """Uids to objects, in a tree for each beginning of a uid, so that those who insert at once seldom meet.

    A leaf that divides writes the tree above it, and whoever inserts anywhere below that must have seen it as it is. In
    one tree of some thousand keys that is its root: one of eight writers in seven was turned back.
    """

    def __init__(self, older: UidTree | None = None) -> None:
        self._trees = tuple(UidTree() for _n in range(_SHARES))
        self._older = UidTree() if older is None else older  # which an upgrade step empties

    def _tree(self, uid: int) -> UidTree:
        return self._trees[min(uid >> _SHIFT, _SHARES - 1)]

    def get(self, uid: int, default: Any = None) -> Any:
        """What stands at a uid."""
        found = self._tree(uid).get(uid, default)
        return self._older.get(uid, default) if found is default else found

    def __getitem__(self, uid: int) -> Any:
        tree = self._tree(uid)
        return tree[uid] if uid in tree else self._older[uid]

    def __setitem__(self, uid: int, value: Any) -> None:
        self._tree(uid)[uid] = value
        self._older.pop(uid, None)

    def __contains__(self, uid: int) -> bool:
        return uid in self._tree(uid) or uid in self._older

    def pop(self, uid: int, default: Any = None) -> Any:
        """Take away what stands at a uid."""
        return self._tree(uid).pop(uid, self._older.pop(uid, default))

    def settle(self, uid: int) -> None:
        """Bring over what still stands in the one tree of before."""
        if uid in self._older:
            self[uid] = self._older[uid]

    def items(
        self, least: int | None = None, _most: None = None, excludemin: bool = False
    ) -> Iterator[tuple[int, Any]]:
        """Uids, in order, and what stands there."""
        first = 0 if least is None else min(least >> _SHIFT, _SHARES - 1)
        spread = (tree.items(least, None, excludemin) for tree in self._trees[first:])
        older = self._older.items(least, None, excludemin)
        return merge(chain.from_iterable(spread), older, key=itemgetter(0))

    def __iter__(self) -> Iterator[int]:
        return (uid for uid, _value in self.items())

    def __len__(self) -> int:
        return sum(map(len, self._trees)) + len(self._older)

    def __bool__(self) -> bool:
        return next(iter(self), None) is not None

    def minKey(self) -> int:  # noqa: N802  as BTrees call it
        """The first uid; raises ValueError where there is none."""
        return min(tree.minKey() for tree in (*self._trees, self._older) if tree)

    def maxKey(self) -> int:  # noqa: N802
        """The last uid; raises ValueError where there is none."""
        return max(tree.maxKey() for tree in (*self._trees, self._older) if tree)
