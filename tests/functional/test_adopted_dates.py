"""One rule for dates: lists and feeds tell when a text came to them, everything else when it was published."""

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree as ET

import pytest
import transaction

from egov.base import clock
from egov.model.arrangement import Block
from egov.operations.check import check
from egov.operations.containers import configure
from egov.operations.tree import place
from egov.operations.workflow import advance
from egov.public.blocks import shown_blocks
from egov.security.principals import ANONYMOUS, SYSTEM_ACTOR
from tests.support.world import article

ATOM = "{http://www.w3.org/2005/Atom}"
FIRST = datetime(2026, 11, 1, 9, 0, tzinfo=clock.OFFICE_ZONE)


def publish(site, title, at, where="news"):
    with clock.frozen(at):
        item = article(site, title=title, where=where)
        for step in ("submit", "approve", "publish"):
            advance(item, step, by=SYSTEM_ACTOR)
    return item


@pytest.fixture
def adopted(site):
    """Published on the 1st, adopted elsewhere on the 20th, between two that were adopted on their first day."""
    item = publish(site, "补贴办法", FIRST)
    health = site["health"]["news"]
    for title, day in (("较早", 10), ("较晚", 25)):
        with clock.frozen(FIRST + timedelta(days=day - 1)):
            other = publish(site, title, clock.now(), where="notices")
            place(other, health, by=SYSTEM_ACTOR)
    with clock.frozen(FIRST + timedelta(days=19)):
        place(item, health, by=SYSTEM_ACTOR)
    with clock.frozen(FIRST + timedelta(days=30)):
        place(
            publish(site, "隔日采用", FIRST + timedelta(days=29), "notices"),
            health,
            by=SYSTEM_ACTOR,
        )
    transaction.commit()
    return item


def told(page):
    """Title, day and first day of each line of a list."""
    lines = page.html.select("main .own li")
    return [
        (line.a.text, line.time["datetime"], [first.text for first in line.select(".first-day")])
        for line in lines
    ]


EXPECTED = [
    ("隔日采用", "2026-12-01", []),
    ("较晚", "2026-11-25", []),
    ("补贴办法", "2026-11-20", ["原文发布于 2026-11-01"]),
    ("较早", "2026-11-10", []),
]


@pytest.mark.parametrize("layout", ["list", "summary"])
def test_a_list_tells_the_day_by_which_it_is_sorted(site, app, adopted, layout):
    health = site["health"]["news"]
    configure(health, {**health.values, "layout": layout}, by=SYSTEM_ACTOR)
    transaction.commit()
    assert told(app.get("/health/news")) == EXPECTED
    assert told(app.get("/finance/news")) == [("补贴办法", "2026-11-01", [])]


def test_what_is_adopted_before_it_is_published_stands_by_its_publication(site, app, adopted):
    health = site["health"]["news"]
    with clock.frozen(FIRST + timedelta(days=11)):
        item = article(site, title="先采用")
        place(item, health, by=SYSTEM_ACTOR)
    with clock.frozen(FIRST + timedelta(days=21)):
        for step in ("submit", "approve", "publish"):
            advance(item, step, by=SYSTEM_ACTOR)
    transaction.commit()

    assert told(app.get("/health/news"))[1:4] == [
        ("较晚", "2026-11-25", []), ("先采用", "2026-11-22", []), EXPECTED[2],
    ]  # fmt: skip
    assert list(check(site)) == []


@pytest.mark.parametrize("kind", ["list", "notices", "headline"])
def test_blocks_tell_the_same_and_each_text_once(site, adopted, kind):
    (shown,) = shown_blocks(
        site, ANONYMOUS, (Block(1, kind, "full", "", {"place": site.uid, "limit": 5}),)
    )
    days = [line.day for line in (shown.lead, *shown.lines) if line is not None]
    assert days == ["2026-12-01", "2026-11-25", "2026-11-20", "2026-11-10"]


def test_feeds_tell_the_same(app, adopted):
    entries = ET.fromstring(app.get("/health/news/@@feed.xml").body).findall(f"{ATOM}entry")
    for name in ("published", "updated"):
        days = [entry.find(f"{ATOM}{name}").text[:10] for entry in entries]
        assert days == ["2026-12-01", "2026-11-25", "2026-11-20", "2026-11-10"]
    feed = ET.fromstring(app.get("/health/news/@@rss.xml").body)
    days = [parsedate_to_datetime(one.text).day for one in feed.iter("pubDate")]
    assert days == [1, 25, 20, 10]


def test_page_search_and_site_map_tell_when_it_was_published(app, adopted):
    page = app.get(f"/finance/news/{adopted.__name__}")
    assert page.html.find("meta", {"name": "PubDate"})["content"] == "2026-11-01 09:00"
    assert [one["datetime"] for one in app.get("/@@search", {"q": "补贴办法"}).html.select(".results time")] == [
        "2026-11-01"
    ]  # fmt: skip
    (found,) = [
        one
        for one in ET.fromstring(app.get("/sitemap.xml?part=1").body)
        if one[0].text.endswith(adopted.__name__)
    ]
    assert found.find("{*}lastmod").text[:10] == "2026-11-01"
