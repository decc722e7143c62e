"""A department offers, the portal adopts, gives back or declines; the ledger knows who, when and where."""

from datetime import date, timedelta

import pytest

from egov.base import clock
from egov.base.errors import Conflict, Forbidden, Invalid
from egov.operations.content import create
from egov.operations.rights import grant
from egov.operations.submissions import (
    adopt,
    ask_changes,
    commission,
    decline,
    offer,
    take_back,
)
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.support.world import actor, article


@pytest.fixture
def portal(site):
    """The portal has two sections, and the outsider edits them."""
    create(site, "section", {"title": "部门动态"}, by=SYSTEM_ACTOR, name="bmdt")
    create(site, "section", {"title": "头条"}, by=SYSTEM_ACTOR, name="tt")
    for section in ("bmdt", "tt"):
        grant(site[section], "user:outsider", "editor", by=SYSTEM_ACTOR)
    return site


@pytest.fixture
def item(portal):
    made = article(portal, title="财政支出提前完成")
    for step in ("submit", "approve", "publish"):
        advance(made, step, by=SYSTEM_ACTOR)
    return made


def test_an_offer_is_adopted_into_sections_and_stands_in_the_ledger(portal, item):
    made = offer(item, portal, by=actor(portal, "editor"), note="请采用")
    assert [o.title for o in portal.ledger.open_for(portal.uid)] == ["财政支出提前完成"]

    adopt(portal, made, [portal["bmdt"], portal["tt"]], by=actor(portal, "outsider"), comment="好")

    assert (made.state, made.level, made.decided_by) == ("adopted", "site_group", "outsider")
    assert [node.target for node in portal["bmdt"].values_in_order()] == [item]
    assert len(made.placements) == 2
    assert list(portal.ledger.open_for(portal.uid)) == []
    for uid in (portal.uid, portal["finance"].uid, item.uid):
        assert list(portal.ledger.offers_of(uid)) == [made]
        assert portal.ledger.offer(uid, made.key) is made
    assert list(portal.ledger.offers_of(portal.uid, clock.now())) == []


def test_only_published_things_are_offered_to_others_and_once(portal, item):
    editor = actor(portal, "editor")
    with pytest.raises(Conflict, match="先在本单位网站发布"):
        offer(article(portal, title="草稿"), portal, by=editor)
    with pytest.raises(Invalid, match="就在这个网站"):
        offer(item, portal["finance"], by=editor)
    with pytest.raises(Invalid, match="只能报送给"):
        offer(item, portal["bmdt"], by=editor)
    with pytest.raises(Forbidden):
        offer(item, portal, by=actor(portal, "reviewer"))
    offer(item, portal, by=editor)
    with pytest.raises(Conflict, match="正等待对方处理"):
        offer(item, portal, by=editor)


def test_an_answer_needs_a_reason_and_is_given_once(portal, item):
    editor, outsider = actor(portal, "editor"), actor(portal, "outsider")
    made = offer(item, portal, by=editor)
    with pytest.raises(Invalid, match="写明意见"):
        decline(portal, made, by=outsider, comment=" ")
    with pytest.raises(Forbidden):
        ask_changes(portal, made, by=editor, comment="我自己来")
    ask_changes(portal, made, by=outsider, comment="补充数字")
    assert (made.state, made.comment) == ("changes", "补充数字")
    with pytest.raises(Conflict, match="已经处理过"):
        adopt(portal, made, [portal["tt"]], by=outsider)

    again = offer(item, portal, by=editor)
    take_back(portal, again, by=editor)
    assert again.state == "taken_back"
    with pytest.raises(Conflict, match="已经处理过"):
        take_back(portal, again, by=editor)


def test_what_is_no_longer_public_is_not_adopted_nor_put_elsewhere(portal, item):
    outsider = actor(portal, "outsider")
    made = offer(item, portal, by=actor(portal, "editor"))
    with pytest.raises(Invalid, match="至少一个栏目"):
        adopt(portal, made, [], by=outsider)
    with pytest.raises(Invalid, match="不是本网站的栏目"):
        adopt(portal, made, [portal["health"]["news"]], by=outsider)
    advance(item, "unpublish", by=SYSTEM_ACTOR, comment="过期")
    with pytest.raises(Conflict, match="不再公开"):
        adopt(portal, made, [portal["tt"]], by=outsider)


def test_a_commission_is_answered_by_an_offer(portal, item):
    outsider, finance = actor(portal, "outsider"), portal["finance"]
    tomorrow = clock.local(clock.now()).date() + timedelta(days=1)
    asked = commission(portal, finance, "一季度财政收支", tomorrow, by=outsider, brief="八百字")
    assert list(portal.ledger.commissions_of(finance.uid)) == [asked]

    made = offer(item, portal, by=actor(portal, "editor"), commission=asked.key)
    assert made.commission == asked.key

    for wrong, expected in (
        (lambda: commission(portal, portal, "自己", tomorrow, by=outsider), Invalid),
        (lambda: commission(portal, finance, " ", tomorrow, by=outsider), Invalid),
        (lambda: commission(portal, finance, "晚了", date(2020, 1, 1), by=outsider), Invalid),
        (lambda: commission(portal, finance, "无权", tomorrow, by=actor(portal, "editor")), Forbidden),
        (lambda: offer(item, portal["health"], by=actor(portal, "editor"), commission=5), Invalid),
    ):  # fmt: skip
        with pytest.raises(expected):
            wrong()
