"""The message factory: msgids are the Simplified Chinese texts themselves."""

from __future__ import annotations

from translationstring import TranslationString, TranslationStringFactory

DOMAIN = "egov"

_ = TranslationStringFactory(DOMAIN)

Message = TranslationString | str

__all__ = ["DOMAIN", "Message", "_"]
