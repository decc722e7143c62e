"""Long work: piece by piece with the rights of who began it, resumed, cancelled, undone as one."""

from datetime import timedelta

import pytest
import transaction

from egov.base import clock
from egov.base.errors import Conflict, Forbidden, Invalid
from egov.base.settings import Settings
from egov.operations.accounts import set_disabled
from egov.operations.batches import (
    AT_ONCE,
    PIECE,
    STANDS_STILL,
    batches_of,
    begin,
    can_be_undone,
    cancel,
    go_on,
    kind_of_command,
    run_batches,
    undo_batch,
)  # fmt: skip
from egov.operations.check import check
from egov.operations.content import edit
from egov.operations.jobs import run_jobs
from egov.operations.rights import revoke
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.support.world import actor, article

COUNT = PIECE + 10


@pytest.fixture
def many(site):
    """More articles than one piece of work, approved."""
    made = [article(site, title=f"公告{n}") for n in range(COUNT)]
    for item in made:
        advance(item, "submit", by=actor(site, "author"))
        advance(item, "approve", by=actor(site, "reviewer"))
    transaction.commit()
    return made


def published(items):
    return sum(item.live_state == "published" for item in items)


def start(site, items, what="step", who="publisher", **arguments):
    arguments = arguments or {"step": "publish"}
    batch = begin(site["finance"]["news"], what, [i.uid for i in items], arguments,
                  by=actor(site, who))  # fmt: skip
    transaction.commit()
    return batch


def test_a_little_is_done_at_once_and_much_by_the_jobs(database, site, many):
    few = start(site, many[:AT_ONCE])
    assert (few.state, published(many)) == ("done", AT_ONCE)
    rest = start(site, many[AT_ONCE:])
    assert (rest.state, rest.place) == ("waiting", 0)

    run_jobs(database, Settings())

    transaction.begin()
    assert (rest.state, rest.place, rest.failed) == ("done", rest.size, 0)
    assert published(many) == COUNT
    assert site.notices.unread("publisher") == 1
    assert list(check(site)) == []


def test_each_thing_has_its_outcome_and_what_is_refused_leaves_no_trace(database, site, many):
    odd = many[7]
    edit(odd, odd.work.values | {"summary": "又改了"}, by=actor(site, "editor"))
    transaction.commit()
    batch = start(site, many)

    run_jobs(database, Settings())

    transaction.begin()
    problems = [o for o in batch.outcomes.values() if o.problem]
    assert [o.uid for o in problems] == [odd.uid]
    assert (batch.failed, published(many), odd.state) == (1, COUNT - 1, "draft")
    assert [e.action for e in odd.log.values()][-1] == "edit"


def test_work_is_gone_on_with_where_a_crash_left_it(database, site, many):
    batch = start(site, many)
    go_on(site, batch, actor(site, "publisher"), carefully=False)
    transaction.commit()
    assert published(many) == batch.place == PIECE
    go_on(site, batch, actor(site, "publisher"), carefully=False)
    transaction.abort()  # the crash

    run_jobs(database, Settings())

    transaction.begin()
    assert (batch.state, published(many)) == ("done", COUNT)
    assert all(sum(e.action == "publish" for e in i.log.values()) == 1 for i in many)


def test_rights_are_asked_again_for_every_thing(database, site, many):
    batch = start(site, many)
    go_on(site, batch, actor(site, "publisher"), carefully=False)
    revoke(site["finance"], "user:publisher", "publisher", by=SYSTEM_ACTOR)
    transaction.commit()

    run_jobs(database, Settings())

    transaction.begin()
    assert (batch.state, batch.failed, published(many)) == ("done", COUNT - PIECE, PIECE)


def test_the_work_of_a_closed_account_stops(database, site, many):
    batch = start(site, many)
    set_disabled(site, site.directory.user("publisher"), True, by=actor(site, "system-admin"))
    transaction.commit()

    run_jobs(database, Settings())

    transaction.begin()
    assert (batch.state, published(many)) == ("stopped", 0)


