"""The words of attachments are found; files that cannot be read stop nothing."""

import io
import zipfile

import pytest
from docx import Document
from openpyxl import Workbook

from egov import extract
from egov.base.apart import Apart
from egov.extract import text_of
from egov.model.files import StoredFile


def word_file():
    out, word = io.BytesIO(), Document()
    word.add_paragraph("低保审核结果")
    word.add_table(1, 1).cell(0, 0).text = "表中文字"
    word.save(out)
    return out.getvalue()


def excel_file():
    out, book = io.BytesIO(), Workbook()
    book.active.append(["项目名称", 12])
    book.save(out)
    return out.getvalue()


def pdf_file(words):
    drawn = b"BT /F1 12 Tf 20 100 Td (%s) Tj ET" % words
    parts = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    out, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % at for at in places)
    head = b"xref\n0 6\n0000000000 65535 f \n" + table
    tail = b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % len(out)
    return out + head + tail


def bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("word/document.xml", b" " * (extract.MAX_UNPACKED + 1))
    return out.getvalue()


def read(site, name, content):
    file = StoredFile(content, name, "application/octet-stream")
    site.note = file
    site._p_jar.add(file)
    return text_of(file)


@pytest.mark.parametrize(("name", "content", "expected"), [
    ("名单.docx", word_file(), ("低保审核结果", "表中文字")),
    ("表.xlsx", excel_file(), ("项目名称", "12")),
    ("说明.txt", "防汛".encode(), ("防汛",)),
    ("批文.pdf", pdf_file(b"ID 11010519491231002X"), ("11010519491231002X",)),
    ("坏的.pdf", b"%PDF-1.4 nothing", ()),
    ("坏的.docx", b"PK\x03\x04", ()),
    ("炸弹.docx", bomb(), ()),
    ("照片.jpg", b"\xff\xd8", ()),
])  # fmt: skip
def test_the_text_of_a_file(site, name, content, expected):
    text = read(site, name, content)
    assert all(word in text for word in expected)
    assert bool(text) == bool(expected)


def test_a_file_that_takes_for_ever_is_left_in_the_middle(monkeypatch):
    monkeypatch.setattr(extract, "MAX_SECONDS", 0)
    assert list(extract._taken(iter(["甲", "乙"]))) == ["甲"]


def test_a_page_that_takes_for_ever_costs_its_own_text_and_no_more(site, monkeypatch, caplog):
    monkeypatch.setattr(extract, "_APART", Apart("egov.extract", 1, extract.MAX_MEMORY))
    endless = pdf_file(b"x" * 20_000 + b") Tj " + b"(a) Tj " * 2_000_000 + b"(z")
    try:
        assert read(site, "慢.pdf", endless) == ""
        assert "it took too much time or memory" in caplog.text
        assert "11010519491231002X" in read(site, "批文.pdf", pdf_file(b"ID 11010519491231002X"))
    finally:
        extract._APART.close()


def test_a_file_that_takes_all_memory_takes_none_here(site, monkeypatch, caplog):
    monkeypatch.setattr(extract, "_APART", Apart("egov.extract", 60, 200 * 1024 * 1024))
    rows = b'<w:p xmlns:w="x"/>' * 8_000_000
    out = io.BytesIO()
    source = zipfile.ZipFile(io.BytesIO(word_file()))
    with source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for part in source.infolist():
            content = source.read(part)
            if part.filename == "word/document.xml":
                content = content.replace(b"<w:sectPr", rows + b"<w:sectPr", 1)
            packed.writestr(part.filename, content)
    try:
        assert read(site, "大.docx", out.getvalue()) == ""
        assert "memory" in caplog.text.lower()
        assert "低保审核结果" in read(site, "小.docx", word_file())
    finally:
        extract._APART.close()
