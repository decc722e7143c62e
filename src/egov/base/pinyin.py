"""How Chinese is spelled, by dictionaries that take a third of a second to load: imported by who spells something."""

from __future__ import annotations

from functools import lru_cache

from pypinyin import Style, lazy_pinyin
from pypinyin.seg.mmseg import seg


def hyphened(text: str) -> str:
    """The syllables of a text, word by word, a hyphen after each."""
    return "".join(map(_word, seg.cut(text)))


@lru_cache(maxsize=20_000)
def _word(word: str) -> str:
    # Spelling is slow and the words of an office are few.
    return "".join(f"{syllable}-" for syllable in lazy_pinyin(word))


def syllables(text: str) -> str:
    """A text's pinyin without spaces."""
    return "".join(lazy_pinyin(text)).lower()


def initials(text: str) -> str:
    """The first letters of its syllables."""
    return "".join(lazy_pinyin(text, style=Style.FIRST_LETTER)).lower()
