"""The message factory: msgids are the Simplified Chinese texts themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from translationstring import TranslationString, TranslationStringFactory

DOMAIN = "egov"

_ = TranslationStringFactory(DOMAIN)

Message: TypeAlias = TranslationString | str

_BETWEEN = _("、")  # the parts of a list


def told(message: Message, catalog: Mapping[str, str] | None = None) -> str:
    """The message as text: in the source language, or as a catalog of msgids has it; messages in it likewise.

    A tuple of messages in it is told as a list.
    """
    if not isinstance(message, TranslationString):
        return message
    text = (catalog or {}).get(message) or message.default or str(message)
    if not message.mapping:
        return text
    between = (catalog or {}).get(_BETWEEN, _BETWEEN)
    parts = {
        name: between.join(told(one, catalog) for one in part)
        if isinstance(part, tuple)
        else told(part, catalog)
        for name, part in message.mapping.items()
    }
    return str(TranslationString(text, mapping=parts).interpolate())


__all__ = ["DOMAIN", "Message", "_", "told"]
