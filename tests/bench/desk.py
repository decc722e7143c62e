"""The editorial desk: what a person at it waits for."""

from __future__ import annotations

import random

import transaction
from webtest import TestApp

from egov.app import configure
from egov.base.reading import readable
from egov.history.diff import diff_rows
from egov.operations.content import create, edit
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.bench.figures import p95
from tests.support import world

WAITING = 10_000
_SIGNS = "为方便群众和企业办事现将有关安排公告如下请相互转告关于调整部分公交线路走向的通知"


def body(chance, size=50_000):
    """A text of about so many bytes in paragraphs of four sentences."""
    paragraphs, length = [], 0
    while length < size:
        text = "".join("".join(chance.choices(_SIGNS, k=40)) + "。" for _number in range(4))
        paragraphs.append(f"<p>{text}</p>")
        length += len(text.encode()) + 7
    return "".join(paragraphs)


def differing(chance, text, changes=400):
    """The text with single signs changed."""
    signs = list(text)
    for _number in range(changes):
        at = chance.randrange(len(signs))
        if signs[at] not in "<p>/":
            signs[at] = chance.choice(_SIGNS)
    return "".join(signs)


def signed_in(router, user):
    """A browser of a person."""
    browser = TestApp(router)
    form = browser.get("/login").forms[0]
    form["id"], form["password"] = user, world.PASSWORD
    form.submit()
    return browser


def autosaving(browser, path):
    """One round trip of what a form sends half a second after the last key; each changes the text."""
    form = browser.get(f"{path}/@@edit").forms["edit"]
    fields = {n: v for n, v in form.submit_fields() if isinstance(v, str)}
    turn = 0

    def once():
        nonlocal turn
        turn += 1
        fields["summary"] = f"第{turn}次"
        answer = browser.post(f"{path}/@@autosave", fields).json
        fields["version"], fields["base"] = answer["version"], answer["base"]

    return once


def measure(folder, settings_of):
    """The figures, as (name, figure, budget, kept)."""
    router = configure(settings_of(folder), create=True).make_wsgi_app()
    connection = router.registry._zodb_databases[""].open()
    site = world.build(connection.root())
    chance = random.Random(1)
    author = world.actor(site, "author")
    text = body(chance)
    for number in range(WAITING):
        values = {"title": f"第{number}号", "body": "<p>正文。</p>", "source": "局"}
        place = site["finance"][("news", "notices")[number % 2]]
        advance(create(place, "article", values, by=author, name=f"w{number}"), "submit", by=author)
        if number % 500 == 499:
            transaction.commit()
    values = {"title": "五万字节", "body": text, "source": "局"}
    item = create(site["finance"]["news"], "article", values, by=author, name="long")
    for step in ("submit", "approve", "publish"):
        advance(item, step, by=SYSTEM_ACTOR)
    edit(item, {**values, "body": differing(chance, text)}, by=author)
    transaction.commit()

    writer, reviewer = signed_in(router, "author"), signed_in(router, "reviewer")
    long = "/manage/finance/news/long"
    old, new = readable(text), readable(item.work.values["body"])
    other = readable(body(chance))
    figures = (
        ("autosave round trip (50 KB)", autosaving(writer, long), 100),
        ("opening the edit form (50 KB)", lambda: writer.get(f"{long}/@@edit"), 150),
        ("inbox of 10,000", lambda: reviewer.get("/manage/@@inbox"), 100),
        ("inbox of 10,000, of an author with none", lambda: reviewer.get("/manage/@@inbox?who=editor"), 100),
        ("diff of two 50 KB bodies, 400 changes", lambda: diff_rows(old, new), 200),
        ("diff of two 50 KB bodies, nothing alike", lambda: diff_rows(old, other), 200),
        ("page that compares them", lambda: reviewer.get(f"{long}/@@compare?a=1&b=2"), 200),
        ("presence", lambda: writer.get(f"{long}/@@presence?window=w"), 100),
        ("live checks (50 KB)", lambda: writer.get(f"{long}/@@checks"), 100),
    )  # fmt: skip
    for name, call, budget in figures:
        call()
        spent = p95(call)
        yield f"desk: {name}, p95 ms", f"{spent:.0f}", f"≤ {budget}", spent <= budget
    transaction.abort()
    connection.close()
