"""Journeys through the pages, as people make them."""

import transaction

from egov.operations.workflow import advance
from tests.support.world import actor, article

NEWS = "/manage/finance/news"


def write(browser, title, where=NEWS):
    form = browser.get(f"{where}/@@add?type=article").forms[1]
    form["title"], form["body"], form["source"] = (
        title,
        "<p>正文<script>alert(1)</script></p>",
        "市财政局",
    )
    return form.submit("submit").follow()


def decide(browser, url, step, comment=""):
    form = next(f for f in browser.get(url).forms.values() if "comment" in f.fields)
    form["comment"] = comment
    return form.submit("step", value=step)


def test_from_the_writer_by_the_reviewer_to_the_public(app, sign_in):
    author, reviewer, publisher = sign_in("author"), sign_in("reviewer"), sign_in("publisher")
    page = write(author, "Water supply notice")
    assert "待审核" in page
    url = f"{NEWS}/water-supply-notice"
    assert "Water supply notice" in reviewer.get("/manage/@@inbox")

    assert "请写明" in decide(reviewer, url, "return")
    decide(reviewer, url, "return", "请补充起止时间").follow()
    assert "请补充起止时间" in author.get("/manage")

    form = author.get(f"{url}/@@edit").forms[1]
    form["body"] = "<p>自周一起。</p>"
    form.submit("submit").follow()
    decide(reviewer, url, "approve").follow()
    app.get("/finance/news/water-supply-notice", status=404)
    decide(publisher, url, "publish").follow()

    page = app.get("/finance/news/water-supply-notice")
    assert "自周一起。" in page
    assert "<script>alert" not in page
    assert "Water supply notice" in app.get("/finance/news")


def test_a_department_s_editor_finds_nothing_in_another_department(sign_in, site):
    editor = sign_in("editor")

    hidden = editor.get("/manage/health/news", status=404)
    missing = editor.get("/manage/health/no-such-place", status=404)

    assert hidden.body == missing.body
    transaction.begin()
    assert next(site.audit.newest()).outcome == "refused"
    assert site.audit.verify().is_sound


def test_a_renamed_section_s_old_addresses_lead_on(app, sign_in, site):
    item = article(site)
    for step, who in (("submit", "author"), ("approve", "reviewer"), ("publish", "publisher")):
        advance(item, step, by=actor(site, who))
    transaction.commit()
    form = sign_in("manager").get(f"{NEWS}/@@arrange").forms[1]
    form["name"] = "xinwen"
    form.submit().follow()

    moved = app.get(f"/finance/news/{item.__name__}?x=1", status=301)

    assert moved.location.endswith(f"/finance/xinwen/{item.__name__}?x=1")
    assert app.get(moved.location).status_int == 200


def test_what_was_unpublished_is_gone(app, site):
    item = article(site)
    for step, who in (("submit", "author"), ("approve", "reviewer"), ("publish", "publisher")):
        advance(item, step, by=actor(site, who))
    advance(item, "unpublish", by=actor(site, "publisher"), comment="有误")
    transaction.commit()

    app.get(f"/finance/news/{item.__name__}", status=410)


def test_a_change_without_its_token_changes_nothing(sign_in, site):
    item = article(site)
    transaction.commit()

    sign_in("manager").post(f"{NEWS}/{item.__name__}/@@delete", status=400)

    transaction.begin()
    assert item.__name__ in site["finance"]["news"]


def test_five_wrong_passwords_lock_the_account(app):
    for _attempt in range(5):
        form = app.get("/login").forms[0]
        form["id"], form["password"] = "author", "wrong"
        assert "用户名或密码不对" in form.submit()
    form = app.get("/login").forms[0]
    form["id"], form["password"] = "author", "Right-Horse-7"

    assert "登录失败次数过多" in form.submit()


def test_a_session_that_was_ended_opens_nothing(sign_in, site):
    author = sign_in("author")
    transaction.begin()
    for session in site.sessions.of_user("author"):
        site.sessions.end(session)
    transaction.commit()

    assert author.get("/manage", status=302).location.endswith("/login?came_from=/manage")


def test_came_from_never_leaves_the_site(app):
    for target in ("https://example.org/", "//example.org", "/\\example.org"):
        form = app.get("/login", params={"came_from": target}).forms[0]
        assert form["came_from"].value == "/manage"


def test_somebody_else_s_change_in_between_is_told(sign_in, site):
    item = article(site)
    transaction.commit()
    first = sign_in("author").get(f"{NEWS}/{item.__name__}/@@edit").forms[1]
    other = sign_in("editor").get(f"{NEWS}/{item.__name__}/@@edit").forms[1]
    other["title"] = "另一个标题"
    other.submit("save").follow()
    first["title"] = "我的标题"

    page = first.submit("save")

    assert "已被他人修改" in page
    assert "我的标题" in page
    transaction.begin()
    assert item.title == "另一个标题"
