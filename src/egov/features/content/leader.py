"""Leader: somebody in office, with post, portrait, duties and resume (负责人信息)."""

from __future__ import annotations

import colander

from egov.base.i18n import _
from egov.model import fields
from egov.model.item import Item
from egov.model.types import TypeInfo


class Leader(Item):
    """A person in office, as the public is told of them."""

    type_info = TypeInfo(
        name="leader",
        title=_("负责人"),
        icon="person-badge",
        addable_to=("section",),
        workflow="review",
        template="egov.public:templates/leader.pt",
    )

    @classmethod
    def schema(cls) -> colander.SchemaNode:
        """Name, post, portrait, duties, resume: the inspection asks for each of them (国办秘函〔2019〕19号)."""
        return fields.mapping(
            fields.title(_("姓名")),
            fields.line("post", _("职务"), limit=100, required_on_submit=True),
            fields.file("image", _("照片"), kind="image"),
            fields.text("duties", _("工作分工"), limit=500, required_on_submit=True),
            fields.rich("body", _("简历"), required_on_submit=True),
            fields.line("phone", _("办公电话"), limit=60),
        )
