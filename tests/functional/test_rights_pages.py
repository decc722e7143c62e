"""Granting, revoking and explaining in the browser; the auditor's page."""

import csv
import hashlib
import io
import json
from datetime import timedelta

import transaction
from click.testing import CliRunner

from egov.base import clock
from egov.base.permissions import NODE_PERMISSIONS
from egov.cli import main
from egov.extract import sheet_rows
from egov.manage.staff.effective import PERMISSION_TITLES
from egov.operations.containers import set_workflow
from egov.operations.organisation import add_unit, set_posts
from egov.operations.rights import grant
from egov.security.policy import roles_on
from egov.security.principals import SYSTEM_ACTOR, Post
from tests.support.world import actor


def names(page):
    return [
        form for form in page.forms.values() if "role" in form.fields or "confirmed" in form.fields
    ]


def give(browser, path, **values):
    form = next(f for f in browser.get(path).forms.values() if "until" in f.fields)
    for key, value in ({"reason": "工作需要"} | values).items():
        form[key] = value
    return form.submit("do", value="grant")


def test_a_grant_shows_what_it_concerns_and_is_given_when_confirmed(site, sign_in):
    browser = sign_in("manager")
    asked = give(
        browser, "/manage/finance/news/@@grants", principal="outsider", role="editor", reason="顶岗"
    )
    assert "涉及 0 项内容、1 人" in asked
    transaction.begin()
    assert "editor" not in roles_on(actor(site, "outsider"), site["finance"]["news"])

    page = (
        next(f for f in asked.forms.values() if "confirmed" in f.fields)
        .submit("confirmed")
        .follow()
    )

    assert "外人" in page
    assert "顶岗" in page
    transaction.begin()
    assert "editor" in roles_on(actor(site, "outsider"), site["finance"]["news"])


def test_names_and_pinyin_find_people_and_ask_when_several_fit(sign_in):
    browser = sign_in("manager")
    assert "授予外人？" in give(
        browser, "/manage/finance/@@grants", principal="wairen", role="reader"
    )
    several = give(
        browser, "/manage/finance/@@grants", principal="ceshi", role="reader", reason="留着"
    )
    assert "“ceshi”可以指：" in several
    assert 'value="留着"' in several  # what was typed stays
    assert "没有找到“无此人”" in give(
        browser, "/manage/finance/@@grants", principal="无此人", role="reader"
    )
    assert "截止日期必须晚于今天" in give(
        browser, "/manage/finance/@@grants", principal="outsider", role="reader", until="2020-01-01"
    )


def test_a_revocation_names_what_falls_with_it(site, sign_in):
    grant(
        site["finance"],
        "user:editor",
        "manager",
        by=actor(site, "manager"),
        reason="工作需要",
        may_delegate=True,
    )
    grant(
        site["finance"]["news"],
        "user:outsider",
        "author",
        by=actor(site, "editor"),
        reason="工作需要",
    )
    transaction.commit()
    browser = sign_in("manager")
    form = next(
        f for f in browser.get("/manage/finance/@@grants").forms.values()
        if "role" in f.fields and f["role"].value == "manager" and f["principal"].value == "user:editor"
    )  # fmt: skip
    asked = form.submit("do", value="revoke")
    assert "同时失效的授权" in asked
    assert "外人" in asked

    next(f for f in asked.forms.values() if "confirmed" in f.fields).submit("confirmed").follow()

    transaction.begin()
    assert "author" not in roles_on(actor(site, "outsider"), site["finance"]["news"])


def test_inheritance_shows_who_would_lose_what(site, sign_in):
    grant(site["finance"]["news"], "user:manager", "manager", by=SYSTEM_ACTOR)
    transaction.commit()
    browser = sign_in("manager")
    page = browser.get("/manage/finance/news/@@grants")
    form = next(f for f in page.forms.values() if "principal" not in f.fields and "do" in f.fields)
    asked = form.submit("do", value="inherit")
    assert "所有人" in asked
    assert "测试editor" in asked

    next(f for f in asked.forms.values() if "confirmed" in f.fields).submit("confirmed").follow()

    transaction.begin()
    assert not site["finance"]["news"].inherits


