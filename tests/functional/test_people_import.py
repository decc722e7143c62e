"""The table of people in the browser: tried without a trace, then imported."""

import transaction
from webtest import TestApp, Upload

from egov.base import clock
from egov.base.settings import Settings
from egov.operations.batches import batches_of
from egov.operations.jobs import run_jobs
from egov.operations.organisation import add_unit, set_posts
from egov.operations.people_work import has_passwords
from egov.security.passwords import verify
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
    page = form.submit("do", value="import").follow()
    assert "用户名须以小写字母开头" in page
    password = page.html.find("code").text
    transaction.begin()
    assert site.directory.user("zhaoyi").name == "赵一"

    newcomer = TestApp(system.app)
    sign = newcomer.get("/login").forms[0]
    sign["id"], sign["password"] = "zhaoyi", password
    assert sign.submit().status_int == 302


def big_table(count):
    return "用户名,姓名,电子邮箱\n" + "".join(f"p{n},人{n},p{n}@example.cn\n" for n in range(count))


def imported(browser, text):
    form = table_form(browser.get("/manage/@@import-people"))
    form["text"] = text
    tried = table_form(form.submit("do", value="try"))
    return tried.submit("do", value="import", status=302).follow()


def batch_form(page):
    return next(f for f in page.forms.values() if f.action == "/manage/@@batch")


def test_many_people_are_imported_by_the_jobs_and_their_passwords_told_to_who_began(
    site, sign_in, database
):
    system = sign_in("system-admin")
    page = imported(system, big_table(60))
    assert "0 / 60" in page
    assert not page.html.find("code")
    run_jobs(database, Settings())

    page = system.get(page.request.path_qs)
    assert "60 / 60" in page
    told = {row.td.text: row.code.text for row in page.html.select("#batch tr") if row.td}
    transaction.begin()
    assert verify(site.directory.user("p59").password_hash, told["p59"])
    (batch,) = batches_of(site).of("system-admin")
    kept = repr([dict(batch.arguments), *batch.things.values(), *batch.kept.values()])
    assert told["p59"] not in kept
    assert "p59@example.cn" not in kept
    elsewhere = sign_in("system-admin").get(page.request.path_qs)
    assert told["p59"] not in elsewhere
    assert "请重设密码" in elsewhere
    page = batch_form(page).submit("do", value="forget-passwords").follow()
    assert not page.html.find("code")
    transaction.begin()
    assert not has_passwords(batches_of(site).get(batch.key))


def test_an_import_of_people_is_taken_back_as_one(site, sign_in, database):
    add_unit(site, "finance", "市财政局", "department", by=SYSTEM_ACTOR)
    transaction.commit()
    system, security = sign_in("system-admin"), sign_in("security-admin")
    text = big_table(3).replace("电子邮箱", "单位").replace("@example.cn", "")
    text = text.replace(",p0", ",finance").replace(",p1", ",finance").replace(",p2", ",finance")
    made = imported(system, text)
    placed = imported(security, text + "nobody,无,finance\n")
    assert "没有这个账号" in placed
    transaction.begin()
    people = [site.directory.user(f"p{n}") for n in range(3)]
    assert [[p.unit for p in person.posts] for person in people] == [["finance"]] * 3
    people[2].last_login = clock.now()
    set_posts(site, people[1], (), by=SYSTEM_ACTOR)
    transaction.commit()

    told = batch_form(security.get(placed.request.path_qs)).submit("do", value="undo").follow()
    assert "又有变化，没有改回" in told
    transaction.begin()
    assert [person.posts for person in people] == [(), (), ()]
    told = batch_form(system.get(made.request.path_qs)).submit("do", value="undo").follow()
    transaction.begin()
    assert [person.disabled for person in people] == [True, True, False]
    assert "已经登录过" in told


def test_what_was_told_of_people_who_are_not_imported_is_forgotten(site, sign_in):
    system = sign_in("system-admin")
    page = imported(system, big_table(60))
    batch_form(page).submit("do", value="cancel").follow()
    transaction.begin()
    (batch,) = batches_of(site).of("system-admin")
    assert "example.cn" not in repr(list(batch.things.values()))


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
