"""What is seldom done to a text, by keyboard alone: dates, a link for guests, an offer, a replacement, the trash."""

import pytest
import transaction

from egov.operations.content import create, edit
from egov.operations.rights import grant
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.support.keyboard import chooses, finds, opens, presses, tabs_to
from tests.support.world import article

pytestmark = pytest.mark.browser


@pytest.fixture
def published(site):
    """A text of the finance office, and somebody who takes offers for the portal."""
    create(site, "section", {"title": "部门动态"}, by=SYSTEM_ACTOR, name="bmdt")
    grant(site["bmdt"], "user:outsider", "editor", by=SYSTEM_ACTOR)
    item = article(site, title="Dykes")
    edit(item, {**item.work.values, "body": "<p>The dike is mended.</p>"}, by=SYSTEM_ACTOR)
    for step in ("submit", "approve", "publish"):
        advance(item, step, by=SYSTEM_ACTOR)
    transaction.commit()
    return item


def test_what_is_seldom_done_to_a_text(person, published, site):
    manager = person("manager")
    finds(manager, "Dykes", "**/dykes")
    is_taken_down_later(manager)
    is_offered(manager)
    adopts(person("outsider"))

    tabs_to(manager, "动态")
    opens(manager, "**/finance/news")
    is_replaced(manager)
    manager.page.keyboard.press("j")
    opens(manager, "**/dykes")
    is_shown_to_a_guest(manager)
    tabs_to(manager, "动态")
    opens(manager, "**/finance/news")
    is_deleted_and_comes_back(manager)
    transaction.begin()
    item = site["finance"]["news"]["dykes"]
    assert "dyke is mended" in item.work.values["body"]
    assert item.expire_at.year == 2099


def is_taken_down_later(who):
    chooses(who, "定时、日期与取代", "**/@@schedule")
    keys = tabs_to(who, "下线时间")
    keys.type("12312099")  # month, day, year
    keys.press("Tab")
    keys.type("1000AM")
    presses(who, "Enter", "**/dykes")


def is_shown_to_a_guest(who):
    chooses(who, "给没有账号的人看", "**/@@share")
    tabs_to(who, "给谁看").type("A guest")
    tabs_to(who, "生成链接").press("Enter")
    who.sees("新链接")
    tabs_to(who, "收回").press("Enter")
    who.sees("已失效")
    tabs_to(who, "返回")
    opens(who, "**/dykes")


def is_offered(who):
    chooses(who, "报送", "**/@@offer")
    tabs_to(who, "说明").type("For the portal")
    tabs_to(who, "报送")
    presses(who, "Enter", "**/dykes**")
    who.sees("已报送")


def adopts(who):
    tabs_to(who, "待处理的报送")
    opens(who, "**/@@offers")
    tabs_to(who, "放到哪些栏目").press("Enter")
    tabs_to(who, "部门动态").press("Space")
    tabs_to(who, "采用")
    presses(who, "Enter", "**/@@offers")
    who.sees("已采用")


def is_replaced(who):
    who.page.keyboard.press("j")
    who.page.keyboard.press("x")
    tabs_to(who, "整理").press("Enter")
    tabs_to(who, "查找替换")
    opens(who, "**/@@bulk")
    keys = tabs_to(who, "替换为")
    keys.type("dyke")
    keys.press("Shift+Tab")
    keys.type("dike")
    tabs_to(who, "列出每一处").press("Enter")
    who.sees("处，在")
    tabs_to(who, "替换勾选的内容").press("Enter")
    who.sees("已完成 1 项")


def is_deleted_and_comes_back(who):
    who.page.keyboard.press("j")
    who.page.keyboard.press("x")
    tabs_to(who, "移入回收站")
    opens(who, "**/@@bulk")
    tabs_to(who, "仍然继续").press("Enter")  # the portal shows it
    who.sees("已完成 1 项")
    tabs_to(who, "回收站")
    opens(who, "**/@@trash")
    tabs_to(who, "Dykes").press("Space")
    tabs_to(who, "恢复到原处")
    presses(who, "Enter", "**/dykes")