def test_why_somebody_may_or_may_not(sign_in):
    browser = sign_in("manager")
    page = browser.get("/manage/finance/news/@@effective", {"who": "测试author"})
    assert "“市财政局（/finance）”授予测试author的角色“撰稿人”" in page
    assert "需要其中一个角色：管理员；现有：撰稿人" in page
    assert "没有找到这个人" in browser.get("/manage/finance/news/@@effective?who=ceshi")
    page = browser.get("/manage/finance/news/@@effective?may=add")
    table = page.html.find(attrs={"aria-label": "谁能做一件事"}).text
    assert all(name in table for name in ("测试author", "测试editor", "测试manager"))
    assert "测试reviewer" not in table
    assert "没有人可以" not in page


def test_who_may_by_group_and_post_is_told_with_what_decided(site, sign_in):
    add_unit(site, "caizheng", "财政局", "department", by=SYSTEM_ACTOR).reaches_below = True
    add_unit(site, "yusuan", "预算科", "department", by=SYSTEM_ACTOR, parent="caizheng")
    set_posts(site, site.directory.user("outsider"), [Post("yusuan")], by=SYSTEM_ACTOR)
    grant(site["finance"], "unit:caizheng", "editor", by=SYSTEM_ACTOR)
    transaction.commit()
    ask = "/manage/finance/news/@@effective?may=add"
    browser = sign_in("manager")
    chain = "“市财政局（/finance）”授予单位“财政局”（任职于预算科）的角色“编辑”"
    assert chain in browser.get(ask)
    rows = list(csv.reader(io.StringIO(browser.get(ask + "&format=csv").text.lstrip("\ufeff"))))
    assert ["外人", "outsider", chain, ""] in rows


def test_the_security_administrator_reads_all_grants(site, sign_in):
    browser = sign_in("security-admin")
    assert "测试reviewer3" in browser.get("/manage/@@all-grants")
    assert "没有这样的授权" in browser.get("/manage/@@all-grants?kind=ended")
    table = browser.get("/manage/@@all-grants?format=csv")
    rows = list(csv.reader(io.StringIO(table.text.lstrip("\ufeff"))))
    assert len(rows) == 1 + sum(len(n.grants) for n in site.catalog.ruled_below(site))


def test_the_auditor_finds_follows_verifies_and_exports(site, sign_in):
    sign_in("author").get("/manage/finance/@@grants", status=404)
    browser = sign_in("audit-admin")
    refused = browser.get("/manage/@@audit?outcome=refused")
    assert "测试author" in refused
    assert "越权操作" in refused.html.find("tbody").text
    assert "没有这样的记录" in browser.get("/manage/@@audit?until=2020-01-01")
    trail = browser.get(f"/manage/@@audit?where={site['finance'].uid}")
    assert "/finance" in trail
    assert "/health" not in trail.html.find("main").text

    export = browser.get("/manage/@@audit?format=jsonl&what=log_in")
    lines = [json.loads(line) for line in export.text.splitlines()]
    assert {line["action"] for line in lines} == {"log_in"}
    digest = hashlib.sha256(export.body).hexdigest()
    assert digest in browser.get("/manage/@@audit?what=export_audit")

    page = next(
        f
        for f in browser.get("/manage/@@audit").forms.values()
        if f.method == "post" and f.action == ""
    )
    assert "全部完好" in page.submit().follow()

    record = next(site.audit.newest())
    record.reason = "改过"
    transaction.commit()
    assert "发现 1 处异常" in page.submit().follow()


