"""The text of attached files, for searching and for checks; a broken file has none and stops nothing.

Run as a module it is the process that reads them (base.apart): a page of a PDF can be made to take for ever.
"""

from __future__ import annotations

import io
import logging
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Iterator
from hashlib import sha256
from time import monotonic
from typing import TYPE_CHECKING, Any

from egov.base.apart import Apart, serve

if TYPE_CHECKING:  # the process that only reads has no need of the rest
    from egov.model.files import StoredFile

log = logging.getLogger(__name__)

MAX_TEXT = 200_000  # characters
MAX_FILE = 20 * 1024 * 1024
MAX_UNPACKED = 200 * 1024 * 1024
MAX_COLUMNS = 60  # of a table that is read in
MAX_SECONDS = 10.0  # for the text of one file, looked at after each page
MAX_MEMORY = 1024 * 1024 * 1024
_APART = Apart("egov.extract", int(MAX_SECONDS) + 5, MAX_MEMORY)
_REMEMBERED = 200  # files, whose text is asked for at every look at a draft
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_known: OrderedDict[tuple[str, str], str] = OrderedDict()


def text_of(file: StoredFile) -> str:
    """The text of a PDF, Word or Excel file; "" for other files, and for those that cannot be read."""
    kind = file.filename.rpartition(".")[2].lower()
    if kind not in _READERS or file.size > MAX_FILE:
        return ""
    known = _known.get((file.digest, kind))
    if known is None:
        known = _known[file.digest, kind] = _read(file, kind)
        while len(_known) > _REMEMBERED:
            _known.popitem(last=False)
    return known


def _read(file: StoredFile, kind: str) -> str:
    try:
        parts, wrong = _APART.ask(kind, _content(file))
    except Exception as error:  # noqa: BLE001  a broken file of a visitor's or clerk's must not stop the index
        parts, wrong = [], str(error)
    if wrong:
        log.warning("not all text from file %s: %s", file.id, wrong)
    return "\n".join(parts)


def _content(file: StoredFile) -> bytes:
    with file.open() as source:
        content = source.read()
    if sha256(content).hexdigest() != file.digest:
        raise ValueError("it is not what was stored")
    return content


def _parts(kind: str, content: bytes) -> Iterator[str]:
    return _taken(_READERS[kind](io.BytesIO(content)))


def _taken(parts: Iterator[str]) -> Iterator[str]:
    """The parts as far as length and time go: a file may be made to take for ever."""
    left, end = MAX_TEXT, monotonic() + MAX_SECONDS
    for part in parts:
        yield part[:left]
        left -= len(part) + 1
        if left <= 0 or monotonic() > end:
            break


def _pdf(source: io.BytesIO) -> Iterator[str]:
    from pypdf import PdfReader  # noqa: PLC0415  only who has such files pays for the reader

    for page in PdfReader(source).pages:
        yield page.extract_text()


def _docx(source: io.BytesIO) -> Iterator[str]:
    from docx import Document as WordDocument  # noqa: PLC0415  as above
    from docx.oxml import parse_xml  # noqa: PLC0415  as above; it resolves no entities

    package = WordDocument(_unpacked(source)).part.package
    for part in package.iter_parts():
        # The text itself, heads and feet of pages, notes, remarks; in text boxes and tables, too.
        if "wordprocessingml" in part.content_type:
            for paragraph in parse_xml(part.blob).iter(f"{_WORD}p"):
                yield "".join(run.text or "" for run in paragraph.iter(f"{_WORD}t"))


def _xlsx(source: io.BytesIO) -> Iterator[str]:
    from openpyxl import load_workbook  # noqa: PLC0415  as above

    book = load_workbook(_unpacked(source), read_only=True, data_only=True)
    for sheet in book.worksheets:
        for row in sheet.iter_rows(values_only=True):
            yield " ".join(_cell(value) for value in row if value is not None)


def _cell(value: object) -> str:
    """A cell as its reader sees it: a long number without an exponent."""
    is_whole = isinstance(value, float) and value.is_integer()
    return str(int(value)) if is_whole and isinstance(value, float) else str(value)


def sheet_rows(content: bytes, most: int | None = None) -> list[list[Any]]:
    """The cells of the first sheet of an XLSX file, of the first `most` rows, each without empty ones at its end.

    Raises ValueError for what is none, or would unpack to too much. A file of 5 KB can speak of a cell in the last row
    and column: so columns are limited, and what is empty is not kept.
    """
    from openpyxl import load_workbook  # noqa: PLC0415  as above

    try:
        book = load_workbook(_unpacked(io.BytesIO(content)), read_only=True, data_only=True)
        rows = book.worksheets[0].iter_rows(max_row=most, max_col=MAX_COLUMNS, values_only=True)
        return [_without_end(row) for row in rows]
    except Exception as error:
        raise ValueError("no spreadsheet") from error


def _without_end(row: tuple[Any, ...]) -> list[Any]:
    filled = next((n for n in range(len(row), 0, -1) if row[n - 1] is not None), 0)
    return list(row[:filled])


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

if __name__ == "__main__":
    serve(_parts)
