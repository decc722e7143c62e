"""What is shown of a text that was found: a stretch of it, and in it what was looked for."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

_LENGTH = 140


def excerpt(text: str, looked_for: Collection[str]) -> tuple[tuple[str, bool], ...]:
    """A stretch of the text around the longest that was found, cut into marked and unmarked parts."""
    flat, pattern = " ".join(text.split()), _pattern(looked_for)
    longest = max(looked_for, key=len, default="")
    first = pattern and (re.search(_spelt(longest), flat) or pattern.search(flat))
    start = max(0, first.start() - 30) if first else 0
    begun = (("…", False),) if start else ()
    ended = (("…", False),) if start + _LENGTH < len(flat) else ()
    return (*begun, *_cut(flat[start : start + _LENGTH], pattern), *ended)


def marked_in(text: str, looked_for: Iterable[str]) -> tuple[tuple[str, bool], ...]:
    """A text whole, cut into marked and unmarked parts."""
    return _cut(text, _pattern(looked_for))


def _pattern(looked_for: Iterable[str]) -> re.Pattern[str] | None:
    wanted = sorted({w for w in looked_for if len(w) > 1}, key=len, reverse=True)
    return re.compile("|".join(map(_spelt, wanted)), re.IGNORECASE) if wanted else None


def _spelt(word: str) -> str:
    # Digits are parted as anybody likes.
    return "[ ()-]{0,2}".join(word) if word.isdigit() else re.escape(word)


def _cut(text: str, pattern: re.Pattern[str] | None) -> tuple[tuple[str, bool], ...]:
    if pattern is None:
        return ((text, False),) if text else ()
    parts: list[tuple[str, bool]] = []
    at = 0
    for match in pattern.finditer(text):
        parts += [(text[at : match.start()], False), (match[0], True)]
        at = match.end()
    parts.append((text[at:], False))
    return tuple(part for part in parts if part[0])
