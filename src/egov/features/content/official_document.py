"""OfficialDocument: a document of authority with number, dates and validity."""

from __future__ import annotations

import colander

from egov.base.i18n import _
from egov.model import fields
from egov.model.item import Item
from egov.model.types import TypeInfo

VALIDITY = (
    ("valid", _("现行有效")),
    ("amended", _("已修改")),
    ("repealed", _("已废止")),
    ("expired", _("失效")),
)


class OfficialDocument(Item):
    """A document in the catalogue of public information."""

    type_info = TypeInfo(
        name="official_document",
        title=_("公文"),
        icon="file-earmark-ruled",
        addable_to=("section",),
        workflow="review",
        indexed=("index_no", "doc_no", "topic", "issuer", "keywords"),
    )

    @classmethod
    def schema(cls) -> colander.SchemaNode:
        """The catalogue's fields (政府信息公开条例 §12, practice of the catalogues), then the text."""
        return fields.mapping(
            fields.title(),
            fields.line("index_no", _("索引号"), limit=60, required_on_submit=True),
            fields.line("doc_no", _("文号"), limit=60),
            fields.line("issuer", _("发文机关"), limit=100, required_on_submit=True),
            fields.day("written_on", _("成文日期"), required_on_submit=True),
            fields.day("issued_on", _("发布日期")),
            fields.day("effective_on", _("施行日期"), is_rare=True),
            fields.day("expires_on", _("失效日期"), is_rare=True),
            fields.line("topic", _("主题分类"), limit=100, is_rare=True),
            fields.choice("validity", _("有效性"), VALIDITY, is_tracked=True),
            fields.tags("keywords", _("主题词")),
            fields.text("summary", _("内容概述"), limit=500),
            fields.rich("body", _("正文"), required_on_submit=True),
            fields.pictures(),
            fields.files("attachments", _("附件")),
            fields.line("source", _("来源"), limit=100),
        )
