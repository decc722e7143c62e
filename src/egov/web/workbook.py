"""A spreadsheet (XLSX, ECMA-376) of text, sent while its rows are read; what a sheet cannot hold is in the next.

Written here because openpyxl gives out nothing before the last row: a web server in front would give up waiting for
the export of a large log.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from xml.sax.saxutils import escape

from egov.base.zipping import zipped

SHEET_ROWS = 1_000_000  # a little less than a spreadsheet holds
_MAX_CELL = 32_767  # characters
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_ROOT = (
    f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{_LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def workbook(rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """The bytes of it; the first row stands at the head of every sheet."""
    return zipped(_parts(iter(rows)))


def _parts(rows: Iterator[Sequence[str]]) -> Iterator[tuple[str, Iterable[bytes]]]:
    yield "_rels/.rels", [_ROOT.encode()]  # so that something is sent before the first row is found
    head = list(islice(rows, 1))
    count, first = 0, next(rows, None)
    while first is not None or not count:
        count += 1
        body = chain([first] if first is not None else [], islice(rows, SHEET_ROWS - 1))
        yield f"xl/worksheets/sheet{count}.xml", _sheet(chain(head, body))
        first = next(rows, None)
    sheets = range(1, count + 1)
    for name, text in _frame(sheets).items():
        yield name, [(_HEAD + text).encode()]


def _sheet(rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    yield f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'.encode()
    for row in rows:
        cells = "".join(
            f'<c t="inlineStr"><is><t xml:space="preserve">{_told(cell)}</t></is></c>'
            for cell in row
        )
        yield f"<row>{cells}</row>".encode()
    yield b"</sheetData></worksheet>"


def _told(cell: str) -> str:
    return escape(_ILLEGAL.sub("", cell)[:_MAX_CELL])


def _frame(sheets: Sequence[int]) -> dict[str, str]:
    """What makes sheets a workbook."""
    entries = "".join(f'<sheet name="{n}" sheetId="{n}" r:id="rId{n}"/>' for n in sheets)
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{_LINKS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in sheets
    )
    kinds = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_KIND}.worksheet+xml"/>'
        for n in sheets
    )
    return {
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}"><sheets>{entries}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>',
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>{kinds}</Types>',
    }
