"""Link: a line in a section that leads elsewhere."""

from __future__ import annotations

import colander

from egov.base.i18n import _
from egov.model import fields
from egov.model.item import Item
from egov.model.types import TypeInfo


class Link(Item):
    """An address elsewhere, with a title."""

    type_info = TypeInfo(
        name="link",
        title=_("链接"),
        icon="box-arrow-up-right",
        addable_to=("site_group", "subsite", "section"),
        workflow="review",
    )

    @classmethod
    def schema(cls) -> colander.SchemaNode:
        """Title and address."""
        return fields.mapping(
            fields.title(),
            fields.url("url", _("网址"), required_on_submit=True),
            fields.text("summary", _("说明"), limit=300),
        )
