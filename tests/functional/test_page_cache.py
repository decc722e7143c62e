"""Whole pages in memory: given out again only while nothing public has changed, and never to the wrong reader."""

from datetime import timedelta

import pytest
import transaction
from webtest import TestApp, TestRequest

from egov.base import clock
from egov.operations.containers import configure
from egov.operations.content import create, edit
from egov.operations.rights import grant, set_inheritance
from egov.operations.tree import delete, move, rename
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from egov.web.cache import PageCache
from tests.support.world import actor, article


@pytest.fixture
def counted(wsgi):
    """The number of requests that reached the router."""
    router, asked = wsgi.application, []

    def counting(environ, start_response):
        asked.append(environ["PATH_INFO"])
        return router(environ, start_response)

    wsgi.application = counting
    return asked


@pytest.fixture
def item(site):
    made = article(site, title="notice")
    for step, who in (("submit", "author"), ("approve", "reviewer"), ("publish", "publisher")):
        advance(made, step, by=actor(site, who))
    transaction.commit()
    return made


URL = "/finance/news/notice"


def test_a_second_visitor_s_page_comes_from_memory(wsgi, counted, item):
    pages = [TestApp(wsgi).get(URL) for _visit in range(3)]

    assert len(counted) == 1
    assert pages[0].body == pages[2].body
    assert (
        pages[0].headers["Content-Security-Policy"] == pages[2].headers["Content-Security-Policy"]
    )


@pytest.mark.parametrize("name", ["large", "elder"])
def test_no_address_stands_for_another_look_of_the_home_page(wsgi, site, name):
    create(site, "subsite", {"title": "别的子站"}, by=SYSTEM_ACTOR, name=name)
    transaction.commit()
    visitor = TestApp(wsgi, lint=False)

    # A raw request can leave out the first slash.
    told = visitor.do_request(TestRequest.blank("/", environ={"PATH_INFO": f"{name}/"}))
    home = visitor.get("/", headers={"Cookie": f"egov_look={name}"})

    assert "别的子站" in told.html.title.text
    assert "别的子站" not in home.html.title.text


def test_a_browser_that_has_the_page_is_told_so(wsgi, counted, item):
    etag = TestApp(wsgi).get(URL).headers["ETag"]

    answer = TestApp(wsgi).get(URL, headers={"If-None-Match": etag}, status=304)

    assert (answer.body, len(counted)) == (b"", 1)


def test_headers_alone_tell_no_tag_but_that_of_the_page(wsgi, counted, item):
    browser = TestApp(wsgi)
    alone = browser.head(URL)
    assert "ETag" not in alone.headers
    assert browser.head(URL, headers={"If-None-Match": '"a"'}).status_int == 200
    page = browser.get(URL)
    assert browser.head(URL).headers["ETag"] == page.headers["ETag"]
    assert browser.head(URL, headers={"If-None-Match": page.headers["ETag"]}).status_int == 304


@pytest.mark.parametrize("limit", [0, 1 << 20])
def test_the_time_of_the_last_change_will_do_too(limit, wsgi, database, item, site):
    app = TestApp(PageCache(wsgi.application, database, limit))
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        answer = app.get(URL)
        told = {"If-Modified-Since": answer.headers["Last-Modified"]}
        assert app.get(URL, headers=told, status=304).body == b""
        assert (
            app.get(URL, headers={"If-None-Match": answer.headers["ETag"]}, status=304).body == b""
        )
        app.get(URL, headers=told | {"If-None-Match": '"another"'}, status=200)
        for other in ("yesterday", "Thu, 01 Jan 1970 00:00:00 GMT"):
            app.get(URL, headers={"If-Modified-Since": other}, status=200)
    assert len(app.app._pages) == (1 if limit else 0)


def test_a_change_in_the_same_second_is_not_overlooked(wsgi, item, site):
    assert "Last-Modified" not in TestApp(wsgi).get(URL).headers


def test_work_on_a_draft_leaves_the_pages_in_memory(wsgi, counted, item, site):
    TestApp(wsgi).get(URL)
    edit(item, {**item.work.values, "title": "draft"}, by=actor(site, "author"))
    transaction.commit()

    assert "draft" not in TestApp(wsgi).get(URL)
    assert len(counted) == 1


