"""Remarks, assignments and notices in the browser, without script."""

import transaction

from egov.operations.discussion import remark, reply
from egov.operations.workflow import advance
from tests.support.world import actor, article


def form_at(page, action, index=0):
    return [f for f in page.forms.values() if f.action.endswith(action)][index]


def with_field(page, name):
    return next(f for f in page.forms.values() if name in f.fields)


def pending(site):
    item = article(site)
    advance(item, "submit", by=actor(site, "author"))
    transaction.commit()
    return item


def test_a_remark_goes_to_the_author_who_answers_and_the_reviewer_settles_it(site, sign_in):
    pending(site)
    here = "/manage/finance/news/guan-yu-chun-jie-fang-jia-de-tong-zhi"
    reviewer, author = sign_in("reviewer"), sign_in("author")

    form = form_at(reviewer.get(here), "@@remark")
    assert form["field"].value == "title"
    form["passage"], form["text"] = "春节放假", "是否含调休？"
    page = form.submit("do", value="say").follow()
    assert page.html.select_one(".remark blockquote").text.strip() == "春节放假"

    bell = author.get("/manage").html.select_one("a[href='/manage/@@notices'] .badge")
    assert bell.text == "1"
    notices = author.get("/manage/@@notices")
    assert "是否含调休？" in notices
    answer = form_at(notices.click("关于春节放假的通知"), "@@remark")
    answer["text"] = "含"
    answer.submit("do", value="reply").follow()

    assert "条批注" in reviewer.get("/manage/@@inbox")
    page = form_at(reviewer.get(here), "@@remark").submit("do", value="settle").follow()
    assert "已处理" in page.html.select_one(".remark").text
    assert "是否含调休" not in reviewer.get("/finance/news", status="*")


def test_what_was_typed_comes_back_when_the_passage_is_not_there(site, sign_in):
    pending(site)
    reviewer = sign_in("reviewer")
    page = reviewer.get("/manage/finance/news/guan-yu-chun-jie-fang-jia-de-tong-zhi")
    form = form_at(page, "@@remark")
    form["passage"], form["text"] = "国庆", "我写了很久的意见"
    refused = form.submit("do", value="say")
    assert "所引的文字不在这一项内容中" in refused
    assert "我写了很久的意见" in refused


def test_a_draft_is_assigned_and_stands_first_on_the_desk(site, sign_in):
    pending(site)
    here = "/manage/finance/news/guan-yu-chun-jie-fang-jia-de-tong-zhi"
    editor, reviewer = sign_in("editor"), sign_in("reviewer")
    form = with_field(editor.get(f"{here}/@@assign"), "days")
    form["to"], form["days"], form["note"] = "reviewer", "99", "请先办"
    refused = form.submit()
    assert refused.html.select_one(".field-error").text == "期限请填 0 到 60 个工作日。"
    form = with_field(refused, "days")
    assert (form["to"].value, form["note"].value) == ("reviewer", "请先办")
    form["to"], form["days"] = "reviewer", "1"
    assert "已交给测试reviewer" in form.submit().follow()

    assert "交给我办理" in reviewer.get("/manage")
    inbox = reviewer.get("/manage/@@inbox").click("交给我的")
    assert "交给我" in inbox.html.tbody.text
    assert "交给 测试reviewer" in sign_in("reviewer2").get("/manage/@@inbox").html.tbody.text
    assert "没有" not in inbox.html.main.text
    assert "交给我办理" not in editor.get("/manage")


def test_notices_are_read_and_chosen(site, sign_in):
    item = pending(site)
    advance(item, "return", by=actor(site, "reviewer"), comment="请补")
    transaction.commit()
    author = sign_in("author")
    page = author.get("/manage/@@notices")
    page = with_field(page, "do").submit("do", value="read")
    assert not page.follow().html.select("button[value=read], .notices .new")

    form = with_field(author.get("/manage/@@notices"), "wanted")
    form.set("wanted", False, index=0)
    form.submit("do", value="choose").follow()
    form = with_field(author.get("/manage/@@notices"), "wanted")
    assert not form.get("wanted", index=0).checked
    assert form.get("wanted", index=1).checked


