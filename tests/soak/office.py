"""An office for load: writers, some with a reviewer after them; people at work who keep a log outside.

python -m tests.soak.office COUNT      adds them to the database of EGOV_CONFIG
"""

from __future__ import annotations

import sys
import threading
from dataclasses import dataclass, field
from http.client import HTTPException
from time import monotonic, sleep
from typing import NamedTuple

from egov.cli.database import open_site
from egov.operations.accounts import add_user
from egov.operations.containers import set_workflow
from egov.operations.content import create
from egov.operations.rights import grant
from egov.security.principals import SYSTEM_ACTOR
from tests.support.uploads import upload
from tests.support.world import PASSWORD

AWAY = {503}  # what the site answers while its database is away
NOTHING = (OSError, HTTPException)  # a server that is just being killed


REVIEWED = "reviewed"  # the section where one writes and another decides
SHOWS = 1  # seconds until a visitor sees in every process what was published in another
WITH_A_FILE = 3  # every so many articles come with one


def fill(site, count: int) -> None:
    """So many writers, who publish directly in their own sections of one department; one more, whom one reviews."""
    department = create(site, "subsite", {"title": "市试验局"}, by=SYSTEM_ACTOR, name="trial")
    for number in range(count):
        section = create(
            department, "section", {"title": f"栏目 {number}"}, by=SYSTEM_ACTOR, name=f"s{number}"
        )
        set_workflow(section, "article", "direct", by=SYSTEM_ACTOR)
        add_user(site, f"w{number}", f"写手{number}", PASSWORD, by=SYSTEM_ACTOR)
        grant(section, f"user:w{number}", "editor", by=SYSTEM_ACTOR)
    section = create(department, "section", {"title": "须审核"}, by=SYSTEM_ACTOR, name=REVIEWED)
    for user, roles in (("author", ["author"]), ("decider", ["reviewer", "publisher"])):
        add_user(site, user, user, PASSWORD, by=SYSTEM_ACTOR)
        for role in roles:
            grant(section, f"user:{user}", role, by=SYSTEM_ACTOR)


class Answer(NamedTuple):
    """What a client got, and when it had asked for it."""

    asked: float
    at: float
    status: int  # 0: nothing


@dataclass
class Log:
    """What clients saw, kept outside of what is tried."""

    kept: dict[str, str] = field(
        default_factory=dict
    )  # path of an item whose saving was acknowledged -> title
    published: dict[str, str] = field(default_factory=dict)  # the same of what was decided
    answers: list[Answer] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def note(self, asked: float, status: int) -> None:
        self.answers.append(Answer(asked, monotonic(), status))


def write_on_and_on(cluster, who: str, section: str, log: Log) -> None:
    """Write articles, some with a file, and hand them in until the end; what was acknowledged goes to the log."""
    home, count, browser = f"/manage/trial/{section}", 0, None
    while not log.ended.is_set():
        asked = monotonic()
        try:
            browser = browser or _signed_in(cluster, who)
            page = (
                browser.get(f"{home}/@@add?type=article", expect_errors=True) if browser else None
            )
            if page is None or page.status_int != 200:
                log.note(asked, page.status_int if page else 503)
                log.ended.wait(0.1)
                continue
            title = f"{who}第{count}篇"
            form = page.forms["edit"]
            form["title"], form["body"], form["source"] = title, f"<p>{title}</p>", "试验局"
            if count % WITH_A_FILE == 0:
                upload(form, "attachments", "名单.csv", f"姓名,{title}\n".encode())
            asked = monotonic()
            page = form.submit("submit", expect_errors=True)
        except NOTHING:
            log.note(asked, 0)
            log.ended.wait(0.1)
            continue
        log.note(asked, page.status_int)
        if page.status_int == 302:
            log.kept[page.location.split("/manage", 1)[1]] = title
        elif page.status_int not in AWAY:
            log.wrong.append(f"{page.status} {page.text[:500]}")
        count += 1


def decide_on_and_on(cluster, log: Log) -> None:
    """Approve and publish all that waits, many at once, until the end; what was acknowledged goes to the log."""
    browser = None
    while not log.ended.is_set():
        asked = monotonic()
        try:
            browser = browser or _signed_in(cluster, "decider")
            page = browser.get("/manage/@@inbox", expect_errors=True) if browser else None
            if page is None or page.status_int != 200 or "bulk" not in page.forms:
                log.note(asked, page.status_int if page else 503)
                log.ended.wait(0.2)
                continue
            asked = monotonic()
            _decide(page, log, asked)
        except NOTHING:
            log.note(asked, 0)
            log.ended.wait(0.1)


def _decide(page, log: Log, asked: float) -> None:
    rows = [row for row in page.html.select(".inbox tbody tr") if row.select_one("a.row-link")]
    ready = [row for row in rows if "待发布" in row.text]
    form, chosen = page.forms["bulk"], ready or rows
    sent = [("csrf_token", form["csrf_token"].value), ("do", "publish" if ready else "approve")]
    sent += [("uid", row.select_one("input[name=uid]")["value"]) for row in chosen]
    answer = page.test_app.post("/manage/@@inbox", sent, expect_errors=True)
    log.note(asked, answer.status_int)
    if answer.status_int not in {302, *AWAY}:
        log.wrong.append(f"{answer.status} {answer.text[:500]}")
    elif answer.status_int == 302:
        for link in (row.select_one("a.row-link") for row in ready):
            log.published[link["href"].split("/manage", 1)[1]] = link.text


def _signed_in(cluster, user_id):
    """A browser that is signed in, or None while nobody can be."""
    browser = cluster.person()
    page = browser.get("/login", expect_errors=True)
    if page.status_int != 200:
        return None
    form = page.forms[0]
    form["id"], form["password"] = user_id, PASSWORD
    return browser if form.submit(expect_errors=True).status_int == 302 else None


def read_on_and_on(cluster, paths, log: Log) -> None:
    """Read pages until the end."""
    visitor, count = cluster.person(), 0
    while not log.ended.is_set():
        asked = monotonic()
        try:
            page = visitor.get(paths[count % len(paths)], expect_errors=True)
            log.note(asked, page.status_int)
            if page.status_int in AWAY:
                log.ended.wait(0.1)
            elif page.status_int != 200:
                log.wrong.append(f"{page.request.path}: {page.status}")
        except NOTHING:
            log.note(asked, 0)
            log.ended.wait(0.1)
        count += 1


def lost(cluster, log: Log) -> list[str]:
    """What was acknowledged and is not there, as an administrator, or of what was published a visitor, sees it."""

    def missing(browser, face, titles):
        return [
            path
            for path, title in titles.items()
            if title not in browser.get(f"{face}{path}", expect_errors=True).text
        ]

    missed = missing(cluster.person("admin"), "/manage", log.kept)
    sleep(SHOWS)
    return missed + missing(cluster.person(), "", log.published)


if __name__ == "__main__":
    with open_site() as opened:
        fill(opened, int(sys.argv[1]))
