"""An office for load: writers, each with a section of their own; and writers at work who keep a log outside.

python -m tests.soak.office COUNT      adds them to the database of EGOV_CONFIG
"""

from __future__ import annotations

import sys
import threading
from dataclasses import dataclass, field
from http.client import HTTPException
from time import monotonic

from egov.cli.database import open_site
from egov.operations.accounts import add_user
from egov.operations.containers import set_workflow
from egov.operations.content import create
from egov.operations.rights import grant
from egov.security.principals import SYSTEM_ACTOR
from tests.support.world import PASSWORD

AWAY = {503}  # what the site answers while its database is away
NOTHING = (OSError, HTTPException)  # a server that is just being killed


def fill(site, count: int) -> None:
    """So many writers, who publish directly in their own sections of one department."""
    department = create(site, "subsite", {"title": "市试验局"}, by=SYSTEM_ACTOR, name="trial")
    for number in range(count):
        section = create(
            department, "section", {"title": f"栏目 {number}"}, by=SYSTEM_ACTOR, name=f"s{number}"
        )
        set_workflow(section, "article", "direct", by=SYSTEM_ACTOR)
        add_user(site, f"w{number}", f"写手{number}", PASSWORD, by=SYSTEM_ACTOR)
        grant(section, f"user:w{number}", "editor", by=SYSTEM_ACTOR)


@dataclass
class Log:
    """What clients saw, kept outside of what is tried."""

    kept: dict[str, str] = field(
        default_factory=dict
    )  # path of an item whose saving was acknowledged -> title
    answers: list[tuple[float, int]] = field(default_factory=list)  # when, status; 0: nothing
    wrong: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def note(self, status: int) -> None:
        self.answers.append((monotonic(), status))


def write_on_and_on(cluster, number: int, log: Log) -> None:
    """Write and publish articles until the end; what was acknowledged goes to the log."""
    home, count, browser = f"/manage/trial/s{number}", 0, None
    while not log.ended.is_set():
        try:
            browser = browser or _signed_in(cluster, f"w{number}", log)
            page = (
                browser.get(f"{home}/@@add?type=article", expect_errors=True) if browser else None
            )
            if page is None or page.status_int != 200:
                log.note(page.status_int if page else 503)
                log.ended.wait(0.1)
                continue
            title = f"第{number}人第{count}篇"
            form = page.forms[1]
            form["title"], form["body"], form["source"] = title, f"<p>{title}</p>", "试验局"
            page = form.submit("submit", expect_errors=True)
        except NOTHING:
            log.note(0)
            log.ended.wait(0.1)
            continue
        log.note(page.status_int)
        if page.status_int == 302:
            log.kept[page.location.split("/manage", 1)[1]] = title
        elif page.status_int not in AWAY:
            log.wrong.append(f"{page.status} {page.text[:500]}")
        count += 1


def _signed_in(cluster, user_id, log: Log):
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
        try:
            page = visitor.get(paths[count % len(paths)], expect_errors=True)
            log.note(page.status_int)
            if page.status_int not in {200, *AWAY}:
                log.wrong.append(f"{page.request.path}: {page.status}")
        except NOTHING:
            log.note(0)
            log.ended.wait(0.1)
        count += 1


def lost(cluster, log: Log) -> list[str]:
    """What was acknowledged and is not there, as an administrator sees it."""
    admin = cluster.person("admin")
    return [
        path
        for path, title in log.kept.items()
        if title not in admin.get(f"/manage{path}", expect_errors=True).text
    ]


if __name__ == "__main__":
    with open_site() as opened:
        fill(opened, int(sys.argv[1]))
