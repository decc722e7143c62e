"""Pages that give an overview: a section with sections below it, and the map of the site for people."""

import pytest
from webtest import TestApp


@pytest.fixture
def visitor(demo):
    return TestApp(demo)


def test_a_section_shows_its_own_items_before_the_newest_of_its_sub_sections(visitor):
    main = visitor.get("/ywdt").html.select_one("main")

    assert [part["class"] for part in main.find_all("div", recursive=False)] == [
        ["page-head"], ["own"], ["blocks"],
    ]  # fmt: skip
    assert [h.get_text() for h in main.select(".blocks h2")] == ["部门动态", "区县动态"]


def test_of_leaders_it_shows_the_posts_and_of_offices_the_telephones(visitor):
    found = visitor.get("/zwgk").html.select_one(".blocks").find_all("section", recursive=False)
    parts = {part.h2.get_text(): part for part in found}

    leaders, offices = parts["市政府领导"], parts["机构设置"]
    assert [p.get_text() for p in leaders.select(".people p")][:2] == [
        "市委副书记、市长", "市委常委、常务副市长",
    ]  # fmt: skip
    assert offices.select_one(".beside").get_text() == "0000-8000101"
    assert leaders.select("time") == offices.select("time") == []
    assert parts["信息公开年报"].select("time") != []


def test_the_site_map_tells_the_portal_from_the_departments(visitor):
    parts = visitor.get("/@@sitemap").html.select(".map-part")
    first = [(p.h2.get_text(), p.h3.get_text()) for p in parts]

    assert first == [
        ("临江市人民政府", "要闻动态"), ("部门网站", "临江市财政局"), ("English", "Linjiang"),
    ]  # fmt: skip
    assert parts[0].select_one("h3 + ul a")["href"] == "/ywdt/bmdt"
