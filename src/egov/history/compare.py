"""Two editions side by side: which fields differ, and how their texts do."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

import colander

from egov.base import html
from egov.base.i18n import Message
from egov.model.files import StoredFile

_MAX_WORDS = 20_000


class Piece(NamedTuple):
    """A stretch of text that is the same, was taken out or was put in."""

    kind: str  # "same", "out", "in"
    text: str


class Difference(NamedTuple):
    """One field in which two editions differ."""

    name: str
    title: Message
    pieces: tuple[Piece, ...]


def compare(
    schema: colander.SchemaNode, old: Mapping[str, Any], new: Mapping[str, Any]
) -> list[Difference]:
    """The fields that differ, in the order of the form, each with its text cut into pieces."""
    found = []
    for field in schema:
        before, after = old.get(field.name), new.get(field.name)
        if before != after and (before or after):
            pieces = diff_text(as_text(field, before), as_text(field, after))
            found.append(Difference(field.name, field.title, pieces))
    return found


def as_text(field: colander.SchemaNode, value: Any) -> str:
    """A field's value as a person would read it."""
    if value in (None, "", ()):
        return ""
    if field.kind == "html":
        return html.plain(value)
    if isinstance(value, StoredFile):
        return value.filename
    if isinstance(value, tuple):
        return "\n".join(
            part.filename if isinstance(part, StoredFile) else str(part) for part in value
        )
    if isinstance(value, date):
        return value.isoformat()
    return str(dict(getattr(field, "choices", ())).get(value, value))


def diff_text(old: str, new: str) -> tuple[Piece, ...]:
    """Two texts as pieces; single characters in short texts, lines in very long ones."""
    if len(old) + len(new) > _MAX_WORDS:
        a, b = old.splitlines(keepends=True), new.splitlines(keepends=True)
    else:
        a, b = list(old), list(new)
    pieces: list[Piece] = []
    matcher = difflib.SequenceMatcher(None, a, b, autojunk=len(a) + len(b) > 2_000)
    for kind, a0, a1, b0, b1 in matcher.get_opcodes():
        if kind == "equal":
            pieces.append(Piece("same", "".join(a[a0:a1])))
            continue
        if a1 > a0:
            pieces.append(Piece("out", "".join(a[a0:a1])))
        if b1 > b0:
            pieces.append(Piece("in", "".join(b[b0:b1])))
    return tuple(pieces)
