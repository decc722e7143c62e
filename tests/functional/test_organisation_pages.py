"""The security administrator arranges units and groups in the browser; nobody else sees the pages."""

import pytest
import transaction

from egov.base.errors import Forbidden, Invalid
from egov.operations.accounts import add_group
from egov.operations.check import check
from egov.operations.containers import configure
from egov.operations.content import create
from egov.operations.organisation import add_unit, change_unit, merge_unit, set_posts
from egov.operations.ownership import owned_by, owner_title
from egov.operations.rights import grant, set_inheritance
from egov.operations.workflow import advance
from egov.security.policy import roles_on
from egov.security.principals import SYSTEM_ACTOR, Post
from tests.support.world import actor


@pytest.fixture
def security(site, sign_in):
    add_group(site, "press", "宣传组", by=SYSTEM_ACTOR)
    add_unit(site, "finance", "市财政局", "department", by=SYSTEM_ACTOR)
    transaction.commit()
    return sign_in("security-admin")


def form_with(page, button):
    """The form that holds a button of this value."""
    return next(
        form
        for form in page.forms.values()
        if button in [field._value for field in form.fields.get("do", ())]
    )


def form_of(page):
    """The form with the fields of a node."""
    return next(form for form in page.forms.values() if "title" in form.fields)


def test_a_unit_is_made_filled_moved_and_closed(site, security):
    page = security.get("/manage/@@units")
    form = next(f for f in page.forms.values() if "kind" in f.fields)
    form["id"], form["title"], form["parent"] = "budget", "预算处", "finance"
    form["kind"] = "department"
    page = form.submit(status=302).follow()
    assert "已建立单位“预算处”" in page

    found = security.get("/manage/@@unit?id=budget&q=outsider")
    form = next(f for f in found.forms.values() if "post" in f.fields)
    form["post"] = "处长"
    page = form.submit("do", value="put", status=302).follow()
    assert "外人（outsider）" in page
    assert 'value="处长"' in page

    refused = form_with(page, "close").submit("do", value="close", status=200)
    assert "还有下级单位或人员，不能撤销" in refused
    page = form_with(page, "drop").submit("do", value="drop", status=302).follow()
    page = form_with(page, "close").submit("do", value="close", status=302).follow()
    assert "恢复单位" in page
    assert "（已撤销）" in security.get("/manage/@@units")


def test_what_was_typed_comes_back_with_the_reason(security):
    form = next(f for f in security.get("/manage/@@units").forms.values() if "kind" in f.fields)
    form["id"], form["title"] = "finance", "又一个财政局"
    page = form.submit(status=200)
    assert "单位编号“finance”已被使用或不合适" in page
    assert "又一个财政局" in page


def test_a_change_of_a_unit(site, security):
    page = security.get("/manage/@@unit?id=finance")
    form = form_with(page, "change")
    form["title"], form["reaches_below"] = "市财政局（地方金融局）", True
    page = form.submit("do", value="change", status=302).follow()
    transaction.begin()
    unit = site.directory.unit("finance")
    assert (unit.title, unit.reaches_below) == ("市财政局（地方金融局）", True)


def test_a_group_gets_members_and_another_name(site, security):
    page = security.get("/manage/@@group?id=press&q=outsider")
    page = form_with(page, "put").submit("do", value="put", status=302).follow()
    assert "外人（outsider）" in page
    form = form_with(page, "rename")
    form["title"] = "新闻宣传组"
    page = form.submit("do", value="rename", status=302).follow()
    assert "用户组“新闻宣传组”" in page
    page = form_with(page, "drop").submit("do", value="drop", status=302).follow()
    assert "这里还没有人员" in page


def test_one_is_not_taken_into_a_group_by_oneself(security):
    page = security.get("/manage/@@group?id=press&q=security-admin")
    refused = form_with(page, "put").submit("do", value="put", status=200)
    assert "请由另一位管理员办理" in refused


@pytest.mark.parametrize("view", ["unit?id=finance", "group?id=press", "units"])
def test_others_find_nothing(security, sign_in, view):
    security.get(f"/manage/@@{view}", status=200)
    for who in ("system-admin", "audit-admin", "manager"):
        sign_in(who).get(f"/manage/@@{view}", status=404)


@pytest.mark.parametrize("view", ["unit?id=none", "group?id=none", "unit", "group"])
def test_what_is_not_there(security, view):
    security.get(f"/manage/@@{view}", status=404)


def own_finance(site):
    configure(site["finance"], {**site["finance"].values, "unit": "sczj"}, by=SYSTEM_ACTOR)


def test_a_unit_owns_a_site_and_what_is_below(site, security, sign_in):
    add_unit(site, "weisheng", "市卫生局", "department", by=SYSTEM_ACTOR)
    set_posts(site, site.directory.user("reviewer"), [Post("finance")], by=SYSTEM_ACTOR)
    transaction.commit()
    manager = sign_in("manager")
    form = form_of(manager.get("/manage/finance/@@settings"))
    form["unit"] = "没有这个局"
    assert "没有名为“没有这个局”的单位" in form.submit(status=200)
    form["unit"] = "sczj"
    form.submit(status=302)

    assert form_of(manager.get("/manage/finance/@@settings"))["unit"].value == "市财政局"
    assert "（随“市财政局”）" in manager.get("/manage/finance/news")
    new = form_of(manager.get("/manage/finance/news/@@add?type=article"))
    assert new["source"].value == "市财政局"
    assert (
        "市财政局" in manager.get("/manage/finance/@@upkeep?unit=finance").html.find("tbody").text
    )
    assert "没有需要处理" in manager.get("/manage/finance/@@upkeep?unit=weisheng")
    assert "/manage/finance/@@upkeep" in sign_in("reviewer").get("/manage")
    ask = "/manage/@@audit?who=manager&what=configure&unit="
    assert "修改设置" in sign_in("audit-admin").get(ask + "finance").html.find("tbody").text
    assert sign_in("audit-admin").get(ask + "weisheng").html.find("tbody") is None


