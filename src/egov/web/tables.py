"""Tables to take away: CSV that spreadsheets open as it was meant."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from pyramid.response import Response

from egov.base.i18n import Message
from egov.web.rendering import say_in


def csv_response(
    request: Any, name: str, heads: Sequence[Message], rows: Iterable[Sequence[Message]]
) -> Response:
    """A CSV file in UTF-8 with its mark, in the reader's language; no cell is taken for a formula."""
    text = io.StringIO()
    out = csv.writer(text)
    out.writerow([say_in(request, head) for head in heads])
    out.writerows([tame(say_in(request, cell)) for cell in row] for row in rows)
    response = Response("\ufeff" + text.getvalue(), content_type="text/csv", charset="utf-8")
    response.content_disposition = f'attachment; filename="{name}.csv"'
    return response


def tame(value: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    is_formula = value[:1] in ("=", "+", "-", "@", "\t", "\r") and len(value) > 1
    return f"'{value}" if is_formula else value