def test_published_first_reviewed_later_dated_back_and_superseded_in_the_browser(
    site, sign_in, app
):
    pending(site)
    new = article(site, title="新办法")
    advance(new, "force", by=actor(site, "publisher"), comment="汛情")
    transaction.commit()
    here = "/finance/news/guan-yu-chun-jie-fang-jia-de-tong-zhi"
    publisher, reviewer = sign_in("publisher"), sign_in("reviewer")

    form = with_field(publisher.get(f"/manage{here}"), "step")
    assert "请写明" in form.submit("step", value="force")
    form["comment"] = "汛情紧急"
    form.submit("step", value="force").follow()
    assert app.get(here).status_int == 200
    assert "等待补审" in reviewer.get("/manage")

    form = form_at(reviewer.get(f"/manage{here}"), "@@confirm")
    assert "已补审通过" in form.submit().follow()
    assert "紧急发布后等待补审" in reviewer.get("/manage")  # the other one still waits

    page = publisher.get(f"/manage{here}/@@schedule")
    form = with_field(page, "reason")
    form["at"], form["reason"] = "2020-01-02T09:00", "补录"
    form.submit("do", value="backdate").follow()
    assert "2020-01-02 09:00" in app.get(here)

    form = with_field(publisher.get(f"/manage{here}/@@schedule"), "successor")
    form["successor"] = "/finance/nothing"
    assert "没有公开的内容" in form.submit("do", value="supersede")
    form["successor"] = "/finance/news/xin-ban-fa"
    form.submit("do", value="supersede").follow()
    link = app.get(here).html.select_one(".notice a")
    assert (link.text, app.get(link["href"]).location) == (
        "新办法", "http://localhost/finance/news/xin-ban-fa",
    )  # fmt: skip


def test_the_desk_begins_with_the_person_s_own_work(sign_in, site):
    article(site, where="notices")
    transaction.commit()

    author = sign_in("author").get("/manage")
    reviewer = sign_in("reviewer").get("/manage")

    first = author.html.select_one(".begin a.btn")["href"]
    assert first == "/manage/finance/notices/@@add?type=article"  # where they wrote last
    assert author.click(href="notices/@@add", index=0).status_int == 200
    assert "待我审核" not in author.html.main.text
    assert "没有等待您审核的内容" in reviewer
    assert not reviewer.html.select(".begin")


def test_who_gets_lost_in_the_back_office_keeps_its_side(sign_in, site):
    hidden = article(site)
    transaction.commit()
    outsider = sign_in("outsider")

    missing = outsider.get("/manage/finance/news/nowhere", status=404)
    forbidden = outsider.get(f"/manage/finance/news/{hidden.__name__}", status=404)

    assert missing.html.select_one("main a.btn-primary")["href"] == "/manage"
    assert missing.html.select_one(".side a[href='/manage/@@batches']")
    assert str(missing.html.main) == str(forbidden.html.main)
    assert "市财政局" not in missing


def test_who_wrote_a_remark_deletes_it_until_somebody_answers(site, sign_in):
    item = article(site)
    transaction.commit()
    reviewer, path = sign_in("reviewer"), f"/manage/finance/news/{item.__name__}"
    remark(item, "看错了", by=actor(site, "reviewer"))
    transaction.commit()
    assert "删除这条批注" not in sign_in("editor").get(path)

    look = reviewer.get(path).click("删除这条批注…")
    assert "看错了" in look
    with_field(look, "key").submit().follow()
    assert "看错了" not in reviewer.get(path)

    transaction.begin()
    said = remark(item, "日期不对", by=actor(site, "reviewer"))
    reply(item, said.key, "已改", by=actor(site, "author"))
    transaction.commit()
    assert "删除这条批注" not in reviewer.get(path)


def test_who_opens_what_is_in_review_is_told_that_a_change_takes_it_back(site, sign_in):
    item = pending(site)
    told = "一经改动就回到草稿"
    editor, here = sign_in("editor"), f"/manage/finance/news/{item.__name__}/@@edit"
    assert told in editor.get(here)
    transaction.begin()
    advance(item, "return", by=actor(site, "reviewer"), comment="补")
    transaction.commit()
    assert told not in editor.get(here)
