"""A form that was sent after its session had ended comes back to the same person, filled in, and to nobody else."""

import dataclasses
from datetime import timedelta

import pytest
import transaction
import webtest
from webtest import TestApp

from egov.base import clock
from egov.base.settings import Settings
from egov.model.kept_forms import MOST, KeptForm, KeptForms
from egov.operations.content import edit
from egov.operations.jobs import run_jobs
from egov.operations.workflow import advance
from egov.web import kept_forms
from tests.support.world import PASSWORD, actor, article

NEWS = "/manage/finance/news"


@pytest.fixture
def item(site):
    made = article(site, title="甲")
    transaction.commit()
    return made


@pytest.fixture
def later():
    """Later than any session is idle."""
    return clock.now() + timedelta(minutes=45)


def signs_in(browser, page, user_id):
    form = page.forms[0]
    form["id"], form["password"] = user_id, PASSWORD
    return form.submit(status=302)


def kept(site):
    transaction.begin()
    found = site.registers.get("kept_forms")
    return [] if found is None else list(found._kept.items())


def sent_late(browser, form, later, name="save"):
    """What a person sees who sends a form when the session has run out."""
    with clock.frozen(later):
        answer = form.submit(name, status=302)
        assert "/login?kept=1&came_from=" in answer.location
        return answer.follow()


def test_an_edit_form_comes_back_filled_in_and_is_saved_then(site, item, sign_in, later):
    author = sign_in("author")
    form = author.get(f"{NEWS}/{item.__name__}/@@edit").forms["edit"]
    form["title"], form["summary"] = "改过的标题", "一段摘要"

    login = sent_late(author, form, later)
    assert "您刚才填写的内容已经保留" in login
    with clock.frozen(later):
        page = signs_in(author, login, "author").follow()
        assert page.request.path == f"{NEWS}/{item.__name__}/@@edit"
        again = page.forms["edit"]
        assert (again["title"].value, again["summary"].value) == ("改过的标题", "一段摘要")
        assert "还没有保存" in page
        assert again["csrf_token"].value != form["csrf_token"].value
        assert again["version"].value == form["version"].value
        transaction.begin()
        assert item.work.values["title"] == "甲"  # nothing was done by itself

        again.submit("save").follow()
    transaction.begin()
    assert item.work.values["title"] == "改过的标题"
    assert kept(site) == []
    with clock.frozen(later):
        assert "还没有保存" not in author.get(f"{NEWS}/{item.__name__}/@@edit")


def test_a_new_text_comes_back_and_is_made_once(site, sign_in, later):
    author = sign_in("author")
    form = author.get(f"{NEWS}/@@add?type=article").forms["edit"]
    form["title"], form["body"] = "新的通知", "<p>正文。</p>"

    login = sent_late(author, form, later)
    with clock.frozen(later):
        again = signs_in(author, login, "author").follow().forms["edit"]
        assert (again["title"].value, again["form"].value) == ("新的通知", form["form"].value)
        again.submit("save")
        again.submit("save")
    transaction.begin()
    assert [n.title for n in site["finance"]["news"].values_in_order()] == ["新的通知"]


def test_what_somebody_else_changed_meanwhile_is_merged_as_ever(site, item, sign_in, later):
    author = sign_in("author")
    form = author.get(f"{NEWS}/{item.__name__}/@@edit").forms["edit"]
    form["title"] = "我的标题"
    login = sent_late(author, form, later)
    edit(item, item.work.values | {"title": "编辑的标题"}, by=actor(site, "editor"))
    transaction.commit()
    with clock.frozen(later):
        again = signs_in(author, login, "author").follow().forms["edit"]
        assert again["title"].value == "我的标题"
        assert "两人都改了的内容" in again.submit("save")
    transaction.begin()
    assert item.work.values["title"] == "编辑的标题"


def test_another_person_who_signs_in_sees_nothing_of_it(site, item, sign_in, later):
    author = sign_in("author")
    form = author.get(f"{NEWS}/{item.__name__}/@@edit").forms["edit"]
    form["title"] = "只有我知道"
    login = sent_late(author, form, later)
    with clock.frozen(later):
        page = signs_in(author, login, "editor").follow()
        assert "只有我知道" not in page
        assert "没有需要找回的内容" in author.get("/manage/@@resume").follow()
        mine = sign_in("author").get(f"{NEWS}/{item.__name__}/@@edit")
    assert "只有我知道" in mine  # also at another browser


