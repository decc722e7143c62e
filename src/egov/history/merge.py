"""Three-way merging: what two people made of one text, as far as they did not touch the same place."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, NamedTuple

# A text is merged by its paragraphs; HTML ends one with its closing tag.
_PARAGRAPH = re.compile(
    r".*?(?:</(?:p|h[1-6]|li|tr|table|blockquote|ul|ol|div|figure)>\s*|\n|\Z)", re.DOTALL
)


class Merged(NamedTuple):
    """The values after a merge, and the fields in which both changed the same place: there mine stand."""

    values: dict[str, Any]
    clashes: tuple[str, ...]


def merge(base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> Merged:
    """Take each field from who changed it; texts that both changed are merged by paragraphs."""
    values: dict[str, Any] = {}
    clashes = []
    for name in mine:
        old, own, other = base.get(name), mine[name], theirs.get(name)
        if other in (own, old):
            values[name] = own
        elif own == old:
            values[name] = other
        else:
            text = (
                merge_text(old or "", own, other)
                if isinstance(own, str) and isinstance(other, str) and isinstance(old or "", str)
                else None
            )
            values[name] = own if text is None else text
            if text is None:
                clashes.append(name)
    return Merged(values, tuple(clashes))


def merge_text(base: str, mine: str, theirs: str) -> str | None:
    """One text with the changes of both; None where they changed the same paragraphs."""
    old, own, other = (_PARAGRAPH.findall(text) for text in (base, mine, theirs))
    left, right = _changes(old, own), _changes(old, other)
    for a in left:
        for b in right:
            if a != b and _touch(a, b):
                return None
    parts: list[str] = []
    at = 0
    for start, end, new in sorted({*left, *right}):
        parts += [*old[at:start], *new]
        at = end
    return "".join([*parts, *old[at:]])


Change = tuple[int, int, tuple[str, ...]]  # from, to, what stands there now


def _changes(old: Sequence[str], new: Sequence[str]) -> list[Change]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return [
        (a0, a1, tuple(new[b0:b1]))
        for kind, a0, a1, b0, b1 in matcher.get_opcodes()
        if kind != "equal"
    ]


def _touch(a: Change, b: Change) -> bool:
    # Two insertions at one place have no order that both would expect.
    return (
        a[0] <= b[1] and b[0] <= a[1] and not (a[1] == b[0] != a[0]) and not (b[1] == a[0] != b[0])
    )
