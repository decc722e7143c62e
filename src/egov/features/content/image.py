"""Image: a picture with a page of its own."""

from __future__ import annotations

import colander

from egov.base.i18n import _
from egov.model import fields
from egov.model.item import Item
from egov.model.types import TypeInfo


class Image(Item):
    """A picture, with the words that stand for it where it cannot be seen."""

    type_info = TypeInfo(
        name="image",
        title=_("图片"),
        icon="image",
        addable_to=("section",),
        workflow="review",
    )

    @classmethod
    def schema(cls) -> colander.SchemaNode:
        """Title, alternative text, picture."""
        return fields.mapping(
            fields.title(),
            fields.line("alt", _("替代文字"), required_on_submit=True),
            fields.file("image", _("图片"), kind="image", required_on_submit=True),
        )
