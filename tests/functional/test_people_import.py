"""The table of people in the browser: tried without a trace, then imported."""

import transaction
from webtest import TestApp, Upload

from egov.operations.organisation import add_unit
from egov.security.principals import SYSTEM_ACTOR

TABLE = "用户名,姓名,单位\nzhaoyi,赵一,finance\nbad id,钱二,\n"


def table_form(page):
    return next(f for f in page.forms.values() if "text" in f.fields)


def test_a_trial_leaves_nothing_and_the_import_makes_accounts(site, sign_in):
    add_unit(site, "finance", "市财政局", "department", by=SYSTEM_ACTOR)
    transaction.commit()
    system = sign_in("system-admin")
    form = table_form(system.get("/manage/@@import-people"))
    form["file"] = Upload("people.csv", TABLE.encode("gb18030"))
    page = form.submit("do", value="try")
    assert "试导入的结果（没有保存）" in page
    assert "用户名须以小写字母开头" in page
    transaction.begin()
    assert site.directory.user("zhaoyi") is None

    form = table_form(page)
    assert form["text"].value.replace("\r\n", "\n") == TABLE
    password = form.submit("do", value="import").html.find("code").text
    transaction.begin()
    assert site.directory.user("zhaoyi").name == "赵一"

    newcomer = TestApp(system.app)
    sign = newcomer.get("/login").forms[0]
    sign["id"], sign["password"] = "zhaoyi", password
    assert sign.submit().status_int == 302


def test_bad_tables_are_told_at_the_page(sign_in):
    form = table_form(sign_in("security-admin").get("/manage/@@import-people"))
    form["text"] = "工资\n"
    assert "第一行须是列名" in form.submit("do", value="try")
    form["text"] = "用户名\n"
    assert "表格中没有人员" in form.submit("do", value="try")
    form["file"] = Upload("people.csv", b"\xff\xff\xff")
    assert "不是 UTF-8 或 GB 18030" in form.submit("do", value="try")


def test_others_do_not_import(sign_in):
    for who in ("audit-admin", "manager"):
        browser = sign_in(who)
        token = browser.get("/manage").forms[0]["csrf_token"].value
        sent = {"csrf_token": token, "do": "import", "text": "id,name\nzhaoyi,赵一\n"}
        browser.post("/manage/@@import-people", sent, status=404)
