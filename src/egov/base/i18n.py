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


def storable(message: Message) -> Message:
    """The message with nothing in it but words: what did not fit may hold the very error, which no database takes."""
    if not isinstance(message, TranslationString) or not message.mapping:
        return message
    words = {name: _words(part) for name, part in message.mapping.items()}
    return TranslationString(
        str(message), domain=message.domain, default=message.default, mapping=words
    )


def _words(part: object) -> object:
    if isinstance(part, tuple):
        return tuple(_words(one) for one in part)
    return storable(part) if isinstance(part, str) else str(part)


__all__ = ["DOMAIN", "Message", "_", "storable", "told"]
