"""Spreadsheets that are made to harm whoever reads them."""

import io
import re
import zipfile

import pytest
from openpyxl import Workbook

from egov import extract
from egov.base.errors import Invalid
from egov.extract import MAX_COLUMNS, sheet_rows
from egov.operations.importing import MOST_ROWS, read_rows
from egov.operations.people import decoded
from tests.support.world import register_types

SHEET = "xl/worksheets/sheet1.xml"


def sheet(change=lambda part: part):
    """A table with one person, whose sheet was changed."""
    book, written, changed = Workbook(), io.BytesIO(), io.BytesIO()
    for row in (["标题", "用户名"], ["关于放假的通知", "wangwu"]):
        book.active.append(row)
    book.save(written)
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(changed, "w", 8) as target:
        for part in source.infolist():
            content = source.read(part)
            target.writestr(part.filename, change(content) if part.filename == SHEET else content)
    return changed.getvalue()


def with_last_cell(row):
    """The same with a cell in the last column of a row, which the sheet says to be its last."""
    cell = f'<row r="{row}"><c r="XFD{row}" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'

    def change(part):
        part = re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD%d"' % row, part)
        return part.replace(b"</sheetData>", cell.encode())

    return sheet(change)


def test_a_cell_far_away_makes_nothing_large():
    rows = sheet_rows(with_last_cell(20_000))

    assert rows[:2] == [["标题", "用户名"], ["关于放假的通知", "wangwu"]]
    assert [len(row) for row in rows[2:-1]] == [0] * 19_997
    assert len(rows[-1]) <= MAX_COLUMNS
    assert len(sheet_rows(with_last_cell(20_000), MOST_ROWS)) == MOST_ROWS


def test_what_is_read_of_it_is_the_same():
    register_types()
    (row,) = read_rows(with_last_cell(300), "a.xlsx", "article")

    assert row["title"] == "关于放假的通知"
    assert decoded(with_last_cell(300)).splitlines()[:2] == ["标题,用户名", "关于放假的通知,wangwu"]


BROKEN = {
    "no XML": lambda part: part[:-40],
    "an entity of the machine": lambda part: part.replace(b"wangwu", b"&e;"),
    "no sheet": lambda _part: b"",
}


def torn(content):
    """The bytes of the sheet no longer unpack."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        at = packed.getinfo(SHEET).header_offset + 30 + len(SHEET)
    return content[:at] + bytes(20) + content[at + 20 :]


@pytest.mark.parametrize("content", [*map(sheet, BROKEN.values()), torn(sheet()), b"PK\x03\x04"])
def test_what_is_broken_is_told_as_such(content):
    for read in (lambda: read_rows(content, "a.xlsx", "article"), lambda: decoded(content)):
        with pytest.raises(Invalid, match="XLSX"):
            read()


def test_what_would_unpack_to_too_much_is_not_unpacked(monkeypatch):
    content = sheet(lambda part: part.replace(b"</sheetData>", b" " * 500_000 + b"</sheetData>"))
    assert sheet_rows(content)
    monkeypatch.setattr(extract, "MAX_UNPACKED", 400_000)

    for read in (lambda: read_rows(content, "a.xlsx", "article"), lambda: decoded(content)):
        with pytest.raises(Invalid, match="XLSX"):
            read()
