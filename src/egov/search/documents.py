"""What of an item is indexed: title, text, numbers, the text of its attachments."""

from __future__ import annotations

import io
import logging
import zipfile
from collections.abc import Callable, Iterator
from time import monotonic
from typing import Any, NamedTuple

from egov.base import clock
from egov.base.html import plain
from egov.catalog.index import FOUND_BY_THE_PUBLIC, domain_of
from egov.model.files import StoredFile
from egov.model.item import Item
from egov.model.node import Node

log = logging.getLogger(__name__)

MAX_TEXT = 200_000  # characters of one item, attachments included
MAX_FILE = 20 * 1024 * 1024
MAX_UNPACKED = 200 * 1024 * 1024
MAX_SECONDS = 10.0  # for the text of one file
_NUMBER_FIELDS = ("doc_no", "index_no")


class Document(NamedTuple):
    """The public wording of an item, as it is indexed; `domain` decides on who may find it."""

    uid: int
    domain: int
    kind: str
    published: int  # microseconds
    year: int
    title: str
    text: str
    numbers: tuple[str, ...]
    keywords: tuple[str, ...]
    validity: str
    issuer: str


def document_of(node: Node | None) -> Document | None:
    """The document of a node, None where the public finds none: other types, drafts, what was taken down."""
    if not isinstance(node, Item) or node.live is None or node.published_at is None:
        return None
    if node.live_state not in FOUND_BY_THE_PUBLIC:
        return None
    values = node.live.values
    return Document(
        uid=node.uid,
        domain=domain_of(node).uid,
        kind=node.type_name,
        published=clock.micros(node.published_at),
        year=clock.local(node.published_at).year,
        title=node.live_title,
        text=_text(values)[:MAX_TEXT],
        numbers=tuple(values[f] for f in _NUMBER_FIELDS if values.get(f)),
        keywords=tuple(values.get("keywords") or ()),
        validity=values.get("validity") or "",
        issuer=values.get("issuer") or "",
    )


def _text(values: dict[str, Any]) -> str:
    parts = [values.get("summary") or "", plain(values.get("body") or "")]
    parts += [values.get(f) or "" for f in ("source", "issuer", "topic")]
    for file in (values.get("file"), *(values.get("attachments") or ())):
        if isinstance(file, StoredFile):
            parts += [file.filename, text_of(file)]
    return "\n".join(part for part in parts if isinstance(part, str) and part)


def text_of(file: StoredFile) -> str:
    """The text of a PDF, Word or Excel file; "" for other files, and for those that cannot be read."""
    kind = file.filename.rpartition(".")[2].lower()
    reader = _READERS.get(kind)
    if reader is None or file.size > MAX_FILE:
        return ""
    try:
        with file.open() as source:
            return _taken(reader(io.BytesIO(source.read())))
    except Exception as error:  # noqa: BLE001  a broken file of a visitor's or clerk's must not stop the index
        log.warning("no text from file %s: %s", file.id, error)
        return ""


def _taken(parts: Iterator[str]) -> str:
    """The parts as one text, as far as length and time go: a file may be made to take for ever."""
    found: list[str] = []
    left, end = MAX_TEXT, monotonic() + MAX_SECONDS
    for part in parts:
        found.append(part[:left])
        left -= len(part) + 1
        if left <= 0 or monotonic() > end:
            break
    return "\n".join(found)


def _pdf(source: io.BytesIO) -> Iterator[str]:
    from pypdf import PdfReader  # noqa: PLC0415  only who has such files pays for the reader

    for page in PdfReader(source).pages:
        yield page.extract_text()


def _docx(source: io.BytesIO) -> Iterator[str]:
    from docx import Document as WordDocument  # noqa: PLC0415  as above

    word = WordDocument(_unpacked(source))
    for paragraph in word.paragraphs:
        yield paragraph.text
    for table in word.tables:
        for row in table.rows:
            yield " ".join(cell.text for cell in row.cells)


def _xlsx(source: io.BytesIO) -> Iterator[str]:
    from openpyxl import load_workbook  # noqa: PLC0415  as above

    book = load_workbook(_unpacked(source), read_only=True, data_only=True)
    for sheet in book.worksheets:
        for row in sheet.iter_rows(values_only=True):
            yield " ".join(str(value) for value in row if value is not None)


def _plain(source: io.BytesIO) -> Iterator[str]:
    yield source.read().decode("utf-8-sig", "replace")


def _unpacked(source: io.BytesIO) -> io.BytesIO:
    """The same file, if it does not unpack to much more than it is; raises ValueError for one that does."""
    with zipfile.ZipFile(source) as packed:
        if sum(part.file_size for part in packed.infolist()) > MAX_UNPACKED:
            raise ValueError("it would unpack to too much")
    source.seek(0)
    return source


_READERS: dict[str, Callable[[io.BytesIO], Iterator[str]]] = {
    "pdf": _pdf,
    "docx": _docx,
    "xlsx": _xlsx,
    "txt": _plain,
    "csv": _plain,
}
