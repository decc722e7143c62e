"""What a person has chosen: ticked in a list, all that a list shows, or put on the clipboard."""

from __future__ import annotations

from typing import Any

from egov.base.permissions import Permission
from egov.base.text import as_number
from egov.catalog import reads
from egov.manage.many.by_title import by_title
from egov.model.container import Container
from egov.model.node import Node
from egov.operations.batches import MOST
from egov.security.policy import permits

MOST_TICKED = 1_000


class Selection:
    """The uids that were chosen, and what a form must send to mean them again."""

    def __init__(self, container: Container, request: Any, sent: Any) -> None:
        self._request = request
        self.by = request.actor
        self.site = request.site
        self.whole = sent.get("all", "") == "1"
        self.state, self.type = sent.get("state", ""), sent.get("type", "")
        self.words = sent.get("words", "").strip()[:100]
        self.uids = self._listed(container) if self.whole else self._ticked(sent)

    def _ticked(self, sent: Any) -> list[int]:
        uids = dict.fromkeys(as_number(raw) for raw in sent.getall("uid")[:MOST_TICKED])
        return [uid for uid in uids if self._sees(self.site.catalog.node(uid))]

    def _listed(self, container: Container) -> list[int]:
        if self.words:
            return [node.uid for node in by_title(container, self._request, self.words).nodes]
        found = reads.contents(
            container,
            self.by,
            limit=MOST + 1,
            states={self.state} if self.state else None,
            types={self.type} if self.type else None,
        )
        return [node.uid for node in found.nodes]

    def _sees(self, node: Node | None) -> bool:
        return node is not None and permits(self.by, Permission.PREVIEW, node)

    def nodes(self, most: int) -> list[Node]:
        """The first of the chosen nodes."""
        found = (self.site.catalog.node(uid) for uid in self.uids[:most])
        return [node for node in found if node is not None]

    @property
    def fields(self) -> list[tuple[str, object]]:
        """What a form sends on."""
        if self.whole:
            filters = {"state": self.state, "type": self.type, "words": self.words}
            return [("all", 1), *filters.items()]
        return [("uid", uid) for uid in self.uids]
