"""The same thing done to many nodes: each wholly or not at all, with what became of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from egov.base.errors import EgovError
from egov.base.i18n import Message
from egov.model.node import Node
from egov.model.site import SiteGroup


class Outcome(NamedTuple):
    """What became of one node; `problem` is empty when it went through, `details` tells more of it."""

    node: Node
    title: str
    problem: Message = ""
    details: tuple[Message, ...] = ()


def each(site: SiteGroup, nodes: Iterable[Node], do: Callable[[Node], object]) -> list[Outcome]:
    """Do something to every node; what one of them refuses is undone for it alone and told."""
    manager = site._p_jar.transaction_manager if site._p_jar is not None else None
    outcomes = []
    for node in nodes:
        title = node.title
        mark = manager.savepoint() if manager is not None else None
        try:
            do(node)
        except EgovError as error:
            if mark is not None:
                mark.rollback()
            details = tuple(getattr(error, "fields", {}).values())
            outcomes.append(Outcome(node, title, error.message, details))
        else:
            outcomes.append(Outcome(node, title))
    return outcomes
