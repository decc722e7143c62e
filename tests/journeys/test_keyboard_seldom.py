"""What is seldom done, by keyboard alone: findings let pass, emergencies, other dates, successors, imports."""

import pytest
import transaction

from egov.operations.content import edit
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.support.keyboard import chooses, finds, opens, presses, tabs_to
from tests.support.world import article

pytestmark = pytest.mark.browser
BODY = "<p>The flood warning is lifted by 11010519491231002X.</p>"


@pytest.fixture
def texts(site):
    """A draft with the number of somebody's identity card in it, and a text that is public."""
    flood = article(site, title="Flood")
    edit(flood, {**flood.work.values, "body": BODY}, by=SYSTEM_ACTOR)
    dykes = article(site, title="Dykes")
    for step in ("submit", "approve", "publish"):
        advance(dykes, step, by=SYSTEM_ACTOR)
    transaction.commit()
    return flood, dykes


def test_what_is_done_in_an_emergency_and_afterwards(person, texts, site, tmp_path):
    publisher = person("publisher")
    finds(publisher, "Flood", "**/flood")
    is_let_pass(publisher)
    is_published_at_once(publisher)
    finds(publisher, "Dykes", "**/dykes")
    is_dated_back(publisher)
    is_superseded(publisher)
    is_imported(person("author"), tmp_path)

    transaction.begin()
    flood, dykes = (site.catalog.node(item.uid) for item in texts)
    assert flood.live_state == "published"
    assert dykes.published_at.year == 2020
    assert dykes.superseded_by == flood.uid
    assert [node.title for node in site["finance"]["news"].values_in_order()][2:] == ["Imported"]


def is_let_pass(who):
    tabs_to(who, "确需公开的原因").type("A public notice")
    presses(who, "Enter", "**/flood**")
    who.sees("已由")


def is_published_at_once(who):
    tabs_to(who, "意见或原因").type("The dam is full")
    tabs_to(who, "紧急情况").press("Enter")
    tabs_to(who, "紧急发布")
    presses(who, "Enter", "**/flood**")
    who.sees("已发布")


def is_dated_back(who):
    chooses(who, "定时、日期与取代", "**/@@schedule")
    tabs_to(who, "下线时间")
    keys = tabs_to(who, "发布时间")
    keys.type("02012020")  # month, day, year
    keys.press("Tab")
    keys.type("1000AM")
    tabs_to(who, "原因").type("Found in the archive")
    presses(who, "Enter", "**/dykes**")


def is_superseded(who):
    chooses(who, "定时、日期与取代", "**/@@schedule")
    tabs_to(who, "新内容的网址").type("/finance/news/flood")
    presses(who, "Enter", "**/dykes**")


def is_imported(who, folder):
    (folder / "rows.csv").write_text("标题,正文\nImported,Words\n", "utf-8")
    tabs_to(who, "工作动态")
    opens(who, "**/finance/news")
    tabs_to(who, "更多").press("Enter")
    tabs_to(who, "导入表格")
    opens(who, "**/@@import")
    tabs_to(who, "每一行是什么").press("Tab")
    with who.page.expect_file_chooser() as chosen:
        who.page.keyboard.press("Space")
    chosen.value.set_files(folder / "rows.csv")
    tabs_to(who, "导入为草稿").press("Enter")
    who.sees("已完成")
