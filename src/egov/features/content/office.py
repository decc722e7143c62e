"""Office: a unit of the government, with its duties and how to reach it (机构职能)."""

from __future__ import annotations

import colander

from egov.base.i18n import _
from egov.model import fields
from egov.model.item import Item
from egov.model.types import TypeInfo


class Office(Item):
    """A unit of the government, as the public is told of it."""

    type_info = TypeInfo(
        name="office",
        title=_("机构"),
        icon="building-check",
        addable_to=("section",),
        workflow="review",
    )

    @classmethod
    def schema(cls) -> colander.SchemaNode:
        """Duties, units within, head, address, hours, telephone (政府信息公开条例 §20)."""
        return fields.mapping(
            fields.title(_("机构名称")),
            fields.line("head", _("负责人"), limit=60),
            fields.line("address", _("办公地址"), limit=200, required_on_submit=True),
            fields.line("hours", _("办公时间"), limit=100, required_on_submit=True),
            fields.line("phone", _("联系电话"), limit=100, required_on_submit=True),
            fields.line("email", _("电子邮箱"), limit=100),
            fields.url("url", _("网站")),
            fields.rich("body", _("主要职责和内设机构"), required_on_submit=True),
        )
