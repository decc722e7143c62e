"""Published and taken down at the moment itself, whenever the job comes; twice is once."""

from datetime import timedelta

import pytest
import transaction

from egov.base import clock
from egov.base.errors import Forbidden, Invalid
from egov.base.settings import Settings
from egov.operations.content import edit
from egov.operations.jobs import run_jobs
from egov.operations.publishing import supersede
from egov.operations.rights import set_inheritance
from egov.operations.schedule import schedule
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.support.world import actor, article

HOUR = timedelta(hours=1)


def approved(site, title="放假通知"):
    item = article(site, title=title)
    advance(item, "submit", by=SYSTEM_ACTOR)
    advance(item, "approve", by=actor(site, "reviewer"))
    return item


def later(delta):
    return clock.frozen(clock.now() + delta)


def test_it_comes_at_its_time_and_goes_at_its_end(site, database, app):
    item, now = approved(site), clock.now()
    schedule(item, now + HOUR, now + 3 * HOUR, by=actor(site, "publisher"))
    transaction.commit()
    path = f"/finance/news/{item.__name__}"
    app.get(path, status=404)
    assert run_jobs(database, Settings()) == 0
    with later(2 * HOUR):
        assert run_jobs(database, Settings()) == 1
        assert run_jobs(database, Settings()) == 0
        transaction.begin()
        assert "放假通知" in app.get(path)
        assert "放假通知" in app.get("/finance/news")
    with later(4 * HOUR):
        # The job has not come yet; the moment has: neither the page nor any list shows it, not even from the cache.
        assert app.get(path, status="*").status_int in (404, 410)
        assert "放假通知" not in app.get("/finance/news")
        assert run_jobs(database, Settings()) == 1
        transaction.begin()
        assert item.live_state == "unpublished"
        app.get(path, status=410)


def test_a_draft_that_was_changed_after_approval_is_not_published(site, database):
    item, now = approved(site), clock.now()
    schedule(item, now + HOUR, None, by=actor(site, "publisher"))
    edit(item, {**item.work.values, "title": "改过"}, by=actor(site, "editor"))
    transaction.commit()
    with later(2 * HOUR):
        assert run_jobs(database, Settings()) == 0
    transaction.begin()
    assert item.live is None
    assert next(site.audit.newest()).outcome == "failed"


def test_times_are_set_anew_and_taken_away(site, database):
    item, now, by = approved(site), clock.now(), actor(site, "publisher")
    schedule(item, now + HOUR, None, by=by)
    schedule(item, now + 5 * HOUR, None, by=by)
    transaction.commit()
    with later(2 * HOUR):
        assert run_jobs(database, Settings()) == 0
    transaction.begin()
    schedule(item, None, None, by=by)
    transaction.commit()
    with later(9 * HOUR):
        assert run_jobs(database, Settings()) == 0
    assert site.catalog.agenda.next() is None


def test_what_may_not_be_set(site):
    item, now = approved(site), clock.now()
    with pytest.raises(Forbidden):
        schedule(item, now + HOUR, None, by=actor(site, "author"))
    with pytest.raises(Invalid, match="晚于现在"):
        schedule(item, now - HOUR, None, by=actor(site, "publisher"))
    with pytest.raises(Invalid, match="晚于发布时间"):
        schedule(item, now + 2 * HOUR, now + HOUR, by=actor(site, "publisher"))


def test_the_page_of_the_times(site, sign_in):
    item = approved(site)
    transaction.commit()
    path = f"/manage/finance/news/{item.__name__}"
    publisher, author = sign_in("publisher"), sign_in("author")
    assert "只有可以发布这篇内容的人" in author.get(f"{path}/@@schedule")
    form = next(
        f for f in publisher.get(f"{path}/@@schedule").forms.values() if "publish_at" in f.fields
    )
    form["publish_at"] = "2020-01-01T08:00"
    wrong = form.submit()
    assert "时间必须晚于现在" in wrong
    form = next(f for f in wrong.forms.values() if "publish_at" in f.fields)
    assert form["publish_at"].value == "2020-01-01T08:00"
    form["publish_at"], form["expire_at"] = "2099-01-01T08:00", "2099-02-01T08:00"
    page = form.submit().follow()
    assert "2099-01-01 08:00" in page
    assert "2099-02-01 08:00" in page


def test_the_address_of_what_has_gone_leads_to_what_took_its_place(site, app):
    old, new = approved(site, "旧办法"), approved(site, "新办法")
    for item in (old, new):
        advance(item, "publish", by=SYSTEM_ACTOR)
    supersede(old, new, by=SYSTEM_ACTOR)
    transaction.commit()
    address = f"/finance/news/{old.__name__}"
    assert "新办法" in app.get(address).html.main.text  # it stays, and points on
    advance(old, "unpublish", by=SYSTEM_ACTOR, comment="过时")
    transaction.commit()
    assert app.get(address, status=302).follow().html.h1.text == "新办法"
    set_inheritance(new, False, by=SYSTEM_ACTOR)  # nobody is led to what they may not read
    transaction.commit()
    assert "新办法" not in app.get(address, status=410)
    set_inheritance(new, True, by=SYSTEM_ACTOR)
    advance(new, "unpublish", by=SYSTEM_ACTOR, comment="过时")
    transaction.commit()
    app.get(address, status=410)


def test_the_inbox_is_filtered_and_leads_to_the_comparison(site, sign_in):
    first = article(site, title="新通知")
    advance(first, "submit", by=SYSTEM_ACTOR)
    second = approved(site, "旧通知")
    advance(second, "publish", by=SYSTEM_ACTOR)
    edit(second, {**second.work.values, "title": "旧通知（修订）"}, by=actor(site, "editor"))
    advance(second, "submit", by=actor(site, "editor"))
    transaction.commit()
    reviewer = sign_in("reviewer")
    inbox = reviewer.get("/manage/@@inbox")
    assert "新通知" in inbox
    assert "修订" in inbox.click("比较改动")
    assert "没有符合筛选条件的内容" in reviewer.get("/manage/@@inbox?type=page")
    assert "新通知" in reviewer.get(
        "/manage/@@inbox?type=article&site=finance&state=pending&who=author"
    )
    assert "没有符合筛选条件的内容" in reviewer.get("/manage/@@inbox?site=health")
    assert "没有符合筛选条件的内容" in reviewer.get("/manage/@@inbox?who=nobody")
