"""The security administrator arranges units and groups in the browser; nobody else sees the pages."""

import pytest
import transaction

from egov.operations.accounts import add_group
from egov.operations.organisation import add_unit
from egov.security.principals import SYSTEM_ACTOR


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
