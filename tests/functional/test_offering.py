"""From the department's desk to the portal's page, in the browser."""

import pytest
import transaction

from egov.operations.content import create
from egov.operations.rights import grant
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.support.world import article


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
