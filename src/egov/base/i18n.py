"""The message factory: msgids are the Simplified Chinese texts themselves."""

from __future__ import annotations

from typing import TypeAlias

from translationstring import TranslationString, TranslationStringFactory

DOMAIN = "egov"

_ = TranslationStringFactory(DOMAIN)

Message: TypeAlias = TranslationString | str


def told(message: Message) -> str:
    """The message as text in the source language."""
    return str(message.interpolate()) if isinstance(message, TranslationString) else message


__all__ = ["DOMAIN", "Message", "_", "told"]
