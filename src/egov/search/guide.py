"""Guide: what editors teach the search: words that mean the same, and what stands first for a question."""

from __future__ import annotations

import re
from collections.abc import Mapping

from persistent import Persistent

from egov.search.words import folded

MAX_VARIANTS = 6  # of one question
_SPACES = re.compile(r"\s+")


class Guide(Persistent):
    """The synonyms and recommendations of a site group, folded as the index folds words."""

    synonyms: tuple[tuple[str, ...], ...] = ()
    pins: Mapping[str, tuple[int, ...]] = {}  # question -> uids of items

    def variants(self, text: str) -> tuple[str, ...]:
        """The question in other words, where a synonym stands in it; the longest of a group counts."""
        asked = folded(text)
        found: dict[str, None] = {}
        for group in self.synonyms:
            word = max((w for w in group if _stands_in(w, asked)), key=len, default="")
            if word:
                found |= dict.fromkeys(asked.replace(word, w) for w in group if w != word)
        return tuple(found)[:MAX_VARIANTS]

    def pinned(self, text: str) -> tuple[int, ...]:
        """The uids that stand first for exactly this question."""
        return self.pins.get(question_key(text), ())


def question_key(text: str) -> str:
    """The question without what makes no difference: spaces, capitals, width."""
    return _SPACES.sub("", folded(text))


def _stands_in(word: str, asked: str) -> bool:
    if not word.isascii():
        return word in asked
    # Part of a Latin word is another word: "ai" does not stand in "email".
    return re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", asked) is not None
