"""A document that another has taken the place of says so wherever it is met; and what a page has for paper."""

from datetime import date

import pytest
import transaction
from bs4 import BeautifulSoup

from egov.model.site import SiteGroup
from egov.operations.content import create
from egov.operations.publishing import supersede
from egov.operations.workflow import advance
from egov.public.items import readable
from egov.security.principals import SYSTEM_ACTOR
from tests.support.world import article


def publish(site, title, **values):
    told = {
        "title": title, "body": "<p>正文。</p>", "issuer": "市财政局", "index_no": f"2026-{title}",
        "written_on": date(2026, 11, 1), **values,
    }  # fmt: skip
    item = create(site["finance"]["news"], "official_document", told, by=SYSTEM_ACTOR)
    for step in ("submit", "approve", "publish"):
        advance(item, step, by=SYSTEM_ACTOR)
    return item


PLACE = SiteGroup("", "临江市")


@pytest.fixture
def old(site):
    old = publish(site, "差旅费管理办法", validity="valid")
    new = publish(site, "差旅费新规", validity="valid")
    supersede(old, new, by=SYSTEM_ACTOR)
    transaction.commit()
    return old


def validity(page):
    return [
        dd.text for dd in page.html.select(".facts dd") if dd.find_previous("dt").text == "有效性"
    ]


def test_its_page_does_not_call_it_valid(site, app, old):
    page = app.get(f"/finance/news/{old.__name__}")
    assert "本文已由新的内容取代" in page.html.select_one(".notice").text
    assert validity(page) == ["已被取代"]
    supersede(old, None, by=SYSTEM_ACTOR)
    transaction.commit()
    assert validity(app.get(f"/finance/news/{old.__name__}")) == ["现行有效"]


def test_lists_blocks_and_search_mark_it(app, old):
    for path in ("/finance/news", "/finance"):
        told = {
            line.a.text: line.select(".chip") for line in app.get(path).html.select(".lines li")
        }
        assert [chip.text for chip in told["差旅费管理办法"]] == ["已被取代"]
        assert told["差旅费新规"] == []
    found = app.get("/@@search", {"q": "差旅费"}).html.select(".results li")
    assert {one.a.text: one.select_one(".chip").text for one in found} == {
        "差旅费管理办法": "已被取代", "差旅费新规": "现行有效",
    }  # fmt: skip


def test_a_type_that_says_nothing_of_validity_is_found_as_superseded_too(site, app, old):
    first, later = article(site, title="差旅费解读"), article(site, title="差旅费新解读")
    for item in (first, later):
        for step in ("submit", "approve", "publish"):
            advance(item, step, by=SYSTEM_ACTOR)
    supersede(first, later, by=SYSTEM_ACTOR)
    transaction.commit()
    found = app.get("/@@search", {"q": "差旅费", "validity": "superseded"}).html
    assert {one.a.text for one in found.select(".results li")} == {"差旅费解读", "差旅费管理办法"}
    assert validity(app.get(f"/finance/news/{first.__name__}")) == []


def test_who_asks_for_what_is_valid_does_not_find_it(app, old):
    page = app.get("/@@search", {"q": "差旅费"})
    told = {one.text.split()[0] for one in page.html.select(".ways a[href*=validity]")}
    assert told >= {"现行有效", "已被取代"}
    for validity, title in (("valid", "差旅费新规"), ("superseded", "差旅费管理办法")):
        found = app.get("/@@search", {"q": "差旅费", "validity": validity}).html
        assert [one.a.text for one in found.select(".results li")] == [title]


