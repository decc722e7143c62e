"""Releases: all or none, there and back; never more than one may."""

from datetime import timedelta

import pytest
import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from egov.base import clock
from egov.base.errors import Conflict, Forbidden, Invalid
from egov.base.settings import Settings
from egov.operations.content import edit
from egov.operations.jobs import run_jobs
from egov.operations.releases import (
    make_release,
    may_see,
    obstacles,
    publish_release,
    put_in,
    roll_back,
    schedule_release,
    take_out,
)
from egov.operations.rights import grant, revoke, set_inheritance
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.support import world
from tests.support.world import actor, article


def approved(site, title):
    item = article(site, title=title)
    return approve(site, item)


def approve(site, item):
    advance(item, "submit", by=actor(site, "author"))
    advance(item, "approve", by=actor(site, "reviewer"))
    return item


def facts(item):
    live = item.live.number if item.live else 0
    draft = item.draft.number if item.draft else 0
    return (live, draft, item.live_state, item.draft_state, item.state, item.live_title,
            item.title, item.published_at, item.updated_at, dict(item.rows).keys())  # fmt: skip


def prepared(site, *items):
    by = actor(site, "publisher")
    release = make_release(site, "年度公报", by=by)
    for item in items:
        put_in(release, item, by=by)
    return release, by


def test_a_release_goes_out_and_comes_back_as_a_whole(site):
    new, changed = approved(site, "新"), approved(site, "改")
    advance(changed, "publish", by=actor(site, "publisher"))
    edit(changed, changed.work.values | {"title": "改过"}, by=actor(site, "author"))
    approve(site, changed)
    before = [facts(item) for item in (new, changed)]
    release, by = prepared(site, new, changed)
    transaction.commit()

    publish_release(site, release, by=by)
    assert [i.live_title for i in (new, changed)] == ["新", "改过"]
    assert (release.state, release.done_by) == ("published", "publisher")
    with pytest.raises(Conflict):
        publish_release(site, release, by=by)

    roll_back(site, release, by=by)
    assert [facts(item) for item in (new, changed)] == before
    assert [n.uid for n in site.catalog.live_items()] == [changed.uid]
    advance(new, "publish", by=by)


def test_one_that_cannot_go_out_holds_all_back(site):
    ready, waiting = approved(site, "甲"), article(site, title="乙")
    release, by = prepared(site, ready, waiting)
    assert [item for item, _why in obstacles(site, release, by)] == [waiting]
    transaction.commit()
    before = facts(ready)

    with pytest.raises(Invalid) as refused:
        publish_release(site, release, by=by)
    assert list(refused.value.fields) == ["乙"]
    assert (facts(ready), release.state) == (before, "open")

    take_out(site, release, waiting.uid, by=by)
    publish_release(site, release, by=by)
    assert ready.live_state == "published"


def test_what_was_changed_since_is_not_put_back_and_holds_all(site):
    one, two = approved(site, "甲"), approved(site, "乙")
    release, by = prepared(site, one, two)
    publish_release(site, release, by=by)
    edit(two, two.work.values | {"title": "乙二"}, by=actor(site, "author"))
    transaction.commit()

    with pytest.raises(Invalid) as refused:
        roll_back(site, release, by=by)
    assert list(refused.value.fields) == ["乙二"]
    assert (one.live_state, release.state) == ("published", "published")


def test_who_may_do_what(site):
    item = approved(site, "甲")
    release, by = prepared(site, item)
    reviewer, outsider = actor(site, "reviewer"), actor(site, "outsider")
    assert may_see(site, release, reviewer)
    assert not may_see(site, release, outsider)
    for do in (publish_release, roll_back):
        with pytest.raises(Forbidden):
            do(site, release, by=outsider)
    transaction.commit()
    with pytest.raises(Invalid):  # told of the item, which the reviewer may not publish
        publish_release(site, release, by=reviewer)
    other = make_release(site, "另一批", by=reviewer)
    with pytest.raises(Forbidden):
        put_in(other, item, by=reviewer)
    with pytest.raises(Invalid):
        put_in(release, item, by=by)
    with pytest.raises(Invalid):
        make_release(site, " ", by=by)
    with pytest.raises(Forbidden):
        schedule_release(site, release, clock.now() + timedelta(hours=1), by=reviewer)


def test_who_made_it_sees_no_more_in_it_than_elsewhere(site):
    mine, by = approved(site, "我的"), actor(site, "publisher")
    release, _by = prepared(site, mine)
    boss = actor(site, "manager")
    secret = approved(site, "不给看")
    grant(secret, "user:manager", "manager", by=SYSTEM_ACTOR)
    set_inheritance(secret, False, by=boss)

    with pytest.raises(Invalid, match="不能查看"):
        put_in(release, secret, by=boss)
    assert may_see(site, release, by)

    revoke(site["finance"], "user:publisher", "publisher", by=SYSTEM_ACTOR)
    late = actor(site, "publisher")
    assert not may_see(site, release, late)
    with pytest.raises(Forbidden):
        take_out(site, release, mine.uid, by=late)
    assert may_see(site, release, boss)


def test_at_its_time_it_goes_out_by_itself_or_tells_why_not(site, database):
    item, waiting = approved(site, "甲"), article(site, title="乙")
    soon = clock.now() + timedelta(hours=1)
    good, by = prepared(site, item)
    bad = make_release(site, "乙批", by=by)
    put_in(bad, waiting, by=by)
    with pytest.raises(Invalid):
        schedule_release(site, good, clock.now() - timedelta(hours=1), by=by)
    for release in (good, bad):
        schedule_release(site, release, soon, by=by)
    transaction.commit()

    assert run_jobs(database, Settings()) == 0
    with clock.frozen(soon + timedelta(seconds=1)):
        assert run_jobs(database, Settings()) == 1
        assert run_jobs(database, Settings()) == 0
    transaction.begin()
    assert (good.state, item.live_state) == ("published", "published")
    assert (bad.state, waiting.live_state) == ("open", "")
    assert [n.event for _key, n in site.notices.newest("publisher", 5)] == ["failed"]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.sampled_from(["draft", "pending", "approved", "live", "changed"]), min_size=1, max_size=5
    )
)
def test_whatever_is_in_it_a_release_is_wholly_out_or_wholly_in(states):
    database = world.open_database()
    connection = database.open()
    try:
        site = world.build(connection.root())
        items = [_in_state(site, f"第{n}篇", state) for n, state in enumerate(states)]
        by = actor(site, "publisher")
        release = make_release(site, "批", by=by)
        for item in items:
            if item.draft is not None:
                put_in(release, item, by=by)
        transaction.commit()
        before = [facts(item) for item in items]
        try:
            publish_release(site, release, by=by)
        except Invalid:
            assert [facts(item) for item in items] == before
            return
        chosen = [item for item in items if item.uid in release.items]
        assert all(item.live_state == "published" and item.draft is None for item in chosen)
        transaction.commit()
        roll_back(site, release, by=by)
        assert [facts(item) for item in items] == before
    finally:
        transaction.abort()
        connection.close()
        database.close()


def _in_state(site, title, state):
    item = article(site, title=title)
    if state != "draft":
        advance(item, "submit", by=actor(site, "author"))
    if state in ("approved", "live", "changed"):
        advance(item, "approve", by=actor(site, "reviewer"))
    if state in ("live", "changed"):
        advance(item, "publish", by=SYSTEM_ACTOR)
    if state == "changed":
        edit(item, item.work.values | {"title": f"{title}改"}, by=actor(site, "author"))
        approve(site, item)
    return item