def test_a_remark_or_a_decision_is_sent_again_from_a_page_of_its_own(site, item, sign_in, later):
    advance(item, "submit", by=actor(site, "author"))
    transaction.commit()
    reviewer = sign_in("reviewer")
    page = reviewer.get(f"{NEWS}/{item.__name__}")
    form = next(f for f in page.forms.values() if f.action.endswith("@@step"))
    form["comment"] = "请补充数据\n和来源"
    with clock.frozen(later):
        answer = form.submit("step", value="return", status=302)
        page = signs_in(reviewer, answer.follow(), "reviewer").follow()
        assert page.request.path == "/manage/@@resume"
        again = page.forms[1]
        assert again["comment"].value == "请补充数据\n和来源"
        assert page.html.main.find("a", string="甲")["href"] == f"{NEWS}/{item.__name__}"
        transaction.begin()
        assert item.state == "pending"
        again["comment"] = "请补充数据"
        again.submit().follow()
    transaction.begin()
    assert item.state == "returned"
    assert item.opinions[-1].comment == "请补充数据"
    assert kept(site) == []


def sent_with_files(author, item, later, *files, title="带附件"):
    """The form as it comes back after it was sent with files when the session had run out."""
    path = f"{NEWS}/{item.__name__}/@@edit"
    fields = author.get(path).forms["edit"].submit_fields("save")
    at = next(n for n, (name, value) in enumerate(fields) if value == "attachments:sequence")
    fields = [(name, title if name == "title" else value) for name, value in fields]
    fields = [
        field for n, field in enumerate(fields) if n <= at or field[0] != "upload" or n > at + 1
    ]
    parts = [("upload", webtest.Upload(*file)) for file in files]
    whole = [*fields[: at + 1], *parts, *fields[at + 1 :]]
    with clock.frozen(later):
        answer = author.post(path, whole, content_type="multipart/form-data", status=302)
        return signs_in(author, answer.follow(), "author").follow()


def test_files_come_back_with_the_form_and_are_saved_with_it(site, item, sign_in, later):
    author = sign_in("author")
    page = sent_with_files(
        author, item, later, ("甲.txt", b"words", "text/plain"), ("b.txt", b"more", "text/plain")
    )
    assert "甲.txt" in page.html.select_one("#edit ul.kept").text
    assert "没有保留" not in page
    with clock.frozen(later):
        assert len(author.get(page.request.path).html.select("#edit ul.kept li")) == 2
        page.forms["edit"].submit("save").follow()
    transaction.begin()
    files = item.work.values["attachments"]
    assert [(f.filename, f.size) for f in files] == [
        ("甲.txt", 5),
        ("b.txt", 4),
    ]
    assert kept(site) == []


def test_more_than_an_anonymous_visitor_may_send_is_kept_too(site, item, wsgi, sign_in, later):
    wsgi.registry.egov = dataclasses.replace(wsgi.registry.egov, anonymous_max_bytes=2_000)
    author = sign_in("author")
    big = ("big.txt", b"x" * 5_000, "text/plain")
    assert (
        "big.txt" in sent_with_files(author, item, later, big).html.select_one("#edit ul.kept").text
    )


def test_files_that_find_no_room_are_told_by_name(site, item, wsgi, sign_in, later, monkeypatch):
    wsgi.registry.egov = dataclasses.replace(wsgi.registry.egov, upload_max_bytes=10)
    page = sent_with_files(
        sign_in("author"), item, later, ("a.txt", b"12345678", "text/plain"),
        ("太大.txt", b"345", "text/plain"), ("坏.exe", b"3", "text/plain"),
    )  # fmt: skip
    told = page.html.select_one(".alert-info").text
    assert "太大.txt、坏.exe" in told
    assert "a.txt" not in told
    assert [li["data-name"] for li in page.html.select("#edit ul.kept li")] == ["a.txt"]


def test_where_the_disk_is_full_the_words_are_kept_without_the_files(
    site, item, sign_in, later, monkeypatch
):
    def full(*_args, **_kw):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kept_forms, "accept_upload", full)
    page = sent_with_files(sign_in("author"), item, later, ("a.txt", b"w", "text/plain"))
    assert "a.txt" in page.html.select_one(".alert-info").text
    assert page.forms["edit"]["title"].value == "带附件"


def refused(browser, path, fields, later):
    with clock.frozen(later):
        return browser.post(path, fields, status=302)


def test_nothing_is_kept_without_the_token_of_the_session_or_its_cookie(
    site, item, sign_in, wsgi, later
):
    author = sign_in("author")
    path = f"{NEWS}/{item.__name__}/@@edit"
    token = author.get(path).forms["edit"]["csrf_token"].value
    for browser, fields in (
        (author, {"title": "外站塞进来的"}),
        (author, {"title": "外站塞进来的", "csrf_token": "猜的"}),
        (TestApp(wsgi), {"title": "陌生人", "csrf_token": token}),
    ):
        answer = refused(browser, path, fields, later)
        assert "kept=1" not in answer.location
    assert kept(site) == []


