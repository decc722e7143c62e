"""Tables to take away: CSV, and XLSX for who wants a spreadsheet's own form; both open as they were meant."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from pyramid.response import Response

from egov.base.i18n import Message
from egov.web.rendering import say_in

FORMATS = ("csv", "xlsx")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MAX_CELL = 32_767  # characters that a cell of a spreadsheet holds


def table_response(
    request: Any, name: str, heads: Sequence[Message], rows: Iterable[Sequence[Message]]
) -> Response:
    """The table as the request's `format` asks, in the reader's language; no cell is taken for a formula."""
    told = [[say_in(request, head) for head in heads]]
    told += [[tame(say_in(request, cell)) for cell in row] for row in rows]
    form = "xlsx" if request.GET.get("format") == "xlsx" else "csv"
    response = Response(_as_xlsx(told), content_type=_XLSX) if form == "xlsx" else _as_csv(told)
    response.content_disposition = f'attachment; filename="{name}.{form}"'
    return response


def _as_csv(rows: list[list[str]]) -> Response:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return Response("\ufeff" + text.getvalue(), content_type="text/csv", charset="utf-8")


def _as_xlsx(rows: list[list[str]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append([ILLEGAL_CHARACTERS_RE.sub("", cell)[:_MAX_CELL] for cell in row])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def tame(value: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    is_formula = value[:1] in ("=", "+", "-", "@", "\t", "\r") and len(value) > 1
    return f"'{value}" if is_formula else value
