"""Subscriptions over a real SMTP server: from the form to the letter and out, whatever the server answers."""

import re
import threading
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import transaction
from webtest import TestApp

from egov.base import clock
from egov.operations.jobs import run_jobs
from egov.operations.subscription_letters import MOST_FAILURES
from egov.operations.subscriptions import confirm, subscribe, subscriptions_of
from egov.operations.workflow import advance
from egov.security.principals import ANONYMOUS, SYSTEM_ACTOR
from egov.web.mail import sender_for
from tests.support.world import article

MORNING = datetime(2027, 3, 3, 8, 5, tzinfo=clock.OFFICE_ZONE)
DAY, BEFORE = timedelta(days=1), timedelta(hours=2)


@pytest.fixture
def work(database, wsgi, postbox):
    """Run the jobs at a moment; returns the recipients of the letters that arrived."""
    settings = wsgi.registry.egov = replace(
        wsgi.registry.egov,
        mail_host="127.0.0.1",
        mail_port=postbox.port,
        mail_sender="egov@example.cn",
        base_url="https://www.example.cn",
    )

    def run(at, processes=1):
        transaction.commit()
        before = len(postbox.letters)
        start = threading.Barrier(processes)

        def one():
            start.wait()
            run_jobs(database, settings, sender_for(settings))

        with clock.frozen(at):
            threads = [threading.Thread(target=one) for _n in range(processes)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        transaction.begin()
        return [to for recipients, *_rest in postbox.letters[before:] for to in recipients]

    return run


def publish(site, title, at):
    with clock.frozen(at):
        item = article(site, title=title)
        for step in ("submit", "approve", "publish"):
            advance(item, step, by=SYSTEM_ACTOR)
        transaction.commit()


def subscribed(site, *addresses):
    with clock.frozen(MORNING - 2 * DAY):
        for number, address in enumerate(addresses):
            subscribe(site["finance"], address, by=ANONYMOUS.at(f"192.0.2.{number}"))
            confirm(site, subscriptions_of(site).of_email(address)[0].token)
    transaction.commit()


def test_from_the_form_to_one_letter_and_out_by_one_click(site, app, work, postbox):
    with clock.frozen(MORNING - DAY):
        page = app.get("/finance/news/@@subscribe")
        form = next(f for f in page.forms.values() if "email" in f.fields)
        form["email"] = "li@example.com"
        form.submit()
    postbox.refuses = "451 try again later"
    assert work(MORNING - DAY) == []
    postbox.refuses = ""
    assert work(MORNING - DAY, processes=2) == ["li@example.com"]
    assert work(MORNING - DAY) == []
    (_to, subject, text) = postbox.letters[0]
    assert "请确认订阅" in subject
    where = re.search(r"https://www\.example\.cn(/@@subscription\?t=\S+)", text)[1]
    with clock.frozen(MORNING - DAY):
        app.get(where).forms[1].submit("do", value="confirm")
    publish(site, "新闻一", MORNING - BEFORE)

    postbox.refuses = "451 try again later"
    assert work(MORNING) == []
    postbox.refuses = ""
    assert work(MORNING + timedelta(minutes=10)) == []  # it is not asked every moment
    assert work(MORNING + timedelta(minutes=31), processes=2) == ["li@example.com"]
    assert work(MORNING + timedelta(hours=2)) == []
    letter = postbox.messages[-1]
    assert "新闻一" in letter.get_content()
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    out = letter["List-Unsubscribe"].strip(" <>").removeprefix("https://www.example.cn")
    # As a mail program does it: no cookies, no form.
    TestApp(app.app).post(out, {"List-Unsubscribe": "One-Click"}, status=200)
    transaction.begin()
    assert subscriptions_of(site).of_email("li@example.com") == []
    publish(site, "新闻二", MORNING + BEFORE)
    assert work(MORNING + DAY) == []


def test_a_server_that_is_away_for_a_week_costs_nobody_their_subscription(site, work, postbox):
    subscribed(site, "li@example.com", "wang@example.com")
    postbox.refuses = "421 closing"
    for days in range(MOST_FAILURES + 1):
        publish(site, f"第{days}天", MORNING + days * DAY - BEFORE)
        tried = postbox.tried
        assert work(MORNING + days * DAY) == []
        assert postbox.tried == tried + 1  # nobody else is tried
    postbox.refuses = ""
    late = MORNING + MOST_FAILURES * DAY + timedelta(hours=1)
    assert sorted(work(late)) == ["li@example.com", "wang@example.com"]
    assert all(f"第{days}天" in postbox.letters[0][2] for days in range(MOST_FAILURES + 1))


def test_who_is_refused_holds_up_nobody_and_is_forgotten_in_the_end(site, work, postbox):
    subscribed(site, "full@example.com", "gone@example.com", "li@example.com")
    postbox.refused = {"full@example.com": "452 mailbox full", "gone@example.com": "550 unknown"}
    publish(site, "新闻", MORNING - BEFORE)
    assert work(MORNING) == ["li@example.com"]
    tried = postbox.tried
    assert work(MORNING + timedelta(minutes=31)) == []
    assert postbox.tried == tried + 1  # the full one again, the unknown one tomorrow
    del postbox.refused["full@example.com"]
    assert work(MORNING + timedelta(hours=2)) == ["full@example.com"]
    assert work(MORNING + timedelta(hours=3)) == []

    for days in range(1, MOST_FAILURES):
        assert len(subscriptions_of(site).of_email("gone@example.com")) == 1
        for hours in (0, 1, 12):
            work(MORNING + days * DAY + timedelta(hours=hours))
    assert subscriptions_of(site).of_email("gone@example.com") == []
    assert len(subscriptions_of(site).of_email("li@example.com")) == 1
