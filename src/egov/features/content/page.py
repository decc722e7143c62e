"""Page: a standing text without a date, such as "about us"."""

from __future__ import annotations

import colander

from egov.base.i18n import _
from egov.model import fields
from egov.model.item import Item
from egov.model.types import TypeInfo


class Page(Item):
    """A standing text."""

    type_info = TypeInfo(
        name="page",
        title=_("页面"),
        icon="file-earmark",
        addable_to=("site_group", "subsite", "section"),
        workflow="review",
    )

    @classmethod
    def schema(cls) -> colander.SchemaNode:
        """Title, text, attachments."""
        return fields.mapping(
            fields.title(),
            fields.text("summary", _("摘要"), limit=300),
            fields.rich("body", _("正文"), required_on_submit=True),
            fields.original(),
            fields.pictures(),
            fields.files("attachments", _("附件")),
        )
