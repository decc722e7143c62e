"""News by mail: only to who confirmed it, never twice, ended by one click, and the address erased with it."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import transaction
from webtest import TestApp

from egov.base import clock
from egov.base.errors import Conflict, Forbidden, Invalid
from egov.operations.content import edit
from egov.operations.jobs import run_jobs
from egov.operations.publishing import Update
from egov.operations.rights import grant, set_inheritance
from egov.operations.subscriptions import (
    MOST_WAITING,
    confirm,
    look_up,
    subscribe,
    subscriptions_of,
)
from egov.operations.tree import place
from egov.operations.workflow import advance
from egov.search.questions import as_query
from egov.security.principals import ANONYMOUS, SYSTEM_ACTOR
from tests.support.world import actor, article

MONDAY = datetime(2027, 3, 1, 12, 0, tzinfo=clock.OFFICE_ZONE)


def publish(site, title, where="news", department="finance"):
    item = article(site, title=title, where=where)
    for step in ("submit", "approve", "publish"):
        advance(item, step, by=SYSTEM_ACTOR)
    transaction.commit()
    return item


@pytest.fixture
def settings(wsgi):
    wsgi.registry.egov = replace(
        wsgi.registry.egov, mail_host="mail.example", base_url="https://egov.example"
    )
    return wsgi.registry.egov


@pytest.fixture
def post(database, settings):
    """What does the regular work and returns the letters of it."""

    def work(fails=False):
        sent = []

        def send(letter):
            if fails:
                raise OSError("no way out")
            sent.append(letter)

        transaction.commit()
        run_jobs(database, settings, send)
        transaction.begin()
        return sent

    return work


def ask(site, where, email="li@example.com", **kw):
    subscribe(where, email, by=ANONYMOUS.at("192.0.2.1"), **kw)
    transaction.commit()
    return subscriptions_of(site).of_email(email)[-1]


def subscribed(site, where, email="li@example.com", **kw):
    made = ask(site, where, email, **kw)
    confirm(site, made.token)
    transaction.commit()
    return made


def test_from_the_section_to_the_letter_and_out_again(site, app, settings, post):
    with clock.frozen(MONDAY - timedelta(days=4)):
        publish(site, "旧闻")
        form = next(
            f for f in app.get("/finance/news/@@subscribe").forms.values() if "email" in f.fields
        )
        form["email"] = "not an address"
        assert "请填写一个电子邮箱地址" in form.submit()
        form["email"] = " Li@Example.com "
        assert "请查收邮件" in form.submit()
        (letter,) = post()
        assert letter.to == "li@example.com"
        assert post() == []
        page = letter.text.partition("https://egov.example")[2].split()[0]
        assert "确认订阅" in app.get(page)
        publish(site, "还没有确认")
        transaction.begin()
        assert not subscriptions_of(site).of_email("li@example.com")[0].is_confirmed
        assert "订阅成功" in app.get(page).forms[1].submit("do", value="confirm")
    with clock.frozen(MONDAY - timedelta(days=3)):
        publish(site, "新闻一")
        publish(site, "别处", where="notices")
        (letter,) = post()
        assert "新闻一" in letter.text
        assert not any(word in letter.text for word in ("旧闻", "还没有确认", "别处"))
        assert letter.headers == (
            ("List-Unsubscribe", f"<https://egov.example{page}>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        )
    with clock.frozen(MONDAY - timedelta(days=2, hours=20)):
        publish(site, "新闻二")
        assert post() == []
    with clock.frozen(MONDAY - timedelta(days=2)):
        (letter,) = post()
        assert "新闻二" in letter.text
        assert "新闻一" not in letter.text
        # As a mail program does it: no cookies, no form, and again if the network was slow.
        for _time in range(2):
            TestApp(app.app).post(page, {"List-Unsubscribe": "One-Click"})
        transaction.begin()
        assert subscriptions_of(site).of_email("li@example.com") == []
        assert "没有这个订阅" in app.get(page)
        publish(site, "新闻三")
    with clock.frozen(MONDAY):
        assert post() == []


def test_weekly_letters_tell_the_week(site, post, settings):
    with clock.frozen(MONDAY - timedelta(days=6)):
        subscribed(site, site["finance"], weekly=True)
    for days in (5, 2):
        with clock.frozen(MONDAY - timedelta(days=days)):
            publish(site, f"第{days}天")
            assert post() == []
    with clock.frozen(MONDAY):
        (letter,) = post()
        assert {"第5天", "第2天"} <= set(re.findall(r"第\d天", letter.text))


def test_what_changed_publicly_is_news_and_what_is_closed_is_not(site, post, settings):
    with clock.frozen(MONDAY - timedelta(days=3)):
        item, hidden = publish(site, "收费标准"), publish(site, "内部", where="notices")
        subscribed(site, site["finance"])
        subscribed(site, site["health"]["news"], "wang@example.com")
        assert post() == []
    with clock.frozen(MONDAY - timedelta(days=2)):
        set_inheritance(site["finance"]["notices"], False, by=SYSTEM_ACTOR)
        for node in (item, hidden):
            edit(node, {**node.work.values, "body": "<p>改</p>"}, by=SYSTEM_ACTOR)
            advance(node, "submit", by=SYSTEM_ACTOR)
            advance(node, "approve", by=SYSTEM_ACTOR)
            advance(node, "publish", by=SYSTEM_ACTOR, update=Update("调整了金额"))
        (letter,) = post()
        assert "调整了金额" in letter.text
        assert "内部" not in letter.text
        place(item, site["health"]["news"], by=SYSTEM_ACTOR)
    with clock.frozen(MONDAY - timedelta(days=1)):
        letters = post()
        assert [letter.to for letter in letters] == ["wang@example.com"]


def test_what_is_adopted_later_is_news_there_and_nowhere_else(site, post):
    with clock.frozen(MONDAY - timedelta(days=40)):
        item = publish(site, "收费标准")
    with clock.frozen(MONDAY - timedelta(days=3)):
        subscribed(site, site["finance"])
        subscribed(site, site, "zhang@example.com")
        subscribed(site, site["health"], "wang@example.com")
    with clock.frozen(MONDAY - timedelta(days=2)):
        place(item, site["health"]["news"], by=SYSTEM_ACTOR)
        (letter,) = post()
    assert letter.to == "wang@example.com"
    assert "2027-02-27  收费标准" in letter.text
    with clock.frozen(MONDAY - timedelta(days=1)):
        assert post() == []


def test_a_question_is_answered_by_new_items_only(site, wsgi, post, settings, tmp_path):
    settings = replace(settings, search_dir=str(tmp_path / "search"))
    TestApp(wsgi).get("/@@search?q=x")  # builds the index
    with clock.frozen(MONDAY - timedelta(days=3)):
        publish(site, "招聘教师的旧通知")
        subscribed(site, site, question="q=招聘")
    with clock.frozen(MONDAY - timedelta(days=2, hours=20)):
        publish(site, "招聘医生")
        publish(site, "放假安排")
    with clock.frozen(MONDAY - timedelta(days=2)):
        sent = []
        run_jobs(wsgi.registry._zodb_databases[""], settings, sent.append)
        (letter,) = sent
        assert "招聘医生" in letter.text
        assert "旧通知" not in letter.text
        assert "放假" not in letter.text


def test_a_question_in_traditional_characters_brings_the_same_letters(
    site, wsgi, settings, tmp_path
):
    settings = replace(settings, search_dir=str(tmp_path / "search"))
    TestApp(wsgi).get("/@@search?q=x")  # builds the index
    sent = []
    with clock.frozen(MONDAY - timedelta(days=3)):
        for email, words in (("li@example.com", "医生聘用"), ("wang@example.com", "醫生聘用")):
            subscribed(site, site, email, question=as_query({"q": words}))
    with clock.frozen(MONDAY - timedelta(days=2, hours=20)):
        item = publish(site, "医生聘用公告")
        publish(site, "放假安排")
    with clock.frozen(MONDAY - timedelta(days=2)):
        run_jobs(wsgi.registry._zodb_databases[""], settings, sent.append)
    assert {letter.to for letter in sent} == {"li@example.com", "wang@example.com"}
    for letter in sent:
        assert f"医生聘用公告\nhttps://egov.example/finance/news/{item.__name__}" in letter.text
        assert "放假" not in letter.text


def test_a_letter_that_could_not_be_sent_is_tried_the_next_day_and_not_for_ever(
    site, post, settings
):
    with clock.frozen(MONDAY - timedelta(days=10)):
        subscribed(site, site["finance"])
    with clock.frozen(MONDAY - timedelta(days=9)):
        publish(site, "新闻")
        assert post(fails=True) == []
        assert post() == []
    with clock.frozen(MONDAY - timedelta(days=8)):
        (letter,) = post()
        assert "新闻" in letter.text
    for days in range(6):
        with clock.frozen(MONDAY - timedelta(days=7 - days)):
            publish(site, f"新闻{days}")
            post(fails=True)
    assert subscriptions_of(site).of_email("li@example.com") == []


def test_nobody_is_flooded_and_nothing_is_told(site, settings, post):
    finance = site["finance"]
    for where in (site, finance, finance["news"], finance["notices"], site["health"]):
        ask(site, where)
    assert len(post()) == MOST_WAITING
    for _time in range(5):
        ask(site, site)
    assert len(post()) <= MOST_WAITING
    with pytest.raises(Conflict):
        ask(site, site, "another@example.com")
    for wrong in ("a@b", "a b@c.de", "a@b.cc\nBcc: x@y.zz", "@b.cc", "a@" + "b" * 250 + ".cc"):
        with pytest.raises(Invalid):
            subscribe(site, wrong, by=ANONYMOUS.at("192.0.2.2"))
    set_inheritance(finance, False, by=SYSTEM_ACTOR)
    with pytest.raises(Forbidden):
        subscribe(finance, "li@example.com", by=ANONYMOUS.at("192.0.2.3"))


def test_what_nobody_confirms_is_erased(site, settings, post):
    ask(site, site)
    post()
    with clock.frozen(clock.now() + timedelta(days=3)):
        post()
    assert subscriptions_of(site).of_email("li@example.com") == []


def test_a_manager_ends_it_for_a_reader_and_the_look_is_on_record(site, settings, sign_in):
    grant(site, "user:manager", "manager", by=SYSTEM_ACTOR)
    subscribed(site, site["finance"])
    manager = sign_in("manager")
    page = manager.get("/manage/@@subscriptions")
    assert "市财政局" in page
    assert "li@example.com" not in page
    form = next(f for f in page.forms.values() if "email" in f.fields)
    form["email"] = "li@example.com"
    found = form.submit()
    next(f for f in found.forms.values() if "token" in f.fields).submit("do", value="end")
    transaction.begin()
    assert subscriptions_of(site).of_email("li@example.com") == []
    assert [r.action for r in site.audit.newest() if r.action == "read_personal"] == [
        "read_personal"
    ]
    with pytest.raises(Forbidden):
        look_up(site, "li@example.com", by=actor(site, "editor"))


def test_without_a_way_to_write_nothing_is_offered(app):
    assert "暂不提供邮件订阅" in app.get("/finance/@@subscribe")
    assert "email" not in {
        n for f in app.get("/finance/@@subscribe").forms.values() for n in f.fields
    }
