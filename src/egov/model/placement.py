"""Placement: an item shown in another section; one object, many places."""

from __future__ import annotations

from datetime import datetime

import colander

from egov.base.i18n import _
from egov.model.item import Item
from egov.model.node import Node
from egov.model.types import TypeInfo


class Placement(Node):
    """Stands in a section and shows an item that lives elsewhere; what the item loses, the placement loses."""

    type_info = TypeInfo(
        name="placement",
        title=_("引用"),
        icon="link-45deg",
        addable_to=("site_group", "subsite", "section"),
        workflow="placement",
    )

    def __init__(self, target: Item, owner: str) -> None:
        super().__init__(target.known_title, owner)  # who sees it may not know the draft's
        self.target = target

    @property
    def listed_at(self) -> datetime:
        """By what moment lists sort it: when it was placed, or published where that came later."""
        return max(self.created, self.target.published_at or self.created)

    @classmethod
    def schema(cls) -> colander.SchemaNode:
        """Nothing can be filled in: a placement is its target."""
        return colander.SchemaNode(colander.Mapping())
