"""Comparing editions: field by field, line by line, file by file."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from egov.features.content.official_document import OfficialDocument
from egov.history.compare import compare
from egov.history.diff import diff_rows
from egov.model.files import StoredFile

SCHEMA = OfficialDocument.schema()


def file(name, content=None):
    return StoredFile(content or name.encode(), name, "text/plain")


def told(old, new):
    found = compare(SCHEMA, old, new)
    return {d.name: [(p.kind, p.text) for row in d.rows for p in row.pieces] for d in found}


def test_equal_editions_have_no_differences():
    values = {"title": "题", "body": "<p>a</p>", "keywords": ("水",)}

    assert compare(SCHEMA, values, dict(values)) == []
    assert compare(SCHEMA, {"summary": ""}, {"summary": None}) == []
    assert compare(SCHEMA, {"keywords": ()}, {}) == []


def test_each_kind_of_field_is_told_as_people_read_it():
    old = {
        "title": "一月", "written_on": date(2026, 1, 1), "validity": "valid",
        "body": "<p>甲乙</p>", "keywords": ("水",),
    }  # fmt: skip
    new = {
        "title": "二月", "written_on": None, "validity": "repealed",
        "body": "<p>甲<b>丙</b></p>", "keywords": ("水", "电"),
    }  # fmt: skip

    got = told(old, new)

    assert list(got) == [f.name for f in SCHEMA if f.name in got]
    assert got["title"] == [("out", "一"), ("in", "二"), ("same", "月")]
    assert got["written_on"] == [("out", "2026-01-01")]
    assert got["body"] == [("same", "甲"), ("out", "乙"), ("in", "丙")]
    assert got["keywords"] == [("same", "水"), ("in", "电")]
    assert "".join(text for kind, text in got["validity"] if kind != "in") == "现行有效"
    assert "".join(text for kind, text in got["validity"] if kind != "out") == "已废止"


def test_files_are_paired_by_name_and_told_apart_by_their_bytes():
    old = {"attachments": (file("a.txt"), file("b.txt"), file("c.txt"))}
    new = {"attachments": (file("a.txt"), file("b.txt", b"other"), file("d.txt"))}

    found = compare(SCHEMA, old, new)

    assert [(f.kind, (f.new or f.old).filename) for f in found[0].files] == [
        ("same", "a.txt"), ("changed", "b.txt"), ("in", "d.txt"), ("out", "c.txt"),
    ]  # fmt: skip


def test_a_change_of_links_is_seen_and_one_of_form_alone_is_named_so():
    link = told({"body": '<p><a href="/a">表</a></p>'}, {"body": '<p><a href="/b">表</a></p>'})
    assert ("in", "b") in link["body"]
    bold = compare(SCHEMA, {"body": "<p>甲</p>"}, {"body": "<p><b>甲</b></p>"})
    assert bold[0].only_form


@given(st.text(alphabet="甲乙丙a \n", max_size=60), st.text(alphabet="甲乙丙a \n", max_size=60))
def test_the_rows_put_together_are_both_texts(old, new):
    rows = diff_rows(old, new)

    left = ["".join(p.text for p in r.old) for r in rows if r.kind != "in"]
    right = ["".join(p.text for p in r.new) for r in rows if r.kind != "out"]
    assert "\n".join(left) == old
    assert "\n".join(right) == new


def test_a_line_put_in_between_does_not_shift_those_after_it():
    rows = diff_rows(
        "第一条 总则\n第二条 范围", "第一条 总则\n新的一条，说的是别的事\n第二条 范围内"
    )
    assert [row.kind for row in rows] == ["same", "in", "changed"]


def test_a_very_long_line_is_compared_by_its_sentences():
    old = "，".join(f"第{n}项工作已经完成" for n in range(1500))
    rows = diff_rows(old, old.replace("第700项", "第七百项"))
    assert [p.text for p in rows[0].pieces if p.kind == "out"] == ["700"]
