"""Two editions side by side: which fields differ, and how their texts and files do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

import colander

from egov.base.i18n import Message
from egov.base.reading import readable
from egov.history.diff import Row, diff_rows
from egov.model.files import StoredFile, files_in


class FilePair(NamedTuple):
    """A file of the old edition and the one of the same name in the new; None where there is none."""

    old: StoredFile | None
    new: StoredFile | None

    @property
    def kind(self) -> str:
        """What became of it: "same", "out", "in" or "changed"."""
        if self.old is None or self.new is None:
            return "in" if self.old is None else "out"
        return "same" if self.old.digest == self.new.digest else "changed"


class Difference(NamedTuple):
    """One field in which two editions differ: the lines of its text, or its files."""

    name: str
    title: Message
    rows: tuple[Row, ...]
    files: tuple[FilePair, ...] = ()

    @property
    def only_form(self) -> bool:
        """Whether the words are the same and only how they are set has changed."""
        return not self.files and all(row.kind == "same" for row in self.rows)


def compare(
    schema: colander.SchemaNode, old: Mapping[str, Any], new: Mapping[str, Any]
) -> list[Difference]:
    """The fields that differ, in the order of the form."""
    found = []
    for field in schema:
        before, after = old.get(field.name), new.get(field.name)
        if before != after and (before or after):
            found.append(difference(field, before, after))
    return found


def difference(field: colander.SchemaNode, before: Any, after: Any) -> Difference:
    """How one field differs between two values."""
    files = tuple(_file_pairs(before, after))
    rows = () if files else diff_rows(as_text(field, before), as_text(field, after))
    return Difference(field.name, field.title, rows, files)


def _file_pairs(before: Any, after: Any) -> Iterator[FilePair]:
    left = {file.filename: file for file in files_in({"": before})}
    for file in files_in({"": after}):
        yield FilePair(left.pop(file.filename, None), file)
    for file in left.values():
        yield FilePair(file, None)


def as_text(field: colander.SchemaNode, value: Any) -> str:
    """A field's value as a person would read it."""
    if value in (None, "", ()):
        return ""
    if field.kind == "html":
        return readable(value)
    if isinstance(value, StoredFile):
        return value.filename
    if isinstance(value, tuple):
        return "\n".join(
            part.filename if isinstance(part, StoredFile) else str(part) for part in value
        )
    if isinstance(value, date):
        return value.isoformat()
    return str(dict(getattr(field, "choices", ())).get(value, value))
