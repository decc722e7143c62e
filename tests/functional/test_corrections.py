"""A reader tells of a mistake without an account; the editors of that site see to it."""

import pytest
import transaction

from egov.base import clock
from egov.base.errors import Conflict, Forbidden, Invalid
from egov.features.corrections.register import (
    MAX_CONTACT,
    MAX_REPLY,
    corrections_of,
    handle,
    tell,
)
from egov.operations.workflow import advance
from egov.security.principals import ANONYMOUS, SYSTEM_ACTOR
from tests.support.world import actor, article


@pytest.fixture
def item(site):
    made = article(site, title="收费标准")
    for step in ("submit", "approve", "publish"):
        advance(made, step, by=SYSTEM_ACTOR)
    transaction.commit()
    return made


def test_from_the_reader_to_the_editor(site, item, app, sign_in):
    page = app.get(f"/finance/news/{item.__name__}")
    form = page.click("我要纠错", index=0).forms[1]
    form["text"] = ""
    refused = form.submit().html
    assert "请写明哪里有错" in refused.select_one("#wrong").text
    assert refused.select_one('[aria-invalid="true"]')["aria-describedby"] == "wrong"
    form["text"], form["contact"] = "金额应为 <b>20</b> 元", "13800000000"
    assert "已转给编辑" in form.submit()

    editor = sign_in("editor")
    listed = editor.get("/manage/finance/@@corrections")
    assert "金额应为 &lt;b&gt;20&lt;/b&gt; 元" in listed
    answer = next(f for f in listed.forms.values() if "reply" in f.fields)
    answer["reply"] = "已更正"
    assert "已处理：收费标准" in answer.submit().follow()
    assert "已更正" in editor.get("/manage/finance/@@corrections")
    sign_in("author").get("/manage/finance/@@corrections", status=404)


def test_machines_and_floods(site, item, app):
    form = app.get("/@@correct").forms[1]
    form["text"], form["website"] = "buy", "http://spam.example"
    assert "已转给编辑" in form.submit()
    transaction.begin()
    assert list(corrections_of(site).of_site(site.uid)) == []
    form["website"] = ""
    for _time in range(5):
        assert "已转给编辑" in form.submit()
    assert "一小时后再试" in form.submit()


def test_what_may_not_be_seen_cannot_be_corrected(site, app):
    draft = article(site, title="草稿")
    transaction.commit()
    for path in (f"/finance/news/{draft.__name__}", "/nowhere", "//x", "/\x00", "/manage"):
        app.get("/@@correct", {"at": path}, status="*")
    app.get("/@@correct", {"at": f"/finance/news/{draft.__name__}"}, status=404)
    with pytest.raises(Forbidden):
        tell(draft, "错", "", by=ANONYMOUS)


def test_what_the_register_refuses(site, item):
    with pytest.raises(Invalid):
        tell(item, "错" * 1001, "", by=ANONYMOUS)
    made = tell(item, "错", "", by=ANONYMOUS.at("192.0.2.1"))
    with pytest.raises(Forbidden):
        handle(site["finance"], made.key, "", by=actor(site, "author"))
    handle(site["finance"], made.key, "已改", by=actor(site, "editor"))
    assert made.handled_at <= clock.now()
    with pytest.raises(Conflict):
        handle(site["finance"], made.key, "再改", by=actor(site, "editor"))


def test_what_is_longer_than_the_register_keeps_is_refused_where_it_stands(
    site, item, app, sign_in
):
    form = app.get(f"/finance/news/{item.__name__}").click("我要纠错", index=0).forms[1]
    form["text"], form["contact"] = "金额应为 20 元", "市" * (MAX_CONTACT + 1)
    refused = form.submit()
    told = refused.html.select_one("#contact")
    assert refused.html.select_one(f"#{told['aria-describedby']}").text == (
        "联系方式不超过 100 个字。"
    )
    assert told["value"] == "市" * (MAX_CONTACT + 1)
    again = refused.forms[1]
    again["contact"] = f" {'市' * MAX_CONTACT} "
    assert "已转给编辑" in again.submit()
    transaction.begin()
    (made,) = corrections_of(site).of_site(site["finance"].uid)
    assert made.contact == "市" * MAX_CONTACT

    editor = sign_in("editor")
    listed = editor.get("/manage/finance/@@corrections")
    answer = next(f for f in listed.forms.values() if "reply" in f.fields)
    answer["reply"] = "已" * (MAX_REPLY + 1)
    assert "处理情况不超过 1000 个字" in answer.submit().follow()
    transaction.begin()
    assert made.is_open


@pytest.mark.parametrize(("before", "title"), [
    ("http://localhost/finance/news", "要闻动态"),
    ("http://localhost/zh-hant/finance/news?page=2", "要闻动态"),
    ("http://localhost/finance/@@search?q=x", "市财政局"),
    ("http://localhost/zh-hant", "PORTAL"),
    ("http://localhost/no/such", "PORTAL"),
    ("http://localhost/-/look/elder", "PORTAL"),
    ("http://elsewhere.example/finance/news", "PORTAL"),
    ("http://[", "PORTAL"),
    ("http://localhost/%ff", "PORTAL"),
])  # fmt: skip
def test_the_link_of_the_footer_speaks_of_the_page_in_which_it_stands(site, app, before, title):
    title = {"PORTAL": site.title, "要闻动态": site["finance"]["news"].title}.get(title, title)
    form = app.get("/@@correct", headers={"Referer": before}).html.select_one("main")
    assert form.select_one("a").text == title


def test_the_link_of_the_footer_tells_nothing_of_what_is_closed(site, app):
    draft = article(site, title="草稿")
    transaction.commit()
    before = {"Referer": f"http://localhost/finance/news/{draft.__name__}"}
    assert "草稿" not in app.get("/@@correct", headers=before)
