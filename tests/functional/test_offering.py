"""From the department's desk to the portal's page, in the browser."""

import pytest
import transaction

from egov.operations.content import create
from egov.operations.rights import grant
from egov.operations.submissions import offer, take_back
from egov.operations.tree import delete
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.support.world import actor, article


@pytest.fixture
def item(site):
    create(site, "section", {"title": "部门动态"}, by=SYSTEM_ACTOR, name="bmdt")
    grant(site["bmdt"], "user:outsider", "editor", by=SYSTEM_ACTOR)
    made = article(site, title="财政支出提前完成")
    for step in ("submit", "approve", "publish"):
        advance(made, step, by=SYSTEM_ACTOR)
    transaction.commit()
    return made


def form_with(page, field):
    return next(f for f in page.forms.values() if field in f.fields)


def test_a_department_offers_and_the_portal_adopts(site, item, app, sign_in):
    department, portal = sign_in("editor"), sign_in("outsider")
    path = f"/manage/finance/news/{item.__name__}"
    assert "报送…" in department.get(path)
    page = (
        form_with(department.get(f"{path}/@@offer"), "target").submit("do", value="offer").follow()
    )
    assert "已报送给“临江市人民政府”" in page
    assert "正等待对方处理" in form_with(page, "target").submit("do", value="offer")

    assert "待处理的报送" in portal.get("/manage")
    page = portal.get("/manage/@@offers")
    refused = form_with(page, "section").submit("do", value="decline")
    assert "请写明意见或原因" in refused
    form = form_with(page, "section")
    form["section"] = [str(site["bmdt"].uid)]
    assert "已采用“财政支出提前完成”" in form.submit("do", value="adopt").follow()

    assert "财政支出提前完成" in app.get("/bmdt")
    assert "已采用" in department.get(f"{path}/@@offer")
    ledger = portal.get("/manage/@@ledger")
    assert "市财政局" in ledger
    table = portal.get("/manage/@@ledger?format=csv").text
    assert "已采用" in table
    assert "测试editor" in table


def test_what_was_deleted_meanwhile_is_told_before_it_is_decided_on(site, item, sign_in):
    offer(item, site, by=actor(site, "editor"))
    delete(item, by=SYSTEM_ACTOR)
    transaction.commit()
    portal = sign_in("outsider")

    page = portal.get("/manage/@@offers")
    told = page.html.select_one(".offer")
    assert "已被删除，或不再公开" in told.text
    assert [b["value"] for b in told.select("button[name=do]")] == ["decline"]
    assert told.select("a") == []
    form = next(f for f in page.forms.values() if f.fields.get("key"))
    form["comment"] = "已删除"
    assert "未采用" in form.submit("do", value="decline").follow()


def test_the_portal_asks_for_a_text(item, sign_in):
    department, portal = sign_in("editor"), sign_in("outsider")
    form = form_with(portal.get("/manage/@@offers"), "deadline")
    form["title"], form["deadline"], form["brief"] = "一季度财政收支", "2020-01-01", "八百字"
    late = form.submit("do", value="commission")
    assert "截止日期已过" in late
    form = form_with(late, "deadline")
    assert form["brief"].value == "八百字"
    form["deadline"] = "2999-01-01"
    form["source"] = form["source"].options[0][0]
    page = form.submit("do", value="commission").follow()
    assert "已向“市财政局”约稿" in page
    assert "一季度财政收支" in department.get("/manage")


def test_who_only_reads_there_decides_nothing(item, sign_in):
    department, author = sign_in("editor"), sign_in("author")
    offered = form_with(department.get(f"/manage/finance/news/{item.__name__}/@@offer"), "target")
    offered.submit("do", value="offer")
    token = author.get("/manage").forms[0]["csrf_token"].value
    author.post("/manage/@@offers", {"csrf_token": token, "do": "adopt"}, status=404)


@pytest.mark.parametrize("do", ["adopt", "changes", "decline"])
def test_who_receives_takes_a_decision_back_and_nobody_else_does(site, item, app, sign_in, do):
    made = offer(item, site, by=actor(site, "editor"))
    transaction.commit()
    portal = sign_in("outsider")
    form = form_with(portal.get("/manage/@@offers"), "section")
    form["section"] = [str(site["bmdt"].uid)] if do == "adopt" else []
    form["comment"] = "请补图"
    page = form.submit("do", value=do).follow()
    assert "财政支出提前完成" in sign_in("editor").get(
        f"/manage/finance/news/{item.__name__}/@@history"
    )

    look = page.click("撤销…")
    address = look.request.path_qs
    sign_in("reader").get(address, status=404)
    refused = form_with(sign_in("editor").get(address), "key").submit().follow()
    assert "没有在“临江市人民政府”上进行此操作的权限" in refused
    assert "已撤销" in form_with(look, "key").submit().follow().html.main.text

    transaction.begin()
    assert [o.key for o in site.ledger.open_for(site.uid)] == [made.key]
    assert list(site["bmdt"]) == []
    assert "财政支出提前完成" not in app.get("/bmdt/")
    assert "待处理" in portal.get("/manage/@@offers")


def test_what_was_chosen_for_an_offer_stays_with_what_is_wrong_with_it(site, item, sign_in):
    made = offer(item, site, by=actor(site, "editor"))
    transaction.commit()
    portal = sign_in("outsider")
    form = form_with(portal.get("/manage/@@offers"), "section")
    form["section"] = [str(site["bmdt"].uid)]
    page = form.submit("do", value="decline")
    assert page.html.find(id=f"e-{made.key}").text == "请写明意见或原因，报送单位会看到。"
    assert form_with(page, "section")["section"].checked
    take_back(site, made, by=actor(site, "editor"))
    transaction.commit()
    assert "已经处理过了" in form.submit("do", value="adopt").html.select_one(".alert-danger").text


def test_who_receives_sees_no_other_step_of_what_was_offered(site, item, sign_in):
    offer(item, site, by=actor(site, "editor"))
    transaction.commit()
    steps = [key for key, entry in item.log.items() if entry.action != "offer"]
    for key in steps:
        sign_in("outsider").get(f"/manage/@@undo?uid={item.uid}&key={key}", status=404)
