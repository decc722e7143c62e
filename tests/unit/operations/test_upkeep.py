"""Lists to work through: columns by their duty, reviews, stale, orphaned, dead links inside and outside."""

import socket
import threading
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest
import transaction

from egov.base import clock
from egov.base.errors import Forbidden, Invalid
from egov.base.settings import Settings
from egov.operations import columns as fresh
from egov.operations import upkeep
from egov.operations.containers import configure
from egov.operations.content import create, edit
from egov.operations.jobs import run_jobs
from egov.operations.outside import ask, outside_of
from egov.operations.reviewing import mark_reviewed, set_review
from egov.operations.tree import delete, place
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.support.world import actor, article


def published(site, title="甲", body="<p>正文。</p>", where="news"):
    item = article(site, title=title, where=where)
    edit(item, item.work.values | {"body": body}, by=SYSTEM_ACTOR)
    for step in ("submit", "approve", "publish"):
        advance(item, step, by=SYSTEM_ACTOR)
    return item


@pytest.mark.parametrize(
    ("kind", "chosen", "days", "state"),
    [("工作动态", "auto", 15, "stale"), ("工作动态", "auto", 13, "soon"), ("工作动态", "auto", 3, "fresh"),
     ("通知公告", "auto", 170, "fresh"), ("通知公告", "auto", 181, "stale"), ("其他", "auto", 364, "soon"),
     ("其他", "auto", 366, "stale"), ("工作动态", "180", 100, "fresh"), ("工作动态", "none", 9999, "free")],
)  # fmt: skip
def test_a_column_is_late_by_its_type_or_by_what_was_set(site, kind, chosen, days, state):
    section = site["finance"]["news"]
    configure(
        section, {"title": "栏目", "column_type": kind, "update_days": chosen}, by=SYSTEM_ACTOR
    )
    published(site)
    with clock.frozen(clock.now() + timedelta(days=days)):
        assert fresh.column_of(section).state == state


def test_blank_and_stale_columns_are_counted_against_the_inspections_marks(site):
    by = actor(site, "manager")
    published(site)
    found = list(fresh.columns(site["finance"], by))
    assert [(c.section.title, c.state) for c in found] == [
        ("工作动态", "fresh"),
        ("通知公告", "blank"),
    ]
    for number in range(4):
        create(site["finance"], "section", {"title": f"空{number}"}, by=by)
    marks = fresh.marks(list(fresh.columns(site["finance"], by)))
    assert [(m.name, m.columns, m.tone) for m in marks] == [
        ("news", 0, "good"), ("stale", 0, "good"), ("blank", 5, "bad"),
    ]  # fmt: skip
    advance(site["finance"]["notices"], "hide", by=by)
    assert len(list(fresh.columns(site["finance"], by))) == 5
    assert list(fresh.columns(site["health"], by)) == []


def test_a_section_counts_with_what_is_below_it(site):
    parent = site["finance"]["news"]
    create(parent, "section", {"title": "下级"}, by=SYSTEM_ACTOR, name="below")
    item = create(
        parent["below"],
        "article",
        {"title": "x", "body": "<p>y</p>", "source": "z"},
        by=SYSTEM_ACTOR,
    )
    for step in ("submit", "approve", "publish"):
        advance(item, step, by=SYSTEM_ACTOR)
    assert fresh.column_of(parent).state != "blank"


def test_reviews_are_set_listed_reminded_and_done(site, database):
    item, by = published(site), actor(site, "editor")
    due = clock.today() + timedelta(days=10)
    for bad in ((clock.today(), "editor"), (due, "nobody")):
        with pytest.raises(Invalid):
            set_review(item, *bad, by=by)
    with pytest.raises(Forbidden):
        set_review(item, due, "editor", by=actor(site, "reviewer"))
    set_review(item, due, "author", by=by)
    transaction.commit()

    def listed(until):
        return list(upkeep.due_for_review(site["finance"], by, until))

    assert (listed(due), listed(due - timedelta(days=1))) == ([item], [])
    known = site.notices.unread("author")
    with clock.frozen(clock.now() + timedelta(days=10)):
        run_jobs(database, Settings())
        run_jobs(database, Settings())
        transaction.begin()
        assert site.notices.unread("author") == known + 1
        mark_reviewed(item, 12, "已核对", by=by)
    assert listed(due) == []
    assert item.review.due > due + timedelta(days=360)
    set_review(item, None, "", by=by)
    assert list(upkeep.due_for_review(site["finance"], by, date.max)) == []


def test_what_is_long_unchanged_is_listed_oldest_first(site):
    by = actor(site, "editor")
    with clock.frozen(clock.now() - timedelta(days=500)):
        older = published(site, "旧")
    with clock.frozen(clock.now() - timedelta(days=400)):
        old = published(site, "较旧")
    published(site, "新")
    assert list(upkeep.long_unchanged(site["finance"], by, 365)) == [older, old]
    assert list(upkeep.long_unchanged(site["finance"], by, 450)) == [older]
    assert list(upkeep.long_unchanged(site["finance"], actor(site, "outsider"), 1)) == []


