"""Editors teach the search; what people look for in vain is told to them, and nothing about the people."""

from datetime import timedelta

import pytest
import transaction

from egov.base import clock
from egov.base.errors import Forbidden, Invalid, NotFound
from egov.evolve.steps import STEPS
from egov.operations.rights import grant
from egov.operations.search_guide import MAX_PINS, pin, set_synonyms, unpin
from egov.operations.workflow import advance
from egov.search import missed
from egov.search.guide import Guide
from egov.security.principals import SYSTEM_ACTOR
from tests.support.world import actor, article


def publish(site, title):
    item = article(site, title=title)
    for step in ("submit", "approve", "publish"):
        advance(item, step, by=SYSTEM_ACTOR)
    transaction.commit()
    return item


def ask(app, words, **more):
    app.app.registry.search._looked = 0.0  # as if a second had passed
    return app.get("/@@search", {"q": words, **more})


def found(page, part=".results"):
    return [link.text for link in page.html.select(f"{part} .line-title")]


@pytest.fixture
def portal_manager(site, sign_in):
    grant(site, "user:manager", "manager", by=SYSTEM_ACTOR)
    transaction.commit()
    return sign_in("manager")


def test_an_editor_reads_what_was_missed_and_teaches_a_synonym(site, app, portal_manager):
    publish(site, "医疗保险缴费指南")
    assert found(ask(app, "医保")) == []
    assert found(ask(app, "醫保")) == []

    page = portal_manager.get("/manage/@@contents").click("搜索设置")
    told = page.html.find_all("table")[-1].text
    assert "医保" in told
    assert "醫保" not in told
    form = next(f for f in page.forms.values() if "synonyms" in f.fields)
    form["synonyms"] = "医保、医疗保险\n公积金 住房公积金"
    form.submit("do", value="synonyms").follow()

    answer = ask(app, "医保缴费")
    assert found(answer) == ["医疗保险缴费指南"]
    assert "没有同时包含" not in answer
    assert found(ask(app, "醫保繳費")) == ["医疗保险缴费指南"]
    assert found(ask(app, "“医保”")) == []


def test_what_is_recommended_stands_first_for_exactly_that_question(site, app, portal_manager):
    publish(site, "交通管制公告")
    first = publish(site, "网上办事大厅使用说明")
    page = portal_manager.get("/manage/@@search-guide")
    form = next(f for f in page.forms.values() if "address" in f.fields)
    form["question"], form["address"] = (
        "交 通",
        f"https://www.example.gov.cn/finance/news/{first.__name__}",
    )
    page = form.submit("do", value="pin").follow()
    assert first.live_title in page

    assert found(ask(app, "交通"), ".pinned") == [first.live_title]
    assert found(ask(app, "交通")) == ["交通管制公告"]
    assert found(ask(app, "交通", kind="article"), ".pinned") == []
    assert found(ask(app, "交通管制"), ".pinned") == []

    advance(first, "unpublish", by=SYSTEM_ACTOR, comment="错")
    transaction.commit()
    assert found(ask(app, "交通"), ".pinned") == []
    page = portal_manager.get("/manage/@@search-guide")
    assert "已不再公开" in page
    form = next(f for f in page.forms.values() if "uid" in f.fields)
    assert "不再推荐" not in form.submit("do", value="unpin").follow()
    transaction.begin()
    assert site.guide.pins == {}


def test_where_only_what_is_recommended_answers_nobody_reads_that_nothing_was_found(site, app):
    pin(site, "水费", publish(site, "用水价格"), by=SYSTEM_ACTOR)
    transaction.commit()
    page = ask(app, "水费")
    assert found(page, ".pinned") == ["用水价格"]
    assert "共找到" not in page
    assert "共找到 0 条" in " ".join(ask(app, "电费").html.main.text.split())


def alert_under(page, title):
    """What is said to be wrong in the part of the page with a title."""
    told = page.html.select("[role=alert]")
    return next(one.text for one in told if one.parent.h2.text == title)