CHANGES = {
    "withdraw": lambda site, item: advance(
        item, "withdraw", by=actor(site, "publisher"), comment="更正"
    ),
    "unpublish": lambda site, item: advance(
        item, "unpublish", by=actor(site, "publisher"), comment="更正"
    ),
    "rename": lambda site, item: rename(item, "other", by=SYSTEM_ACTOR),
    "move": lambda site, item: move(item, site["finance"]["notices"], by=SYSTEM_ACTOR),
    "delete": lambda site, item: delete(item, by=SYSTEM_ACTOR),
    "hide": lambda site, item: advance(site["finance"], "hide", by=SYSTEM_ACTOR),
    "close": lambda site, item: set_inheritance(site["finance"], False, by=SYSTEM_ACTOR),
    "configure": lambda site, item: configure(
        site["finance"]["news"], {"title": "新名称"}, by=SYSTEM_ACTOR
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_public_change_shows_at_once(change, wsgi, item, site):
    before = TestApp(wsgi).get(URL).body
    CHANGES[change](site, item)
    transaction.commit()

    after = TestApp(wsgi).get(URL, status="*")

    assert after.body != before


class Silent:
    """A storage that does not tell of what others have committed, as RelStorage before it is asked."""

    def __init__(self, database):
        self.open, self.storage = database.open, database.storage

    def lastTransaction(self):  # noqa: N802
        return b"always the same"


def test_where_the_storage_does_not_tell_it_is_asked_again_every_half_second(
    wsgi, database, item, site, monkeypatch
):
    seconds = [100.0]
    monkeypatch.setattr("egov.web.cache.monotonic", lambda: seconds[0])
    visitor = TestApp(PageCache(wsgi.application, Silent(database), 1 << 20))
    before = visitor.get(URL).body
    assert visitor.get(URL).body == before  # now the revision has been asked for
    CHANGES["configure"](site, item)
    transaction.commit()

    seconds[0] += 0.49
    assert visitor.get(URL).body == before
    seconds[0] += 0.02
    assert "新名称" in visitor.get(URL)


def test_what_an_editor_sees_is_kept_for_nobody(wsgi, counted, item, sign_in):
    assert "管理此页" in sign_in("editor").get(URL)

    assert "管理此页" not in TestApp(wsgi).get(URL)


def test_a_right_that_ends_ends_in_memory_too(wsgi, item, site):
    set_inheritance(site["finance"], False, by=SYSTEM_ACTOR)
    until = clock.now() + timedelta(hours=1)
    grant(site["finance"], "Everyone", "reader", by=SYSTEM_ACTOR, until=until)
    transaction.commit()
    TestApp(wsgi).get(URL)

    with clock.frozen(until + timedelta(seconds=1)):
        TestApp(wsgi).get(URL, status=404)


def test_a_page_with_a_secret_of_the_visitor_is_not_kept(wsgi, counted):
    for _visit in range(2):
        TestApp(wsgi).get("/login")

    assert counted == ["/login", "/login"]


def test_a_page_that_another_thread_forgets_meanwhile_is_answered_all_the_same(
    wsgi, counted, item, monkeypatch
):
    first, look = TestApp(wsgi).get(URL), wsgi._is_current

    def is_current(page):
        found = look(page)
        wsgi._pages.clear()  # who asked a moment later has seen that it is not current any more
        return found

    monkeypatch.setattr(wsgi, "_is_current", is_current)

    assert TestApp(wsgi).get(URL).body == first.body
    assert len(counted) == 1


def test_where_the_cache_cannot_look_the_application_answers(wsgi, counted, item, monkeypatch):
    first = TestApp(wsgi).get(URL)

    def fail():
        raise RuntimeError("odd")

    monkeypatch.setattr(wsgi, "_revision", fail)

    assert TestApp(wsgi).get(URL).body == first.body
    assert len(counted) == 2


def test_memory_is_bounded(wsgi, database, item):
    small = PageCache(wsgi.application, database, limit=20_000)
    for number in range(20):
        TestApp(small).get(f"{URL}?n={number}")

    assert 0 < small._size <= 20_000
    assert sum(len(page.body) for page in small._pages.values()) == small._size
