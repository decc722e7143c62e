"""Tables to take away: CSV, and XLSX for who wants a spreadsheet's own form; both open as they were meant."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from pyramid.response import Response

from egov.base.i18n import Message
from egov.web.rendering import say_in
from egov.web.workbook import workbook

FORMATS = ("csv", "xlsx")
_KINDS = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/x-ndjson",
    "zip": "application/zip",
}
_ROWS = 500
_BEGINS_FORMULA = "=+-@\t\r\n＝＋－＠"  # a Chinese spreadsheet takes the wide ones for the others


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
    return workbook(tamed) if form == "xlsx" else _as_csv(tamed)


def _as_csv(rows: Iterator[list[str]]) -> Iterator[bytes]:
    yield "\ufeff".encode()
    while part := list(islice(rows, _ROWS)):
        text = io.StringIO()
        csv.writer(text).writerows(part)
        yield text.getvalue().encode()


def tame(value: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    is_formula = len(value) > 1 and value[0] in _BEGINS_FORMULA
    return f"'{value}" if is_formula else value