def test_it_does_not_become_valid_again_when_its_successor_goes(site, app, old):
    new = site.catalog.node(old.superseded_by)
    advance(new, "unpublish", by=SYSTEM_ACTOR, comment="有误")
    transaction.commit()
    page = app.get(f"/finance/news/{old.__name__}")
    assert page.html.select_one(".notice").text == "本文已被取代，不再适用。"
    assert validity(page) == ["已被取代"]
    assert [chip.text for chip in app.get("/finance/news").html.select(".chip")] == ["已被取代"]
    found = app.get("/@@search", {"q": "差旅费", "validity": "superseded"}).html
    assert [one.a.text for one in found.select(".results li")] == ["差旅费管理办法"]

    supersede(old, None, by=SYSTEM_ACTOR)
    transaction.commit()
    assert validity(app.get(f"/finance/news/{old.__name__}")) == ["现行有效"]


def test_paper_tells_where_a_page_stands(site, app, old):
    for path in ("/", "/finance/news", f"/finance/news/{old.__name__}"):
        page = app.get(path).html
        assert (
            page.select_one(".on-paper").text
            == f"网页地址：{page.find('link', rel='canonical')['href']}"
        )


@pytest.mark.parametrize(("body", "expected"), [
    ("<table><tr><th>一</th><th>二</th></tr><tr><td>1</td></tr></table>",
     "<table><thead><tr><th>一</th><th>二</th></tr></thead><tr><td>1</td></tr></table>"),
    ("<table><caption>表</caption><tbody><tr><th>一</th></tr><tr><td>1</td></tr></tbody></table>",
     "<table><caption>表</caption><thead><tr><th>一</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>"),
    ("<table><tr><th>一</th><td>1</td></tr></table>", "<table><tr><th>一</th><td>1</td></tr></table>"),
    ("<table><thead><tr><th>一</th></tr></thead></table>", "<table><thead><tr><th>一</th></tr></thead></table>"),
])  # fmt: skip
def test_a_first_row_of_headings_is_repeated_on_each_sheet(body, expected):
    name = "表" if "caption" in body else "表格"
    box = f'<div class="scroll" role="region" aria-label="{name}" tabindex="0">'
    assert readable(body, PLACE) == f"{box}{expected}</div>"


@pytest.mark.parametrize(("cell", "is_wide"), [
    ("<td>1</td>", False), ("<th>合计</th>", False), ("<td><p>企业开办时间</p></td>", True),
])  # fmt: skip
def test_a_first_column_of_names_is_as_wide_on_telephones_as_the_others(cell, is_wide):
    rows = f"<tr><th>一</th><th>企业开办时间</th></tr><tr>{cell}<td>企业开办时间</td></tr>"
    other = "<table><tr><td>2</td></tr></table>"
    body = readable(f"<table>{rows}</table><p>企业开办时间</p>{other}", PLACE)
    assert body.count('<div class="scroll" ') == 2 - is_wide
    assert ('<div class="scroll of-names" ' in body) is is_wide


def test_a_table_in_a_cell_of_another_has_no_box_of_its_own():
    inner = "<table><tr><td>2</td></tr></table>"
    outer = f"<table><tr><td>1{inner}</td></tr><tr><td>3</td></tr></table>"

    found = readable(f"<p>前</p>{outer}<p>后</p>{inner}", PLACE)

    boxes = [
        f'<div class="scroll" role="region" aria-label="{name}" tabindex="0">{table}</div>'
        for name, table in (("表格", outer), ("表格 2", inner))
    ]
    assert found == f"<p>前</p>{boxes[0]}<p>后</p>{boxes[1]}"


def test_each_table_is_called_by_its_caption_or_in_the_language_of_its_place_for_who_hears_it():
    def names(body, *more):
        found = BeautifulSoup(readable(body, *more), "html.parser").select("[role=region]")
        return [box["aria-label"] for box in found]

    bare = "<table><tr><td>1</td></tr></table>"
    body = f'<table class="x">\n<caption>收费 &amp;\n<b>"标准"</b></caption></table>{bare}{bare}'
    assert names(body, PLACE) == ['收费 & "标准"', "表格", "表格 2"]
    assert names(bare, PLACE, "开放时间") == ["开放时间"]
    english = SiteGroup("", "Linjiang")
    english.values = {"language": "en"}
    assert names(bare, english) == ["Table"]
