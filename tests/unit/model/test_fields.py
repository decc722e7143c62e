"""Fields: what each kind takes, and what it makes of it."""

from datetime import date

import colander
import pytest

from egov.base.errors import Invalid
from egov.features.content import TYPES
from egov.model import fields, types
from egov.model.files import StoredFile
from egov.model.placement import Placement
from egov.model.site import Section, SiteGroup, Subsite
from egov.operations.content import validated

FILE = StoredFile(b"a", "a.txt", "text/plain")


@pytest.mark.parametrize(
    ("field", "raw", "value"),
    [
        (fields.line("x", "x"), "甲", "甲"),
        (fields.line("x", "x"), colander.null, ""),
        (fields.text("x", "x"), "甲\n乙", "甲\n乙"),
        (fields.rich("x", "x"), "<p onclick=x>甲</p>", "<p>甲</p>"),
        (fields.day("x", "x"), "2026-02-28", date(2026, 2, 28)),
        (fields.day("x", "x"), colander.null, None),
        (fields.choice("x", "x", (("a", "甲"), ("b", "乙"))), "b", "b"),
        (fields.choice("x", "x", (("a", "甲"), ("b", "乙"))), colander.null, "a"),
        (fields.tags("x", "x"), " 水，电、 水;气 ", ("水", "电", "气")),
        (fields.tags("x", "x"), ["水", " ", "水 ", "电"], ("水", "电")),
        (fields.tags("x", "x"), colander.null, ()),
        (fields.url("x", "x"), "https://example.org/a?b=1", "https://example.org/a?b=1"),
        (fields.url("x", "x"), "/zwgk", "/zwgk"),
        (fields.number("x", "x"), "7", 7),
        (fields.number("x", "x"), colander.null, None),
        (fields.color("x", "x"), "#1a5fB4", "#1a5fB4"),
        (fields.file("x", "x"), FILE, FILE),
        (fields.file("x", "x"), None, None),
        (fields.files("x", "x"), [FILE, FILE], (FILE,)),
    ],
)
def test_what_fits_is_taken(field, raw, value):
    assert fields.mapping(field).deserialize({"x": raw}) == {"x": value}


@pytest.mark.parametrize(
    ("field", "raw"),
    [
        (fields.line("x", "x", limit=3), "四个字啊"),
        (fields.title(), colander.null),
        (fields.rich("x", "x"), "a" * (fields.MAX_BODY + 1)),
        (fields.day("x", "x"), "2026-02-30"),
        (fields.day("x", "x"), "昨天"),
        (fields.choice("x", "x", (("a", "甲"),)), "c"),
        (fields.tags("x", "x"), [1]),
        (fields.tags("x", "x"), {"a": 1}),
        (fields.url("x", "x"), "javascript:alert(1)"),
        (fields.url("x", "x"), "http://a b"),
        (fields.url("x", "x"), "https://"),
        (fields.number("x", "x"), "七"),
        (fields.number("x", "x"), "-1"),
        (fields.number("x", "x", high=5), "6"),
        (fields.color("x", "x"), "red"),
        (fields.color("x", "x"), "#1a5fb4;}"),
        (fields.file("x", "x"), "a.txt"),
        (fields.files("x", "x"), ["a.txt"]),
        (fields.files("x", "x"), "a.txt"),
    ],
)
def test_what_does_not_fit_is_refused(field, raw):
    with pytest.raises(colander.Invalid):
        fields.mapping(field).deserialize({field.name: raw})


@pytest.mark.parametrize("cls", [SiteGroup, Subsite, Section, *TYPES], ids=lambda c: c.__name__)
def test_every_type_takes_a_title_alone_and_its_own_values_again(cls):
    """What was stored goes through the form again unchanged, so that saving without a change writes nothing."""
    values = validated(cls, {"title": "题"})

    assert values["title"] == "题"
    assert validated(cls, values) == values


@pytest.mark.parametrize("cls", TYPES, ids=lambda c: c.__name__)
def test_indexed_fields_are_fields(cls):
    assert set(cls.type_info.indexed) <= {field.name for field in cls.schema()}


def test_types_are_known_by_one_class_each():
    for cls in (SiteGroup, Subsite, Section, Placement, *TYPES):
        types.register(cls)
        assert types.get(cls.type_info.name) is cls

    class Other(Section):
        type_info = Section.type_info

    with pytest.raises(ValueError, match="section"):
        types.register(Other)
    with pytest.raises(Invalid):
        types.get("no_such")


def test_what_may_stand_where():
    allowed = {
        cls.type_info.name: {t.type_info.name for t in types.addable(cls("x", ""))}
        for cls in (SiteGroup, Subsite, Section)
    }
    anywhere = {"section", "placement", "page", "link"}
    assert allowed == {
        "site_group": anywhere | {"subsite"},
        "subsite": anywhere,
        "section": anywhere | {"article", "official_document", "file", "image", "leader", "office"},
    }