def test_nothing_is_kept_of_an_account_that_is_closed_or_signed_out(site, item, sign_in, later):
    path = f"{NEWS}/{item.__name__}/@@edit"
    author = sign_in("author")
    page = author.get(path)
    token = page.forms["edit"]["csrf_token"].value
    transaction.begin()
    site.directory.user("author").disabled = True
    transaction.commit()
    assert (
        "kept=1" not in refused(author, path, {"title": "x", "csrf_token": token}, later).location
    )
    transaction.begin()
    site.directory.user("author").disabled = False
    transaction.commit()
    cookie = author.cookies["egov_session"]
    author.post("/logout", {"csrf_token": token})
    author.set_cookie("egov_session", cookie)
    assert (
        "kept=1" not in refused(author, path, {"title": "x", "csrf_token": token}, later).location
    )
    assert kept(site) == []


@pytest.mark.parametrize("path", ["/manage/@@account", "/manage/@@confirm", "/manage/@@users"])
def test_no_form_with_a_password_is_kept(site, sign_in, later, path):
    admin = sign_in("system-admin")
    token = admin.get("/manage").html.find("input", {"name": "csrf_token"})["value"]
    fields = {"csrf_token": token, "password": "Secret-Horse-9", "old": PASSWORD, "again": "x"}
    assert "kept=1" not in refused(admin, path, fields, later).location
    assert kept(site) == []


def test_what_is_too_much_is_not_kept(site, item, sign_in, later, monkeypatch):
    monkeypatch.setattr(kept_forms, "MOST_CHARACTERS", 100)
    author = sign_in("author")
    form = author.get(f"{NEWS}/{item.__name__}/@@edit").forms["edit"]
    form["body"] = "字" * 200
    with clock.frozen(later):
        assert "kept=1" not in form.submit("save", status=302).location
    assert kept(site) == []


def test_what_is_kept_never_stands_in_an_address_and_ends_by_itself(
    site, item, database, sign_in, later
):
    author = sign_in("author")
    form = author.get(f"{NEWS}/{item.__name__}/@@edit").forms["edit"]
    form["title"] = "机密标题"
    with clock.frozen(later):
        answer = form.submit("save", status=302)
        assert "机密" not in answer.location
        assert "%E6%9C%BA" not in answer.location
        login = answer.follow()
    after = later + timedelta(hours=2, minutes=1)
    with clock.frozen(after):
        page = signs_in(author, login, "author").follow()
        assert "机密标题" not in page
        assert len(kept(site)) == 1
        run_jobs(database, Settings())
    assert kept(site) == []


def test_of_each_person_only_the_newest_few_are_kept():
    forms, start = KeptForms(), clock.now()
    for number in range(MOST + 3):
        at = start + timedelta(seconds=number)
        forms.add("author", KeptForm(f"/manage/{number}", "edit", (), (), at))
    forms.add("autho", KeptForm("/manage/other", "edit", (), (), start))
    found = [form.path for form in forms.newest("author", start)]
    assert found == [f"/manage/{number}" for number in range(MOST + 2, 2, -1)]
    forms.add("author", KeptForm("/manage/7", "edit", (("a", "b"),), (), start))
    assert [f.path for f in forms.newest("author", start)].count("/manage/7") == 1


def test_who_has_signed_in_anew_in_another_window_gets_the_form_of_the_old_one_back(
    site, item, sign_in, later
):
    author = sign_in("author")
    form = author.get(f"{NEWS}/{item.__name__}/@@edit").forms["edit"]
    form["title"] = "旧窗口里的标题"
    with clock.frozen(later):
        signs_in(author, author.get("/login"), "author")
        page = form.submit("save", status=302).follow()
        assert page.forms["edit"]["title"].value == "旧窗口里的标题"
        assert "还没有保存" in page
        page.forms["edit"].submit("save", status=302)
    transaction.begin()
    assert item.work.values["title"] == "旧窗口里的标题"


def test_an_old_window_of_somebody_else_tells_the_next_person_nothing(site, item, sign_in, later):
    author = sign_in("author")
    form = author.get(f"{NEWS}/{item.__name__}/@@edit").forms["edit"]
    form["title"] = "只有我知道"
    with clock.frozen(later):
        signs_in(author, author.get("/login"), "editor")
        assert "页面已过期" in form.submit("save", status=400)
        form["csrf_token"] = "猜的"
        form.submit("save", status=400)
    assert kept(site) == []