def test_what_does_not_fit_is_said_and_nothing_typed_is_lost(site, portal_manager):
    page = portal_manager.get("/manage/@@search-guide")
    form = next(f for f in page.forms.values() if "synonyms" in f.fields)
    form["synonyms"] = "医保、医疗保险\n公积金"
    page = form.submit("do", value="synonyms")
    assert "第 2 行" in alert_under(page, "同义词")
    assert "公积金" in page.html.find("textarea").text
    for address in (
        "/nowhere",
        "/-/node/1",
        "/-/node/x",
        f"/-/node/{10**30}",
        "/finance",
        "http://[",
        "/%ff",
    ):
        form = next(f for f in page.forms.values() if "address" in f.fields)
        form["question"], form["address"] = "交通", address
        assert alert_under(form.submit("do", value="pin"), "推荐结果")
    transaction.begin()
    assert (site.guide.synonyms, site.guide.pins) == ((), {})


def test_only_who_configures_the_portal_teaches(site):
    item, manager = publish(site, "防汛"), actor(site, "manager")  # of one department
    for step in (
        lambda: set_synonyms(site, "医保 医疗保险", by=manager),
        lambda: pin(site, "防汛", item, by=manager),
        lambda: unpin(site, "防汛", item.uid, by=manager),
    ):
        with pytest.raises(Forbidden):
            step()
    with pytest.raises(NotFound):
        unpin(site, "防汛", item.uid, by=SYSTEM_ACTOR)
    for number in range(MAX_PINS):
        pin(site, "防汛", publish(site, f"防汛{number}"), by=SYSTEM_ACTOR)
    with pytest.raises(Invalid):
        pin(site, "防汛", item, by=SYSTEM_ACTOR)


def test_the_longest_synonym_in_a_question_counts_and_latin_words_are_whole():
    guide = Guide()
    guide.synonyms = (("公积金", "住房公积金"), ("ai", "人工智能"))
    assert guide.variants("住房公积金提取") == ("公积金提取",)
    assert guide.variants("ＡＩ政策") == ("人工智能政策",)
    assert guide.variants("email") == ()


def test_what_has_no_word_in_it_is_no_question_that_was_missed(site, app):
    for text in ("*", "(((", "的", "😀", "../../"):
        assert "没有找到" in ask(app, text)
    assert missed.missed(app.app.registry.search.folder, days=1, limit=9) == []


def test_nothing_that_may_tell_of_a_person_is_kept(tmp_path):
    for text in (
        "13800138000",
        "420 1061 9900 1011 234",
        "a@b.cn",
        "",
        "Ｗｉｆｉ",
        "国发〔2019〕5号",
        "wifi",
    ):
        missed.note(tmp_path, text)
    assert [(m.text, m.times) for m in missed.missed(tmp_path, days=1, limit=9)] == [
        ("wifi", 2), ("国发〔2019〕5号", 1)
    ]  # fmt: skip


def test_old_days_are_forgotten_and_a_day_takes_only_so_much(tmp_path, monkeypatch):
    with clock.frozen(clock.now() - timedelta(days=missed.KEPT_DAYS + 1)):
        missed.note(tmp_path, "旧的")
    (tmp_path / "missed-notes").write_text("of somebody else")
    monkeypatch.setattr(missed, "MAX_BYTES", 10)
    for _turn in range(5):
        missed.note(tmp_path, "新的")
    assert [m[:2] for m in missed.missed(tmp_path, days=200, limit=9)] == [("新的", 2)]
    missed.note(tmp_path / "nowhere", "没有这个文件夹")


def test_what_editors_type_in_traditional_characters_is_understood_as_questions_are(
    site, app, portal_manager
):
    item, other = publish(site, "网上办事大厅使用说明"), publish(site, "医疗保险缴费指南")
    by = actor(site, "manager")
    pin(site, " 網上辦 事", item, by=by)
    set_synonyms(site, "醫保、医疗保险", by=by)
    transaction.commit()
    for question in ("网上办事", "網上辦事"):
        assert found(ask(app, question), ".pinned") == ["网上办事大厅使用说明"]
    assert found(ask(app, "医保")) == found(ask(app, "醫保")) == ["医疗保险缴费指南"]
    pin(site, "网上办事", other, by=by)
    assert site.guide.pins == {"网上办事": (item.uid, other.uid)}
    for one in (item, other):
        unpin(site, "網上辦事", one.uid, by=by)
    assert site.guide.pins == {}


def test_an_upgrade_lets_recommendations_of_before_be_found(site):
    site.guide.pins = {"網上辦事": (1, 2), "网上办事": (2, 3), "社保": (4,)}
    for _time in range(2):
        next(step for step in STEPS if step.number == 8).change(site, site)
        assert site.guide.pins == {"网上办事": (1, 2, 3), "社保": (4,)}
