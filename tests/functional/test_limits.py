"""How much is taken at once, and how often from one address."""

import dataclasses
from datetime import timedelta

import pytest
from webtest import TestApp, Upload

from egov.base import clock
from egov.web import limits
from egov.web.limits import Frequency


@pytest.fixture
def strict(wsgi):
    """An application that takes three forms a minute and 2,000 bytes, from who has not signed in 1,000."""
    registry = wsgi.registry
    registry.egov = dataclasses.replace(
        registry.egov, request_max_bytes=2000, anonymous_max_bytes=1000
    )
    registry.frequency = Frequency(3)
    return wsgi


def browser_at(wsgi, address):
    return TestApp(wsgi, extra_environ={"REMOTE_ADDR": address})


def send(browser, **more):
    form = browser.get("/login").forms[0]
    form["id"], form["password"] = more.get("id", "nobody"), "wrong"
    return form.submit(status="*")


def test_the_fourth_form_of_a_minute_waits_for_the_next(strict):
    start = clock.now().replace(second=0, microsecond=0)
    one, other = (browser_at(strict, f"10.0.0.{n}") for n in (1, 2))
    with clock.frozen(start):
        assert [send(one).status_int for _ in range(4)] == [200, 200, 200, 429]
        assert send(one).headers["Retry-After"] == "60"
        assert "请一分钟后再试" in send(one)
        assert send(other).status_int == 200
        assert all(one.get("/").status_int == 200 for _ in range(5))
    with clock.frozen(start + timedelta(minutes=1)):
        assert send(one).status_int == 200


def test_who_has_signed_in_is_not_counted(strict, sign_in):
    author = sign_in("author")
    token = author.get("/manage").forms[0]["csrf_token"].value
    for _ in range(5):
        sent = {"csrf_token": token, "lang": "en", "came_from": "/manage"}
        assert author.post("/language", sent).status_int == 302


def test_an_office_may_limit_all_that_one_address_asks(strict, sign_in):
    author, stranger = sign_in("author"), browser_at(strict, "10.0.0.9")
    strict.registry.all_requests = Frequency(5)
    with clock.frozen(clock.now().replace(second=0, microsecond=0)):
        asked = [author.get("/manage", status="*").status_int for _ in range(7)]
        assert asked == [200] * 5 + [429] * 2
        assert stranger.get("/login").status_int == 200


def test_what_is_too_large_is_not_read(strict, sign_in):
    assert send(browser_at(strict, "10.0.0.3"), id="x" * 1000).status_int == 413

    author = sign_in("author")
    page = author.get("/manage/finance/news/@@upload")
    form = next(f for f in page.forms.values() if "upload" in f.fields)
    form["upload"] = [Upload("a.txt", b"a" * 3000)]
    refused = form.submit(status=413)
    assert "请减少文件，分几次上传" in refused


def test_zero_means_no_limit_and_memory_is_bounded(monkeypatch):
    assert all(Frequency(0).allows("a") for _ in range(1000))

    monkeypatch.setattr(limits, "MOST_ADDRESSES", 10)
    frequency = Frequency(1)
    for number in range(100):
        assert frequency.allows(f"10.0.0.{number}")
    assert len(frequency._sent) <= 10
