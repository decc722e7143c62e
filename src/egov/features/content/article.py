"""Article: news, notices and every text that is not an official document."""

from __future__ import annotations

import colander

from egov.base.i18n import _
from egov.model import fields
from egov.model.item import Item
from egov.model.types import TypeInfo


class Article(Item):
    """A text with a source and a date."""

    type_info = TypeInfo(
        name="article",
        title=_("文章"),
        icon="file-text",
        addable_to=("section",),
        workflow="review",
        indexed=("keywords",),
    )

    @classmethod
    def schema(cls) -> colander.SchemaNode:
        """Title, text, source; the source must be told before submission (47号 annex: ContentSource)."""
        return fields.mapping(
            fields.title(),
            fields.text("summary", _("摘要"), limit=300),
            fields.rich("body", _("正文"), required_on_submit=True),
            fields.line("source", _("来源"), limit=100, required_on_submit=True),
            fields.line("author", _("作者"), limit=60, is_rare=True),
            fields.tags("keywords", _("关键词"), is_rare=True),
            fields.original(),
            fields.file("cover", _("题图"), kind="image"),
            fields.pictures(),
            fields.files("attachments", _("附件")),
        )
