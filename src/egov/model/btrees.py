"""BTrees with small leaves: a commit writes whole leaves, so small leaves keep the database small.

The measured trade: leaves of 30 instead of 60 (objects) or 120 (integers) halve what one publication
writes and cost one more level of loads in a tree of a million.
"""

from __future__ import annotations

from BTrees.LLBTree import LLBTree
from BTrees.LOBTree import LOBTree
from BTrees.OOBTree import OOBTree


class NameTree(OOBTree):
    """Names (or other comparable values) to objects."""

    max_leaf_size = 30
    max_internal_size = 250


class UidTree(LOBTree):
    """64-bit integers to objects."""

    max_leaf_size = 30
    max_internal_size = 250


class NoticeTree(OOBTree):
    """Notices: each holds words of its own, so that a leaf of few is as large as one of many names."""

    max_leaf_size = 8
    max_internal_size = 20


class DateTree(LLBTree):
    """64-bit integers to 64-bit integers: dates to uids, uids to domains."""

    max_leaf_size = 30
    max_internal_size = 250
