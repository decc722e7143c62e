"""The trail of a node: what was done to it, kept with it, for everybody who works on it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from egov.base import clock
from egov.model.btrees import UidTree
from egov.model.node import Node
from egov.security.principals import Actor


class Entry(NamedTuple):
    """One step in a node's life; `edition` is 0 where no edition is concerned."""

    at: datetime
    by: str
    by_name: str
    action: str
    edition: int
    comment: str
    deed: Any = None  # history.deeds.Deed: what it changed, where that can be taken back


def note(node: Node, actor: Actor, action: str, *, edition: int = 0, comment: str = "") -> None:
    """Add an entry at the present time; repeated saving by one person keeps only the last entry."""
    at = clock.now()
    if node.log is None:
        node.log = UidTree()
    key, deed = clock.micros(at), None
    if node.log:
        last = node.log.maxKey()
        previous: Entry = node.log[last]
        if action == "edit" and previous[1:5] == (actor.id, actor.name, "edit", edition):
            deed = previous.deed
            del node.log[last]
        key = max(key, last + 1)
    node.log[key] = Entry(at, actor.id, actor.name, action, edition, comment, deed)


def last_entry(node: Node) -> Entry | None:
    """The newest entry of a node."""
    return node.log[node.log.maxKey()] if node.log else None


def trail(node: Node) -> list[Entry]:
    """All entries of a node, newest first."""
    return list(reversed(list(node.log.values()))) if node.log is not None else []
