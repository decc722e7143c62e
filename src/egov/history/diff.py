"""Two texts line by line: what stayed, what went, what came, and within a changed line the words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

# A sign of a script without spaces is a word of its own.
_WORD = re.compile(r"[A-Za-z0-9_]+|\s+|.", re.DOTALL)
_SENTENCE = re.compile(r"[^，。；！？]*[，。；！？]|[^，。；！？]+")
_MAX_WORDS = (
    1_500  # in a stretch; a longer one is compared by sentences, so that no text takes long
)
_MAX_PAIRS = 2_500
_ALIKE = 0.4


class Piece(NamedTuple):
    """A stretch of a line that is the same, was taken out or was put in."""

    kind: str  # "same", "out", "in"
    text: str


class Row(NamedTuple):
    """A line of the old text beside the one of the new that stands for it; one of them empty where there is none."""

    kind: str  # "same", "out", "in", "changed"
    pieces: tuple[Piece, ...]

    @property
    def old(self) -> tuple[Piece, ...]:
        """The pieces of the old line."""
        return tuple(piece for piece in self.pieces if piece.kind != "in")

    @property
    def new(self) -> tuple[Piece, ...]:
        """The pieces of the new line."""
        return tuple(piece for piece in self.pieces if piece.kind != "out")


def diff_rows(old: str, new: str) -> tuple[Row, ...]:
    """The lines of two texts side by side."""
    a, b = old.split("\n") if old else [], new.split("\n") if new else []
    rows: list[Row] = []
    for kind, a0, a1, b0, b1 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if kind == "equal":
            rows += [Row("same", (Piece("same", line),)) for line in a[a0:a1]]
        else:
            rows += _changed(a[a0:a1], b[b0:b1])
    return tuple(rows)


def _changed(old: Sequence[str], new: Sequence[str]) -> Iterator[Row]:
    """The lines of a stretch that differs: those alike beside each other, in their order, the others alone."""
    at = 0
    alone: list[Row] = []
    for line in new:
        found = _most_like(line, old, at) if len(old) * len(new) <= _MAX_PAIRS else at
        if found is None or found >= len(old):
            alone.append(Row("in", (Piece("in", line),)))
            continue
        yield from (Row("out", (Piece("out", gone),)) for gone in old[at:found])
        yield from alone
        yield Row("changed", tuple(_within(old[found], line)))
        at, alone = found + 1, []
    yield from (Row("out", (Piece("out", gone),)) for gone in old[at:])
    yield from alone


def _most_like(line: str, old: Sequence[str], start: int) -> int | None:
    found, best = None, _ALIKE
    for at in range(start, len(old)):
        alike = _likeness(old[at], line)
        if alike > best:
            found, best = at, alike
    return found


def _likeness(a: str, b: str) -> float:
    """How much of two lines is made of the same signs, from 0 to 1; order aside, so it costs little."""
    if not a or not b:
        return 0.0
    common = (Counter(a) & Counter(b)).total()
    return 2 * common / (len(a) + len(b))


def _within(old: str, new: str) -> Iterator[Piece]:
    if len(old) + len(new) <= 2 * _MAX_WORDS:
        yield from _pieces(_WORD.findall(old), _WORD.findall(new))
        return
    a, b = _SENTENCE.findall(old), _SENTENCE.findall(new)
    for kind, a0, a1, b0, b1 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        left, right = "".join(a[a0:a1]), "".join(b[b0:b1])
        if kind == "equal":
            yield Piece("same", left)
        elif len(left) + len(right) <= 2 * _MAX_WORDS:
            yield from _pieces(_WORD.findall(left), _WORD.findall(right))
        else:
            yield from _replaced(left, right)


def _pieces(a: Sequence[str], b: Sequence[str]) -> Iterator[Piece]:
    for kind, a0, a1, b0, b1 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if kind == "equal":
            yield Piece("same", "".join(a[a0:a1]))
        else:
            yield from _replaced("".join(a[a0:a1]), "".join(b[b0:b1]))


def _replaced(old: str, new: str) -> Iterator[Piece]:
    if old:
        yield Piece("out", old)
    if new:
        yield Piece("in", new)