def test_orphans_are_what_no_list_link_or_placement_reaches(site):
    by = actor(site, "manager")
    item = published(site)
    assert list(upkeep.orphaned(site["finance"], by)) == []
    advance(site["finance"]["news"], "hide", by=by)
    assert list(upkeep.orphaned(site["finance"], by)) == [item]
    placed = place(item, site["finance"]["notices"], by=by)
    assert list(upkeep.orphaned(site["finance"], by)) == []
    delete(placed, by=by)
    published(site, "乙", f'<p><a href="/finance/news/{item.__name__}">x</a></p>', "notices")
    assert list(upkeep.orphaned(site["finance"], by)) == []


def test_dead_links_inside_are_known_at_once(site):
    by = actor(site, "manager")
    target = published(site, "目标")
    user = published(
        site, "用户", '<p><a href="/finance/news/mu-biao">a</a> <a href="/no/where">b</a></p>'
    )

    def dead():
        return {(d.item, d.address, d.why) for d in upkeep.dead_links(site["finance"], by)}

    assert dead() == {(user, "/no/where", "gone")}
    advance(target, "unpublish", by=by, comment="x")
    assert (user, "/finance/news/mu-biao", "hidden") in dead()
    delete(target, by=by)
    assert {why for _item, _address, why in dead()} == {"gone"}
    assert len(dead()) == 2
    create(site, "section", {"title": "no"}, by=SYSTEM_ACTOR, name="no")
    create(site["no"], "section", {"title": "where"}, by=SYSTEM_ACTOR, name="where")
    assert (user, "/no/where", "gone") not in dead()


class _Far(BaseHTTPRequestHandler):
    asked: ClassVar[list[tuple[str, str]]] = []

    def do_HEAD(self):
        self.asked.append((self.command, self.path))
        moved = {"/moved": "/fine", "/round": "/round"}
        self.send_response(302 if self.path in moved else 200 if self.path == "/fine" else 404)
        if self.path in moved:
            self.send_header("Location", moved[self.path])
        self.end_headers()

    do_GET = do_HEAD  # noqa: N815  the name that http.server asks for

    def log_message(self, *args):
        pass


@pytest.fixture
def far():
    server = HTTPServer(("127.0.0.1", 0), _Far)
    _Far.asked = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


INSIDE = Settings(link_check_inside=True)


def test_outside_links_are_asked_one_by_one_and_dead_after_two_failures(site, database, far):
    links = "".join(f'<a href="{far}/{name}">x</a>' for name in ("fine", "gone"))
    user = published(site, "用户", f"<p>{links}</p>")
    transaction.commit()
    on = Settings(link_check_days=7, link_check_inside=True)
    run_jobs(database, Settings())
    assert _Far.asked == []
    for _round in range(2):
        before = len(_Far.asked)
        run_jobs(database, on)
        assert len({path for _method, path in _Far.asked[before:]}) == 1
    run_jobs(database, on)  # nothing is due
    assert [path for _m, path in _Far.asked] == ["/fine", "/gone", "/gone"]
    transaction.begin()
    by = actor(site, "manager")
    assert list(upkeep.dead_outside(site["finance"], by)) == []
    with clock.frozen(clock.now() + timedelta(hours=7)):
        run_jobs(database, on)
    transaction.begin()
    assert [(d.item, d.address, d.why) for d in upkeep.dead_outside(site["finance"], by)] == [
        (user, f"{far}/gone", "404")
    ]
    assert outside_of(site).get(f"{far}/fine").fails == 0


def test_what_a_link_leads_to_is_followed_but_never_into_our_own_network(far):
    assert ask(f"{far}/moved", INSIDE) == ("200", True)
    assert ask(f"{far}/round", INSIDE) == ("redirects", False)
    _Far.asked.clear()
    for address in (
        f"{far}/fine",
        "http://localhost/",
        "http://169.254.169.254/",
        "http://[::1]/",
        "file:///etc/passwd",
    ):
        assert ask(address, Settings())[1] is False
    assert _Far.asked == []


def test_a_name_that_changes_its_mind_leads_nowhere_else(far, monkeypatch):
    asked, look_up = [], socket.getaddrinfo

    def rebound(host, *rest, **kw):
        asked.append(host)
        return look_up("127.0.0.1" if host == "far.example" else host, *rest, **kw)

    monkeypatch.setattr(socket, "getaddrinfo", rebound)
    port = far.rpartition(":")[2]
    assert ask(f"http://far.example:{port}/fine", INSIDE) == ("200", True)
    assert asked.count("far.example") == 1


def test_only_servers_that_the_office_lets_be_asked_are_asked(site, database, far):
    published(site, "用户", f'<p><a href="{far}/fine">x</a></p>')
    transaction.commit()
    elsewhere = Settings(
        link_check_days=7, link_check_inside=True, link_check_hosts="gov.cn example.org"
    )
    _Far.asked.clear()
    run_jobs(database, elsewhere)
    assert ask(f"{far}/fine", elsewhere) == ("ValueError", False)
    assert _Far.asked == []

    run_jobs(
        database,
        Settings(link_check_days=7, link_check_inside=True, link_check_hosts="0.0.1 127.0.0.1"),
    )

    assert [path for _method, path in _Far.asked] == ["/fine"]
