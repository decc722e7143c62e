"""What is being written is kept; what two people write at once is brought together, and nothing is lost."""

import transaction

from egov.history.trail import trail
from egov.operations.content import edit
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.support.world import actor, article

BODY = "<p>一</p>\n<p>二</p>\n<p>三</p>"


def draft(site, **values):
    item = article(site, title="通知")
    edit(item, {**item.work.values, "body": BODY, **values}, by=actor(site, "author"))
    transaction.commit()
    return item, f"/manage/finance/news/{item.__name__}"


def edit_form(browser, path):
    return browser.get(f"{path}/@@edit").forms["edit"]


def keep(browser, path, form):
    fields = [(name, value) for name, value in form.submit_fields() if isinstance(value, str)]
    return browser.post(f"{path}/@@autosave", fields, status="*")


def test_what_is_written_is_kept_without_a_flood_of_history(site, sign_in):
    item, path = draft(site)
    browser = sign_in("editor")
    form = edit_form(browser, path)
    for words in ("通知一", "通知二", "通知三"):
        form["title"] = words
        answer = keep(browser, path, form).json
        form["version"], form["base"] = answer["version"], answer["base"]
    transaction.begin()
    assert item.title == "通知三"
    assert [e.action for e in trail(item)].count("edit") == 2  # the author's and the editor's
    assert sum(r.action == "edit" and r.actor == "editor" for r in site.audit.newest()) == 1
    assert len(item.all_editions()) == 1


def test_keeping_refuses_what_saving_would_refuse(site, sign_in):
    item, path = draft(site)
    editor, author = sign_in("editor"), sign_in("author")
    form = edit_form(editor, path)
    form["title"] = ""
    assert keep(editor, path, form).status_int == 422
    theirs = edit_form(author, path)
    theirs["title"] = "作者先改"
    keep(author, path, theirs)
    form["title"] = "编辑后改"
    assert keep(editor, path, form).status_int == 409
    transaction.begin()
    assert item.title == "作者先改"
    form["csrf_token"] = "wrong"
    assert keep(editor, path, form).status_int in (400, 403)


def test_a_published_page_stays_while_the_next_edition_is_kept(site, sign_in, app):
    item, path = draft(site)
    for step in ("submit", "approve", "publish"):
        advance(item, step, by=SYSTEM_ACTOR)
    transaction.commit()
    editor = sign_in("editor")
    form = edit_form(editor, path)
    form["title"] = "正在改"
    assert keep(editor, path, form).status_int == 200
    transaction.begin()
    assert item.live_title == "通知"
    assert item.draft.values["title"] == "正在改"
    assert "正在改" not in app.get(f"/finance/news/{item.__name__}")


def test_changes_apart_are_merged_and_the_other_edition_stays_in_history(site, sign_in):
    item, path = draft(site)
    editor, author = sign_in("editor"), sign_in("author")
    mine, theirs = edit_form(editor, path), edit_form(author, path)
    theirs["body"], theirs["summary"] = BODY.replace("一", "壹"), "作者的摘要"
    theirs.submit("save")
    mine["body"], mine["source"] = BODY.replace("三", "叁"), "编辑的来源"
    page = mine.submit("save")
    assert "已被他人修改" in page
    form = page.forms["edit"]
    assert "壹" in form["body"].value
    assert "叁" in form["body"].value
    assert (form["summary"].value, form["source"].value) == ("作者的摘要", "编辑的来源")
    assert "两人都改了的内容" not in page
    form.submit("save")
    transaction.begin()
    assert "壹" in item.work.values["body"]
    assert "叁" in item.work.values["body"]
    assert any("三" in e.values["body"] and "壹" in e.values["body"] for e in item.all_editions())


def test_a_clash_is_shown_and_decided_field_by_field(site, sign_in):
    item, path = draft(site)
    editor, author = sign_in("editor"), sign_in("author")
    mine, theirs = edit_form(editor, path), edit_form(author, path)
    theirs["title"], theirs["source"] = "作者的题目", "作者的来源"
    theirs.submit("save")
    mine["title"], mine["source"] = "编辑的题目", "编辑的来源"
    page = mine.submit("save")
    assert "两人都改了的内容" in page
    assert page.forms["edit"]["title"].value == "编辑的题目"
    fields = [
        *page.forms["edit"].submit_fields("save"),
        ("take-title", "theirs"),
        ("take-source", "mine"),
    ]
    editor.post(f"{path}/@@edit", fields)
    transaction.begin()
    assert item.work.values["title"] == "作者的题目"
    assert item.work.values["source"] == "编辑的来源"


def test_a_forged_base_only_misleads_its_own_sender(site, sign_in):
    item, path = draft(site)
    editor = sign_in("editor")
    for base in ("", "no json", "[]", '{"title": {"file": 1}}', '{"body": null}'):
        form = edit_form(editor, path)
        edit(item, {**item.work.values, "summary": f"改 {base}"}, by=actor(site, "author"))
        transaction.commit()
        form["base"], form["title"] = base, "别的"
        assert "已被他人修改" in form.submit("save")
