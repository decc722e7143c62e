"""The portal's manager changes a workflow in the browser: the form, the dry run, the saving."""

import pytest
import transaction

from egov.operations.rights import grant
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.support.world import actor, article

SKEWED = '{"name": "x", "title": "x", "start": "x", "states": 3, "transitions": 4}'


@pytest.fixture
def browser(site, sign_in):
    grant(site, "user:manager", "manager", by=SYSTEM_ACTOR)
    transaction.commit()
    return sign_in("manager")


def form_of(page):
    return page.forms[max(page.forms, key=lambda key: len(page.forms[key].fields))]


def test_a_permission_is_taken_away_and_the_change_told_first(browser, site):
    item = article(site)
    transaction.commit()
    form = form_of(browser.get("/manage/@@tables").click("审核后发布"))
    box = next(b for b in form.fields["cell:draft:edit"] if b._value == "owner")
    box.checked = False

    page = form.submit("do", value="preview")

    assert "在“草稿”，本人（作者）不再可以：编辑" in page.text
    assert "现有 1 篇内容按这个流程办理" in page.html.find(id="change").get_text(
        " ", strip=True
    ).replace("  ", " ")
    told = (
        next(f for f in page.forms.values() if "table" in f.fields)
        .submit("do", value="save")
        .follow()
    )
    assert "立即生效" in told
    assert "本单位修改过" in told
    page = form_of(browser.get("/manage/@@table?name=review"))
    assert not next(b for b in page.fields["cell:draft:edit"] if b._value == "owner").checked
    transaction.begin()
    assert item.state == "draft"

    back = next(f for f in browser.get("/manage/@@tables").forms.values() if "name" in f.fields)
    assert "本单位修改过" not in back.submit().follow()


def test_a_state_and_a_step_are_added_filled_in_and_used(browser, site):
    form = form_of(browser.get("/manage/@@table?name=review&copy=1"))
    form["title"] = "两级审核"
    form = form_of(form.submit("do", value="state"))
    form["title:state-1"] = "待科长审核"
    form = form_of(form.submit("do", value="step"))
    last = form.fields["row"][-1].value
    form[f"t:{last}:title"] = "科长同意"
    form[f"t:{last}:to"] = "pending"
    next(b for b in form.fields[f"t:{last}:from"] if b._value == "state-1").checked = True
    form["t:0:to"] = "state-1"

    page = form.submit("do", value="preview")
    assert "谁可以做什么没有变化" in page
    saved = next(f for f in page.forms.values() if "table" in f.fields)
    assert "两级审核" in saved.submit("do", value="save").follow()

    chosen = next(
        f for f in browser.get("/manage/finance/news/@@workflow").forms.values() if "*" in f.fields
    )
    chosen["*"] = "office-1"
    chosen.submit()
    transaction.begin()
    item = article(site)
    advance(item, "submit", by=actor(site, "author"))
    assert item.state == "state-1"
    transaction.commit()
    assert "待科长审核" in browser.get("/manage/finance/news")
    assert "科长同意" in browser.get(f"/manage/finance/news/{item.__name__}")
    assert "待科长审核" in browser.get("/manage/@@inbox")


def test_a_mistake_is_told_and_what_was_ticked_stays(browser):
    form = form_of(browser.get("/manage/@@table?name=review"))
    form["title"] = "我们的流程"
    next(b for b in form.fields["cell:draft:edit"] if b._value == "reader").checked = True

    page = form.submit("do", value="preview")

    assert "读者（公众）只能阅读" in page.html.find(role="alert").get_text()
    again = form_of(page)
    assert again["title"].value == "我们的流程"
    assert next(b for b in again.fields["cell:draft:edit"] if b._value == "reader").checked


def test_a_state_goes_and_its_items_are_mapped(browser, site):
    item = article(site)
    advance(item, "submit", by=actor(site, "author"))
    advance(item, "return", by=actor(site, "reviewer"), comment="改")
    transaction.commit()
    form = form_of(browser.get("/manage/@@table?name=review"))
    form["drop:returned"].checked = True
    for row in form.fields["row"]:
        key = f"t:{row.value}:"
        for box in form.fields[key + "from"]:
            box.checked = box.checked and box._value != "returned"
        if form[key + "to"].value == "returned":
            form[key + "to"] = "draft"

    page = form.submit("do", value="preview")

    saved = next(f for f in page.forms.values() if "table" in f.fields)
    saved["to:returned"] = "pending"
    assert "1 篇稿件" in saved.submit("do", value="save").follow()
    transaction.begin()
    assert item.state == "pending"


@pytest.mark.parametrize(
    "table",
    [
        "",
        "[]",
        "{}",
        '{"name": 1}',
        "null",
        '{"name": "x", "title": "x", "start": "x", "states": 3, "transitions": 4}',
    ],
)
def test_what_we_never_wrote_is_no_table(browser, table):
    form = form_of(browser.get("/manage/@@table?name=review"))
    token = form["csrf_token"].value
    sent = {"csrf_token": token, "do": "save", "table": table, "seen": ""}
    browser.post("/manage/@@table", sent, status=404)


def test_an_unknown_table_is_missing(browser):
    browser.get("/manage/@@table?name=none", status=404)
