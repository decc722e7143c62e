"""File: a document to download, with a page of its own."""

from __future__ import annotations

import colander

from egov.base.i18n import _
from egov.model import fields
from egov.model.item import Item
from egov.model.types import TypeInfo


class File(Item):
    """A file to download."""

    type_info = TypeInfo(
        name="file",
        title=_("文件"),
        icon="file-earmark-arrow-down",
        addable_to=("section",),
        workflow="review",
    )

    @classmethod
    def schema(cls) -> colander.SchemaNode:
        """Title, description, file."""
        return fields.mapping(
            fields.title(),
            fields.text("summary", _("说明"), limit=300),
            fields.file("file", _("文件"), required_on_submit=True),
        )
