"""Tables to take away: CSV, and XLSX for who wants a spreadsheet's own form; both open as they were meant."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from tempfile import TemporaryFile
from typing import Any

from pyramid.response import Response

from egov.base.i18n import Message
from egov.web.rendering import say_in

FORMATS = ("csv", "xlsx")
_KINDS = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/x-ndjson",
    "zip": "application/zip",
}
_ROWS, _BLOCK = 500, 1 << 16
_MAX_CELL = 32_767  # characters that a cell of a spreadsheet holds


def table_response(
    request: Any, name: str, heads: Sequence[Message], rows: Iterable[Sequence[Message]]
) -> Response:
    """The table as the request's `format` asks, in the reader's language; no cell is taken for a formula."""
    told = ([say_in(request, cell) for cell in row] for row in (heads, *rows))
    form = "xlsx" if request.GET.get("format") == "xlsx" else "csv"
    return as_download(b"".join(table_bytes(form, told)), f"{name}.{form}")


def as_download(body: bytes | Iterable[bytes], filename: str) -> Response:
    """An answer that a browser keeps as a file; its type follows from the name."""
    response = Response(content_type=_KINDS[filename.rpartition(".")[2]])
    if response.content_type.startswith("text/"):
        response.charset = "utf-8"
    if isinstance(body, bytes):
        response.body = body
    else:
        response.app_iter = body
    response.content_disposition = f'attachment; filename="{filename}"'
    return response


def table_bytes(form: str, rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """A table piece by piece, in memory that does not grow with it."""
    tamed = ([tame(cell) for cell in row] for row in rows)
    return _as_xlsx(tamed) if form == "xlsx" else _as_csv(tamed)


def _as_csv(rows: Iterator[list[str]]) -> Iterator[bytes]:
    yield "\ufeff".encode()
    while part := list(islice(rows, _ROWS)):
        text = io.StringIO()
        csv.writer(text).writerows(part)
        yield text.getvalue().encode()


def _as_xlsx(rows: Iterator[list[str]]) -> Iterator[bytes]:
    from openpyxl import Workbook  # noqa: PLC0415  a server's start does not wait for it
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # noqa: PLC0415

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append([ILLEGAL_CHARACTERS_RE.sub("", cell)[:_MAX_CELL] for cell in row])
    with TemporaryFile() as packed:
        book.save(packed)
        packed.seek(0)
        yield from iter(lambda: packed.read(_BLOCK), b"")


def tame(value: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    is_formula = value[:1] in ("=", "+", "-", "@", "\t", "\r") and len(value) > 1
    return f"'{value}" if is_formula else value
