"""With a host of their own for files: what everybody may have comes from there, and nothing else does."""

import pytest
import transaction
from webtest import TestApp

from egov.model.files import StoredFile
from egov.operations.content import edit
from tests.functional.test_file_serving import TABLE, picture, with_file
from tests.support import world
from tests.support.world import PASSWORD, actor

HOST = "files.test"


@pytest.fixture
def app(database, site):
    return TestApp(
        world.application(database, {"egov.media_host": HOST, "egov.page_cache_mb": "1"})
    )


def on(app, path, host=HOST, **kwargs):
    return app.get(path, extra_environ={"HTTP_HOST": host}, **kwargs)


def signed_in(app, who):
    form = app.get("/login").forms[0]
    form["id"], form["password"] = who, PASSWORD
    form.submit()
    return app


@pytest.mark.parametrize("who", ["", "author"])
def test_what_is_public_is_led_to_its_host_and_comes_from_there(app, site, who):
    _item, url = with_file(site)
    browser = signed_in(app, who) if who else app

    assert browser.get(url, status=302).location == f"http://{HOST}{url}"

    answer = on(browser, url)
    assert answer.body == TABLE
    assert "Set-Cookie" not in answer.headers
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_draft_s_file_stays_where_the_session_is(app, site):
    _item, url = with_file(site, "draft")
    app.get(url, status=404)
    author = signed_in(app, "author")

    assert author.get(url).body == TABLE
    on(author, url, status=404)  # although the browser would send its cookie


def test_a_file_of_the_new_draft_of_what_is_public_stays_too(app, site):
    item, _old = with_file(site)
    new = StoredFile(b"a,b\n", "新.csv", "text/csv")
    edit(item, {**item.work.values, "attachments": (new,)}, by=actor(site, "author"))
    transaction.commit()
    url = f"/-/file/{item.uid}/{new.id}/x.csv"

    assert signed_in(app, "author").get(url).body == b"a,b\n"
    preview = f"/-/preview/i{item.uid}{url}"
    assert app.get(preview).body == b"a,b\n"
    on(app, url, status=404)
    on(app, preview, status=404)


def test_pictures_go_the_same_way_and_pages_may_show_them(app, site):
    _item, url = with_file(site, file=StoredFile(picture(), "图.png", "image/png"))

    assert app.get(url, status=302).location == f"http://{HOST}{url}"
    assert on(app, url).content_type == "image/png"
    policy = app.get("/finance").headers["Content-Security-Policy"]
    assert f"img-src 'self' {HOST} data:" in policy
    assert HOST not in policy.replace("img-src 'self' " + HOST, "")


@pytest.mark.parametrize(
    "path",
    ["/", "/finance", "/login", "/manage", "/static/web/icon.svg", "/-/health", "//-/file/1/a/b"],
)
def test_nothing_else_is_on_the_host_of_files(app, path):
    app.get("/", status=200)  # a page kept in memory is no page there

    on(app, path, status=404)


def test_nothing_is_sent_to_the_host_of_files(app, site):
    _item, url = with_file(site)

    app.post(url, extra_environ={"HTTP_HOST": HOST}, status=404)
    app.post("/login", {"id": "author"}, extra_environ={"HTTP_HOST": HOST.upper()}, status=404)


def test_without_the_setting_files_come_from_here(database, site):
    _item, url = with_file(site)

    assert TestApp(world.application(database, {})).get(url).body == TABLE