def test_the_auditor_hands_over_what_a_receiver_can_verify(site, sign_in, tmp_path):
    browser = sign_in("audit-admin")
    page = browser.get("/manage/@@audit")
    answer = browser.get("/manage/@@audit?format=signed&what=log_in")
    (tmp_path / "audit.zip").write_bytes(answer.body)

    told = CliRunner().invoke(main, ["audit", "check", str(tmp_path / "audit.zip")])

    assert told.exit_code == 0, told.output
    fingerprint = page.html.find("code").text
    assert fingerprint in told.output
    assert fingerprint in browser.get("/manage/@@audit?what=hand_over_audit")
    (tmp_path / "audit.zip").write_bytes(b"no zip")
    told = CliRunner().invoke(main, ["audit", "check", str(tmp_path / "audit.zip")])
    assert (told.exit_code, "不是移交的审计记录" in told.output) == (1, True)


def test_the_auditor_follows_a_unit(site, sign_in):
    by = actor(site, "security-admin")
    add_unit(site, "caizheng", "市财政局", "department", by=by)
    add_unit(site, "yusuan", "预算科", "department", by=by, parent="caizheng")
    set_posts(site, site.directory.user("author"), [Post("yusuan")], by=by)
    transaction.commit()
    sign_in("author")
    sign_in("editor")
    browser = sign_in("audit-admin")

    found = browser.get("/manage/@@audit?unit=caizheng&what=log_in").html.find("tbody").text

    assert "测试author" in found
    assert "测试editor" not in found


def test_tables_come_as_spreadsheets_too(site, sign_in):
    answer = sign_in("audit-admin").get("/manage/@@audit?format=xlsx&what=log_in")
    rows = sheet_rows(answer.body)
    assert rows[0][:2] == ["时间", "姓名"]
    assert {row[4] for row in rows[1:]} == {"log_in"}
    assert answer.headers["Content-Disposition"].endswith('.xlsx"')


def test_a_grant_is_told_by_the_names_of_role_and_person(site, sign_in):
    grant(site["finance"], "user:outsider", "reader", by=SYSTEM_ACTOR)
    transaction.commit()
    told = f"读者 → {site.directory.user('outsider').name}"

    assert told in sign_in("audit-admin").get("/manage/@@audit?what=grant").html.find("tbody").text
    manager = sign_in("manager")
    assert told in manager.get("/manage/finance/@@history").text
    assert told in manager.get("/manage/finance/@@activity").text
    assert told in manager.get("/manage/finance/@@activity?format=csv").text


def test_who_looks_at_personal_data_is_on_record(site, sign_in):
    system = sign_in("system-admin")
    system.get("/manage/@@person?id=author")
    system.get("/manage/@@users")

    rows = sign_in("audit-admin").get("/manage/@@audit?what=read_personal").html.find("tbody")

    told = [row.find_all("td")[-1].text for row in rows.find_all("tr")]
    assert told[1] == "author"
    assert told[0].endswith(" 个账号")


def test_the_rules_of_a_workflow_as_sentences_and_as_a_trial(site, sign_in):
    browser = sign_in("author")
    page = browser.get("/manage/finance/news/@@rules?role=reviewer&state=pending")
    assert "“审核通过”：从待审核到待发布，由审核人、管理员办理；写过这一版的人不能办理。" in page
    assert "可以：查看稿件" in page.html.find("main").text
    assert "不可以：编辑" in page.html.find("main").text

    set_workflow(site["finance"], "article", "three-review", by=SYSTEM_ACTOR)
    transaction.commit()
    assert "每一审由不同的人办理" in browser.get("/manage/finance/news/@@rules?type=article")
    assert "每一审由不同的人办理" not in browser.get("/manage/finance/news/@@rules?type=page")


def test_people_are_told_before_a_grant_ends(site, sign_in):
    grant(
        site["finance"],
        "user:outsider",
        "author",
        by=SYSTEM_ACTOR,
        until=clock.now() + timedelta(days=20),
    )
    transaction.commit()
    assert "快到期了" in sign_in("outsider").get("/manage")
    assert "快到期了" not in sign_in("author").get("/manage")
    assert "外人" in sign_in("security-admin").get("/manage/@@all-grants?kind=soon")


def test_every_permission_has_a_title_to_be_explained_by():
    assert set(PERMISSION_TITLES) == set(NODE_PERMISSIONS)
