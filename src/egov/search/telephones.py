"""Telephone numbers as people type them: whole or in part, with area code or without, parted anyhow."""

from __future__ import annotations

import re
from collections.abc import Iterator

from egov.search.words import folded

_LEAST, _MOST = 5, 13  # digits; a year has fewer
_SHORTEST_PART = 3
_SIGNS = " ()—-"  # between digits
_TYPED = re.compile(rf"\+?[\d{_SIGNS}]+")
_WRITTEN = re.compile(rf"\d[\d{_SIGNS}]*\d")
_ABROAD, _NO_AREA = re.compile(r"(?:\+|00)86(?=\d{9})"), re.compile(r"0(?=1[3-9]\d{9}\Z)")
_AREA = re.compile(r"0(?:10|2\d|[3-9]\d\d)(?=\d{7})")


def dialled(text: str) -> str:
    """The digits of a question that is nothing but a telephone number, or a part of one; empty for all others."""
    plain = folded(text).strip()
    if not _TYPED.fullmatch(plain):
        return ""
    digits = _NO_AREA.sub("", _ABROAD.sub("0", "".join(c for c in plain if c not in _SIGNS)))
    return digits if _LEAST <= len(digits) <= _MOST and digits.isdigit() else ""


def written(digits: str) -> list[str]:
    """How the digits may stand in a text, their parts joined by hyphens; that of a place without its area code, too."""
    return [
        "-".join(parts) for known in {digits, _AREA.sub("", digits)} for parts in _parted(known)
    ]


def _parted(digits: str) -> Iterator[tuple[str, ...]]:
    yield (digits,)
    for at in range(_SHORTEST_PART, len(digits) - _SHORTEST_PART + 1):
        yield from ((digits[:at], *rest) for rest in _parted(digits[at:]))


def stretches(told: str) -> set[str]:
    """Every stretch of the numbers told in one line, by which somebody may remember them."""
    found: set[str] = set()
    for run in _WRITTEN.findall(folded(told)):
        digits = _digits(run)
        for one in [digits] if len(digits) <= _MOST else map(_digits, run.split()):
            ends = range(_LEAST, len(one[:_MOST]) + 1)
            found |= {one[start:end] for end in ends for start in range(end - _LEAST + 1)}
    return found


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())