def test_a_unit_that_owns_something_ends_only_when_it_is_handed_on(site, security):
    add_unit(site, "weisheng", "市卫生局", "department", by=SYSTEM_ACTOR)
    own_finance(site)
    transaction.commit()
    page = security.get("/manage/@@unit?id=finance")
    assert page.html.find("main").find("a", href="/manage/finance").text == "市财政局"
    refused = form_with(page, "close").submit("do", value="close", status=200)
    assert "名下还有 1 个站点或栏目：市财政局（/finance）" in refused

    transaction.begin()
    grant(site["health"], "unit:finance", "editor", by=SYSTEM_ACTOR)
    set_posts(site, site.directory.user("author"), [Post("finance", "科员")], by=SYSTEM_ACTOR)
    transaction.commit()
    form = form_with(page, "merge")
    form["into"] = "weisheng"
    asked = form.submit("do", value="merge", status=200)
    transaction.begin()
    assert owner_title(site["finance"]["news"]) == "市财政局"
    for told in ("测试author", "市财政局（/finance）", "编辑 · 市卫生健康委员会（/health）"):
        assert told in asked
    form_with(asked, "merge").submit("do", value="merge", status=302)

    transaction.begin()
    assert owner_title(site["finance"]["news"]) == "市卫生局"
    assert (owned_by(site, "finance"), site.directory.unit("finance").closed) == ([], True)
    assert "editor" in roles_on(actor(site, "author"), site["health"])
    assert list(check(site)) == []


def test_who_merges_units_gains_nothing(site):
    for unit in ("one", "two", "three"):
        add_unit(site, unit, unit, "department", by=SYSTEM_ACTOR, parent="one" * (unit == "two"))
    units, by = site.directory.units, actor(site, "security-admin")
    set_posts(site, site.directory.user("security-admin"), [Post("three")], by=SYSTEM_ACTOR)
    for unit, into in (("one", "three"), ("three", "one"), ("one", "one"), ("one", "two")):
        with pytest.raises(Invalid):
            merge_unit(site, units[unit], units[into], by=by)
    with pytest.raises(Forbidden):
        merge_unit(site, units["one"], units["three"], by=actor(site, "manager"))


def marks_of(app, path):
    rows = app.get(path).html.select("footer .marks div")
    return {row.dt.text: (row.dd.text, row.dd.a["href"] if row.dd.a else "") for row in rows}


def test_a_unit_leads_to_its_public_page_and_back(site, security, sign_in):
    facts = {"address": "市府路1号", "hours": "9-17", "phone": "1", "body": "<p>职责</p>"}
    facts = {"title": "财政局", **facts}
    page = create(site["finance"]["news"], "office", facts, by=SYSTEM_ACTOR)
    add_unit(site, "caizheng", "财政局", "department", by=SYSTEM_ACTOR)
    add_unit(site, "other", "别的局", "department", by=SYSTEM_ACTOR)
    transaction.commit()
    assert "没有与这个单位同名" in security.get("/manage/@@unit?id=caizheng")
    for step in ("submit", "approve", "publish"):
        advance(page, step, by=SYSTEM_ACTOR)
    grant(site["finance"], "user:security-admin", "reader", by=SYSTEM_ACTOR)
    grant(site["finance"], "user:security-admin", "author", by=SYSTEM_ACTOR)
    transaction.commit()

    shown = security.get("/manage/@@unit?id=caizheng")
    assert shown.html.find("a", string="财政局")["href"] == f"/finance/news/{page.__name__}"
    assert "没有与这个单位同名" in security.get("/manage/@@unit?id=other")
    path = f"/manage/finance/news/{page.__name__}"
    assert security.get(path).html.find("a", string="财政局", href="/manage/@@unit?id=caizheng")
    editor = sign_in("editor").get(path)
    assert "单位：" in editor
    assert "@@unit" not in editor


def test_public_pages_name_the_unit_that_answers_for_them_and_lead_to_its_site(site, app):
    add_unit(site, "finance", "市财政局", "department", by=SYSTEM_ACTOR)
    own_finance(site)
    news = site["health"]["news"]
    configure(news, {**news.values, "unit": "finance"}, by=SYSTEM_ACTOR)
    transaction.commit()

    assert marks_of(app, "/finance/news")["责任单位"] == ("市财政局", "")
    assert marks_of(app, "/health/news")["责任单位"] == ("市财政局", "/finance")
    assert "责任单位" not in marks_of(app, "/health")

    by = actor(site, "security-admin")
    change_unit(site, site.directory.unit("finance"), "市财政局（新）", "department", by=by)
    set_inheritance(site["finance"], False, by=SYSTEM_ACTOR)
    transaction.commit()
    assert marks_of(app, "/health/news")["责任单位"] == (
        "市财政局（新）",
        "",
    )  # its site is not public
