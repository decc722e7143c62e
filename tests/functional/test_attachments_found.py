"""The words of attachments are found; files that cannot be read stop nothing."""

import io
import zipfile

import pytest
from docx import Document
from openpyxl import Workbook

from egov import extract
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
    file = StoredFile(content, name, "application/octet-stream")
    site.note = file
    site._p_jar.add(file)
    text = text_of(file)
    assert all(word in text for word in expected)
    assert bool(text) == bool(expected)


def test_a_file_that_takes_for_ever_is_left_in_the_middle(monkeypatch):
    monkeypatch.setattr(extract, "MAX_SECONDS", 0)
    assert extract._taken(iter(["甲", "乙"])) == "甲"
