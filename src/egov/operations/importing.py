"""Reading content from tables and JSON Lines, a row to an item; each row is made by the long work `import`."""

from __future__ import annotations

import csv
import io
import json
from codecs import BOM_UTF8
from typing import Any

import colander

from egov.base.errors import Invalid
from egov.base.i18n import _
from egov.extract import sheet_rows
from egov.model import types
from egov.model.item import Item
from egov.model.types import schema_of

MOST_ROWS = 5_000
MOST_CELL = 1_000_000
_FORMS = (".csv", ".xlsx", ".jsonl")

Row = dict[str, Any]


def read_rows(content: bytes, filename: str, type_name: str) -> list[Row]:
    """The rows of a file as values of a type, by the names or the titles of its fields; nothing is checked yet.

    Raises Invalid for a file in another form, without a title, with nothing in it, or with more than 5,000 rows.
    """
    form = next((form for form in _FORMS if filename.lower().endswith(form)), "")
    if not form:
        raise Invalid(_("请选择 CSV、XLSX 或 JSON Lines（.jsonl）文件。"))
    rows = _json_rows(content) if form == ".jsonl" else _table_rows(content, form, type_name)
    if not rows:
        raise Invalid(_("文件里没有内容。"))
    if len(rows) > MOST_ROWS:
        raise Invalid(_("一次最多导入 ${most} 行。", mapping={"most": f"{MOST_ROWS:,}"}))
    return [{"type": type_name} | row for row in rows]


def importable() -> list[type[Item]]:
    """The types that a row can become."""
    return [cls for cls in types.all_types() if issubclass(cls, Item)]


def _json_rows(content: bytes) -> list[Row]:
    rows = []
    for number, line in enumerate(content.removeprefix(BOM_UTF8).split(b"\n"), start=1):
        if line.strip():
            try:
                row = json.loads(line.decode())
                json.dumps(row, ensure_ascii=False).encode()  # finds half characters such as \ud800
            except (ValueError, RecursionError):
                row = None
            if not isinstance(row, dict):
                raise Invalid(
                    _("第 ${number} 行不是 UTF-8 编码的 JSON。", mapping={"number": number})
                )
            rows.append(row)
    return rows


def _table_rows(content: bytes, form: str, type_name: str) -> list[Row]:
    lines = _csv_lines(content) if form == ".csv" else _xlsx_lines(content)
    if not lines:
        return []
    known = _columns(type_name)
    heads = [known.get(head.strip()) for head in lines[0]]
    if "title" not in heads:
        raise Invalid(_("第一行须是列名，其中要有“标题”。"))
    cells = ([cell.strip()[:MOST_CELL] for cell in line] for line in lines[1:])
    return [
        {head: cell for head, cell in zip(heads, line, strict=False) if head and cell}
        for line in cells
        if any(line)
    ]


def _columns(type_name: str) -> dict[str, str]:
    """What the head of a column may be called, and the field that it means; files do not stand in tables."""
    fields = [
        f
        for f in schema_of(types.get(type_name))
        if isinstance(f.typ, colander.String | colander.Date) or f.kind == "tags"
    ]
    return {f.name: f.name for f in fields} | {str(f.title): f.name for f in fields}


def _csv_lines(content: bytes) -> list[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return list(csv.reader(io.StringIO(content.decode(encoding))))
        except UnicodeDecodeError:
            continue
        except csv.Error:
            break
    raise Invalid(_("文件不是 UTF-8 或 GB18030 编码的表格。"))


def _xlsx_lines(content: bytes) -> list[list[str]]:
    try:
        rows = sheet_rows(content, MOST_ROWS + 2)
    except ValueError:
        raise Invalid(_("打不开这个 XLSX 文件。")) from None
    return [[_as_text(cell) for cell in row] for row in rows]


def _as_text(cell: Any) -> str:
    if cell is None:
        return ""
    return cell.date().isoformat() if hasattr(cell, "date") else str(cell)