def test_work_is_cancelled_and_what_was_done_taken_back_as_one(database, site, many):
    batch = start(site, many)
    by = actor(site, "publisher")
    go_on(site, batch, by, carefully=False)
    with pytest.raises(Conflict):
        undo_batch(site, batch, by=by)
    cancel(site, batch, by=by)
    transaction.commit()
    run_jobs(database, Settings())
    transaction.begin()
    assert published(many) == PIECE
    with pytest.raises(Forbidden):
        undo_batch(site, batch, by=actor(site, "manager"))
    with pytest.raises(Conflict):
        cancel(site, batch, by=by)

    back = undo_batch(site, batch, by=by)
    transaction.commit()
    run_jobs(database, Settings())

    transaction.begin()
    assert (back.state, back.failed, published(many)) == ("done", 0, 0)
    assert {item.state for item in many} == {"approved"}
    assert not can_be_undone(batch)
    with pytest.raises(Conflict):
        undo_batch(site, batch, by=by)


@pytest.mark.parametrize(
    ("what", "arguments"),
    [("move", {}), ("copy", {}), ("place", {}), ("delete", None),
     ("tag", {"add": ("春节",), "remove": ()}), ("replace", {"find": "正文", "put": "内容"})],
)  # fmt: skip
def test_every_kind_of_work_is_taken_back_whole(site, many, what, arguments):
    some, by = many[:5], actor(site, "manager")
    notices = site["finance"]["notices"]
    for item in some:
        advance(item, "publish", by=by)
    before = [(i.__parent__.uid, i.__name__, i.position, i.state, i.work.values) for i in some]
    if arguments == {}:
        arguments = {"target": notices.uid}
    done = begin(site["finance"]["news"], what, [i.uid for i in some], arguments or {}, by=by)
    assert (done.state, done.failed) == ("done", 0)

    back = undo_batch(site, done, by=by)

    assert (back.state, back.failed) == ("done", 0)
    after = [(i.__parent__.uid, i.__name__, i.position, i.state, i.work.values) for i in some]
    assert after == before
    assert len(notices) == 0
    assert list(check(site)) == []


def test_what_cannot_be_begun_is_told(site, many):
    by, news = actor(site, "publisher"), site["finance"]["news"]
    with pytest.raises(Invalid):
        begin(news, "step", [], {}, by=by)
    with pytest.raises(Invalid):
        begin(news, "nonsense", [1], {}, by=by)
    with pytest.raises(Invalid):
        begin(news, "step", range(20_001), {}, by=by)
    with pytest.raises(Forbidden):
        begin(news, "step", [many[0].uid], {}, by=actor(site, "outsider"))


def test_another_process_leaves_what_one_has_in_hand(database, site, many):
    batch = start(site, many)
    manager = transaction.TransactionManager()
    connection = database.open(manager)
    theirs = connection.root()["site"]
    batch.runner = ("somebody", batch.at.replace(year=2999))
    transaction.commit()
    manager.begin()

    assert run_batches(theirs, manager) == 0

    manager.abort()
    connection.close()
    assert (batch.state, published(many)) == ("waiting", 0)
    assert list(batches_of(site).of("publisher")) == [batch]


def test_what_a_command_left_is_ended_after_a_week_and_hinders_nothing(site, database):
    by = SYSTEM_ACTOR
    kind_of_command("documents", "从文件导入")
    left = begin(site, "documents", [{"title": "第 1 行"}], {"digest": "x"}, by=by)
    unknown = begin(site, "documents", [{"title": "第 1 行"}], {"digest": "y"}, by=by)
    unknown.what = "of another version"
    transaction.commit()
    run_jobs(database, Settings())
    transaction.begin()
    assert left.is_open
    with clock.frozen(clock.now() + STANDS_STILL + timedelta(minutes=1)):
        run_jobs(database, Settings())
    transaction.begin()
    assert [batch.state for batch in (left, unknown)] == ["stopped", "stopped"]
    assert "一周内" in left.why
