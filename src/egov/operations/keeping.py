"""Keeping what an operation changed, so that it can be taken back from the history."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from egov.history.deeds import Facts, StoredDeed, changed, deed, facts
from egov.model.node import Node

N = TypeVar("N", bound=Node)
P = ParamSpec("P")
R = TypeVar("R")


def undoable(operation: Callable[Concatenate[N, P], R]) -> Callable[Concatenate[N, P], R]:
    """An operation whose first argument is the node that it changes and records; what it changed is kept."""

    @wraps(operation)
    def kept(node: N, /, *args: P.args, **kwargs: P.kwargs) -> R:
        before = facts(node)
        result = operation(node, *args, **kwargs)
        keep(node, before)
        return result

    return kept


def keep(node: Node, before: Facts) -> None:
    """Keep with the newest entry of a node's trail what has changed since `before`; nothing where nothing has."""
    after = facts(node, before)
    old = changed(before, after)
    if not old or not node.log:
        return
    key = node.log.maxKey()
    entry = node.log[key]
    if entry.deed is not None:  # what the same work went on to change
        old |= entry.deed.before
    if isinstance(entry.deed, StoredDeed):
        entry.deed.rewrite(old, after)
    else:
        node.log[key] = entry._replace(deed=deed(old, after))
