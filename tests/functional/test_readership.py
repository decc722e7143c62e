"""Visits and answers: counted right with the page cache in front, by people only, and nothing of who it was."""

from datetime import timedelta
from threading import Thread

import pytest
import transaction
from transaction import TransactionManager
from webtest import TestApp

from egov.base import clock
from egov.features.readership.counting import note_counts
from egov.features.readership.register import (
    BELOW,
    KEPT_DAYS,
    SEEN,
    Readership,
    most_read,
    opinions,
    readership_of,
)
from egov.features.readership.voting import Heard
from egov.operations.setup import ROOT_KEY
from egov.operations.tree import move
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from egov.web.visits import is_machine
from tests.support.world import article

PERSON = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


@pytest.fixture
def item(site):
    made = article(site, title="收费标准")
    for step in ("submit", "approve", "publish"):
        advance(made, step, by=SYSTEM_ACTOR)
    transaction.commit()
    return made


@pytest.fixture
def url(item):
    return f"/finance/news/{item.__name__}"


def noted(wsgi, site):
    note_counts(wsgi.registry)
    transaction.begin()
    return readership_of(site)


def seen(wsgi, site, node, what=SEEN):
    return noted(wsgi, site).of_day(clock.today(), what, node.uid)


def test_visits_are_counted_from_memory_and_made_anew(wsgi, site, item, url, sign_in):
    for _visit in range(3):
        TestApp(wsgi).get(url, headers=PERSON)
    etag = TestApp(wsgi).get(url, headers=PERSON).headers["ETag"]
    TestApp(wsgi).get(url, headers=PERSON | {"If-None-Match": etag}, status=304)
    sign_in("editor").get(url, headers=PERSON)
    for agent in ("curl/8", "Mozilla/5.0 (compatible; Baiduspider/2.0)", ""):
        TestApp(wsgi).get(url, headers={"User-Agent": agent})
    TestApp(wsgi).get(url, headers=PERSON | {"Sec-Purpose": "prefetch"})
    TestApp(wsgi).head(url, headers=PERSON)
    TestApp(wsgi).get("/@@search?q=x", headers=PERSON)
    TestApp(wsgi).get("/nowhere", headers=PERSON, status=404)

    assert seen(wsgi, site, item) == 5
    for place in (site["finance"]["news"], site["finance"], site):
        assert seen(wsgi, site, place, BELOW) == 5
    assert seen(wsgi, site, site["health"], BELOW) == 0
    move(item, site["health"]["news"], by=SYSTEM_ACTOR)
    transaction.commit()
    assert seen(wsgi, site, item) == 5


def test_a_name_of_a_browser():
    people = (
        "Mozilla/5.0 (Linux; Android 14; CUBOT P80) AppleWebKit/537.36 Chrome/130 Mobile MicroMessenger/8.0",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 baiduboxapp/13",
        "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 QQBrowser/13",
    )
    assert not any(map(is_machine, people))
    assert all(map(is_machine, ("", "python-requests/2", "Mozilla/5.0 HeadlessChrome/130")))


def test_many_processes_write_at_once_and_nothing_is_lost(database, site, item):
    day, path = clock.today().isoformat(), f"/finance/news/{item.__name__}"
    readership_of(site)
    transaction.commit()

    def process(strand):
        manager = TransactionManager()
        connection = database.open(manager)
        for _turn in range(5):
            for attempt in manager.attempts(10):
                with attempt:
                    mine = connection.root()[ROOT_KEY]
                    readership_of(mine).note(mine, strand, {(day, SEEN, path): 3})
        connection.close()

    threads = [Thread(target=process, args=(f"p{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    transaction.begin()
    assert readership_of(site).of_day(clock.today(), SEEN, item.uid) == 60


def test_days_are_added_up_and_forgotten(site, item):
    tallies = Readership()
    today, path = clock.today(), f"/finance/news/{item.__name__}"
    for days in (0, 1, KEPT_DAYS + 1):
        for strand in ("a", "b"):
            day = (today - timedelta(days=days)).isoformat()
            tallies.note(site, strand, {(day, SEEN, path): 2, (day, "nonsense", path): 2})
    tallies.settle(today)
    tallies.settle(today)
    of_day = [
        tallies.of_day(today - timedelta(days=d), SEEN, item.uid) for d in (0, 1, KEPT_DAYS + 1)
    ]
    assert of_day == [4, 4, 0]
    months = tallies.months()
    assert sum(tallies.of_month(month, SEEN)[item.uid] for month in months) == 12


def test_what_cannot_be_noted_is_kept(wsgi, site, item, url, monkeypatch):
    TestApp(wsgi).get(url, headers=PERSON)

    def fails(*_args):
        raise OSError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(Readership, "note", fails)
        with pytest.raises(OSError, match="disk full"):
            note_counts(wsgi.registry)
    assert seen(wsgi, site, item) == 1


@pytest.fixture
def reader(wsgi, monkeypatch):
    monkeypatch.setattr("egov.features.readership.voting._heard", Heard())
    return TestApp(wsgi, extra_environ={"HTTP_USER_AGENT": PERSON["User-Agent"]})


def test_an_answer_by_one_button_and_a_reason(wsgi, site, item, url, reader, sign_in):
    form = next(f for f in reader.get(url).forms.values() if f.action == "/@@useful")
    said = form.submit("said", value="no").follow()
    assert "谢谢您的评价" in said
    why = next(f for f in said.forms.values() if f.action == "/@@useful")
    why["said"] = "old"
    assert "谢谢您的评价" in why.submit().follow()
    form.submit("said", value="no")  # once more: not counted
    noted(wsgi, site)
    month = clock.today().isoformat()[:7]
    assert opinions(site, site["finance"], month) == {item.uid: {"no": 1, "old": 1}}
    assert opinions(site, site["health"], month) == {}
    page = sign_in("editor").get("/manage/finance/@@readership")
    assert "收费标准" in page
    assert "内容过时了 1" in page
    assert most_read(site, site["finance"], month, 5) == [(item, 1)]
    table = sign_in("editor").get("/manage/finance/@@readership?format=csv")
    assert "收费标准" in table.text
    sign_in("outsider").get("/manage/finance/@@readership", status=404)


def test_floods_machines_and_other_sites_do_not_count(wsgi, site, item, url, reader):
    sent = {"at": url, "said": "yes"}
    reader.post("/@@useful", sent, headers={"Sec-Fetch-Site": "cross-site"}, status=400)
    reader.post("/@@useful", sent, headers={"Origin": "https://evil.example"}, status=400)
    reader.post("/@@useful", {"at": url, "said": "<b>"}, status=400)
    reader.post("/@@useful", {"at": "/nowhere", "said": "yes"}, status=404)
    TestApp(wsgi).post("/@@useful", sent, headers={"User-Agent": "curl/8"})
    assert noted(wsgi, site).of_month(clock.today().isoformat()[:7], "yes") == {}
    heard = Heard()
    assert sum(heard.counts("192.0.2.1", f"/{n}", "yes") for n in range(500)) == 60
    assert heard.counts("192.0.2.2", "/1", "yes")


def test_nothing_about_a_person_is_kept(wsgi, site, item, url, reader):
    reader.post(
        "/@@useful", {"at": url, "said": "yes"}, extra_environ={"REMOTE_ADDR": "192.0.2.77"}
    )
    counts = wsgi.registry.visits.take()
    assert "192.0.2.77" not in repr(counts)
    assert "Firefox" not in repr(counts)
    assert "set-cookie" not in {name.lower() for name in reader.get(url).headers}
