"""Comparing editions: field by field, piece by piece."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from egov.features.content.official_document import OfficialDocument
from egov.history.compare import compare, diff_text
from egov.model.files import StoredFile

SCHEMA = OfficialDocument.schema()


def file(name):
    return StoredFile(name.encode(), name, "text/plain")


def told(old, new):
    return {d.name: [(p.kind, p.text) for p in d.pieces] for d in compare(SCHEMA, old, new)}


def test_equal_editions_have_no_differences():
    values = {"title": "题", "body": "<p>a</p>", "keywords": ("水",)}

    assert compare(SCHEMA, values, dict(values)) == []
    assert compare(SCHEMA, {"summary": ""}, {"summary": None}) == []
    assert compare(SCHEMA, {"keywords": ()}, {}) == []


def test_each_kind_of_field_is_told_as_people_read_it():
    old = {
        "title": "一月", "written_on": date(2026, 1, 1), "validity": "valid",
        "body": "<p>甲乙</p>", "keywords": ("水",), "attachments": (file("a.txt"),),
    }  # fmt: skip
    new = {
        "title": "二月", "written_on": None, "validity": "repealed",
        "body": "<p>甲<b>丙</b></p>", "keywords": ("水", "电"),
        "attachments": (file("a.txt"), file("b.txt")),
    }  # fmt: skip

    got = told(old, new)

    assert list(got) == [f.name for f in SCHEMA if f.name in got]
    assert got["title"] == [("out", "一"), ("in", "二"), ("same", "月")]
    assert got["written_on"] == [("out", "2026-01-01")]
    assert got["body"] == [("same", "甲"), ("out", "乙"), ("in", "丙")]
    assert got["keywords"] == [("same", "水"), ("in", "\n电")]
    assert got["attachments"] == [("same", "a.txt"), ("in", "\nb.txt")]
    assert "".join(text for kind, text in got["validity"] if kind != "in") == "现行有效"
    assert "".join(text for kind, text in got["validity"] if kind != "out") == "已废止"


def test_a_file_with_other_bytes_of_the_same_name_is_a_difference():
    one = StoredFile(b"1", "a.txt", "text/plain")
    two = StoredFile(b"2", "a.txt", "text/plain")

    assert list(told({"attachments": (one,)}, {"attachments": (two,)})) == ["attachments"]


@given(st.text(alphabet="甲乙丙\n", max_size=60), st.text(alphabet="甲乙丙\n", max_size=60))
def test_the_pieces_put_together_are_both_texts(old, new):
    pieces = diff_text(old, new)

    assert "".join(p.text for p in pieces if p.kind != "in") == old
    assert "".join(p.text for p in pieces if p.kind != "out") == new
    assert all(p.text for p in pieces)


def test_a_very_long_text_is_compared_by_lines():
    old = "".join(f"第{n}行\n" for n in range(3000))
    new = old.replace("第1500行\n", "改过的行\n")

    pieces = diff_text(old, new)

    assert [(p.kind, p.text) for p in pieces if p.kind != "same"] == [
        ("out", "第1500行\n"),
        ("in", "改过的行\n"),
    ]
