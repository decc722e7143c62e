"""The text of attached files, for searching and for checks; a broken file has none and stops nothing."""

from __future__ import annotations

import io
import logging
from collections import OrderedDict
from collections.abc import Callable

from egov.model.files import StoredFile

log = logging.getLogger(__name__)

MAX_TEXT = 200_000  # characters
MAX_FILE = 20 * 1024 * 1024
_MAX_PAGES = 200
_REMEMBERED = 200  # files, whose text is asked for at every look at a draft
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
        with file.open() as source:
            return _READERS[kind](io.BytesIO(source.read()))[:MAX_TEXT]
    except Exception as error:  # noqa: BLE001  a broken file of a visitor's or clerk's must not stop the index
        log.warning("no text from file %s: %s", file.id, error)
        return ""


def _pdf(source: io.BytesIO) -> str:
    from pypdf import PdfReader  # noqa: PLC0415  only who has such files pays for the reader

    pages = PdfReader(source).pages
    return "\n".join(pages[n].extract_text() for n in range(min(len(pages), _MAX_PAGES)))


def _docx(source: io.BytesIO) -> str:
    from docx import Document as WordDocument  # noqa: PLC0415  as above

    word = WordDocument(source)
    cells = (cell.text for table in word.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(p.text for p in word.paragraphs), *cells])


def _xlsx(source: io.BytesIO) -> str:
    from openpyxl import load_workbook  # noqa: PLC0415  as above

    book = load_workbook(source, read_only=True, data_only=True)
    rows = (row for sheet in book.worksheets for row in sheet.iter_rows(values_only=True))
    return "\n".join(" ".join(str(v) for v in row if v is not None) for row in rows)


_READERS: dict[str, Callable[[io.BytesIO], str]] = {"pdf": _pdf, "docx": _docx, "xlsx": _xlsx,
            "txt": lambda source: source.read().decode("utf-8", "replace"),
            "csv": lambda source: source.read().decode("utf-8-sig", "replace")}  # fmt: skip
