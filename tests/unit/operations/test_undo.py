"""Taking things back: everything comes back as it was, later unrelated work stays, and nobody gains a right by it."""

from datetime import timedelta

import pytest
import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from egov.base import clock, i18n
from egov.base.errors import Conflict, EgovError, Forbidden, Invalid, NotFound
from egov.history.deeds import facts
from egov.operations.check import check
from egov.operations.containers import configure, set_workflow
from egov.operations.content import create, edit
from egov.operations.publishing import backdate
from egov.operations.rights import grant, revoke, set_inheritance
from egov.operations.schedule import schedule
from egov.operations.tree import arrange, copy, delete, move, place, rename
from egov.operations.undo import can_be_undone, outlook, undo
from egov.operations.workflow import advance, discard_draft, restore
from egov.security.principals import SYSTEM_ACTOR
from tests.support import world
from tests.support.world import actor, article


def last(node):
    return node.log.maxKey()


def published(site, title="甲"):
    item = article(site, title=title)
    for step, who in (("submit", "author"), ("approve", "reviewer"), ("publish", "publisher")):
        advance(item, step, by=actor(site, who))
    return item


def told(node):
    """What undoing must bring back: all but the numbers that only order things."""
    found = facts(node)
    found["grants"] = {(g.principal, g.role, g.until, g.may_delegate) for g in found["grants"]}
    found["editions"] = sorted(node.editions or ()) if hasattr(node, "editions") else ()
    return found


DONE = {
    "edit": lambda site, item, by: edit(item, item.work.values | {"body": "<p>新</p>"}, by=by),
    "rename": lambda site, item, by: rename(item, "other-name", by=by),
    "move": lambda site, item, by: move(item, site["finance"]["notices"], by=by),
    "arrange": lambda site, item, by: arrange(item.__parent__, item.__name__, before="yi", by=by),
    "delete": lambda site, item, by: delete(item, by=by),
    "grant": lambda site, item, by: grant(
        item, "user:outsider", "reader", by=by, reason="工作需要"
    ),
    "inherit": lambda site, item, by: set_inheritance(item, False, by=by),
    "schedule": lambda site, item, by: schedule(item, None, clock.now() + timedelta(days=1), by=by),
    "withdraw": lambda site, item, by: advance(item, "withdraw", by=by, comment="有误"),
    "backdate": lambda site, item, by: backdate(
        item, clock.now() - timedelta(days=9), "原件日期", by=by
    ),
}


@pytest.mark.parametrize("name", DONE)
def test_what_was_done_to_a_public_item_comes_back_as_it_was(site, name):
    article(site, title="乙")
    item = published(site)
    by = actor(site, "manager")
    grant(
        item, "user:manager", "manager", by=by, reason="工作需要"
    )  # so that inheritance may be stopped
    before = told(item)
    transaction.commit()

    DONE[name](site, item, by)
    key = last(item)
    assert told(item) != before
    undo(site, item, key, by=by)

    after = told(item)
    if name == "edit":  # what was written stays among the old editions
        assert after.pop("editions") == [2]
        before.pop("editions")
    assert after == before
    assert list(check(site)) == []
    with pytest.raises(Conflict):
        undo(site, item, key, by=by)


@pytest.mark.parametrize("state", ["pending", "approved", "published"])
def test_each_step_of_review_is_taken_back_to_the_one_before(site, state):
    item = article(site)
    seen = []
    for step, who in (("submit", "author"), ("approve", "reviewer"), ("publish", "publisher")):
        seen.append((told(item), who))
        advance(item, step, by=actor(site, who))
        if item.state == state:
            break
    before, who = seen[-1]
    transaction.commit()

    undo(site, item, last(item), by=actor(site, who))

    assert told(item) == before
    assert list(check(site)) == []
    with pytest.raises(Invalid, match="重新办理"):
        undo(site, item, last(item), by=actor(site, "manager"))


def test_settings_workflow_and_opening_of_a_section_come_back(site):
    section, by = site["finance"]["news"], actor(site, "manager")
    before = told(section)
    for do in (
        lambda: configure(section, dict(section.values) | {"title": "要闻"}, by=by),
        lambda: set_workflow(section, "*", "direct", by=by),
        lambda: advance(section, "hide", by=by),
    ):
        do()
        undo(site, section, last(section), by=by)
        assert told(section) == before


def test_what_was_made_goes_into_the_trash_and_comes_back(site):
    by = actor(site, "manager")
    item = published(site)
    made = place(item, site["finance"]["notices"], by=by)
    undo(site, made, last(made), by=by)
    assert len(site["finance"]["notices"]) == 0
    undo(site, made, last(made), by=by)
    assert made.__parent__ is site["finance"]["notices"]
    copied = copy(item, site["finance"]["notices"], by=by)
    undo(site, copied, last(copied), by=by)
    assert copied.uid in site.trash


def test_later_unrelated_work_stays_and_related_work_stands_in_the_way(site):
    author, manager = actor(site, "author"), actor(site, "manager")
    item = article(site, title="甲")
    edit(item, item.work.values | {"body": "<p>一</p>"}, by=author)
    key = last(item)
    edit(item, item.work.values | {"body": "<p>二</p>"}, by=manager)
    second = last(item)
    rename(item, "moved-on", by=manager)

    with pytest.raises(Conflict) as refused:
        undo(site, item, key, by=author)
    assert "测试manager" in i18n.told(refused.value.message)
    undo(site, item, second, by=manager)
    undo(site, item, key, by=author)

    assert (item.work.values["body"], item.__name__) == ("<p>正文。</p>", "moved-on")


def test_what_was_taken_back_in_writing_can_be_brought_again(site):
    item = article(site, title="甲")
    edit(item, item.work.values | {"body": "<p>一</p>"}, by=actor(site, "author"))
    undo(site, item, last(item), by=actor(site, "author"))
    undo(site, item, last(item), by=actor(site, "author"))
    assert item.work.values["body"] == "<p>一</p>"


@pytest.mark.parametrize(
    ("name", "who"),
    [("withdraw", "author"), ("withdraw", "reviewer"), ("grant", "editor"), ("move", "reviewer"),
     ("delete", "reader"), ("rename", "author"), ("schedule", "editor"), ("backdate", "reviewer")],
)  # fmt: skip
def test_nobody_takes_back_what_they_could_not_do(site, name, who):
    item = published(site)
    DONE[name](site, item, actor(site, "manager"))
    transaction.commit()
    with pytest.raises(EgovError) as refused:
        undo(site, item, last(item), by=actor(site, who))
    assert isinstance(refused.value, Forbidden | Invalid)


def test_a_revoked_grant_is_given_anew_only_by_who_may_give_it(site):
    node, manager = site["finance"]["news"], actor(site, "manager")
    grant(node, "user:outsider", "editor", by=manager, reason="工作需要")
    revoke(node, "user:outsider", "editor", by=manager)
    key = last(node)
    with pytest.raises(Forbidden):
        undo(site, node, key, by=actor(site, "editor"))
    undo(site, node, key, by=manager)
    assert [(g.principal, g.by) for g in node.grants] == [("user:outsider", "manager")]


def test_the_outlook_tells_what_comes_back_and_changes_nothing(site):
    item = published(site)
    advance(item, "withdraw", by=actor(site, "publisher"), comment="有误")
    transaction.commit()
    before = told(item)

    seen = outlook(site, item, last(item), by=actor(site, "publisher"))
    refused = outlook(site, item, last(item), by=actor(site, "author"))

    assert (seen.was["live_state"], seen.now["live_state"]) == ("published", "withdrawn")
    assert not seen.problem
    assert "没有撤销" in str(refused.problem)
    assert told(item) == before
    with pytest.raises(NotFound):
        outlook(site, item, 1, by=actor(site, "publisher"))


def test_what_was_made_and_what_was_changed_can_be_undone_once(site):
    item = article(site)
    assert can_be_undone(item.log[last(item)])
    rename(item, "other", by=SYSTEM_ACTOR)
    key = last(item)
    assert can_be_undone(item.log[key])
    undo(site, item, key, by=SYSTEM_ACTOR)
    assert not can_be_undone(item.log[key])


_STEPS = st.lists(
    st.sampled_from(["edit", "submit", "approve", "return", "publish", "withdraw", "rename", "move",
                     "restore", "discard", "delete", "grant", "arrange"]),
    min_size=1, max_size=10,
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(_STEPS)
def test_any_history_is_taken_back_step_by_step_to_its_beginning(steps):
    database = world.open_database()
    connection = database.open()
    site = world.build(connection.root())
    by, count = SYSTEM_ACTOR, 0
    item = article(site, title="yi")
    start, before = told(item), []
    transaction.commit()
    for step in steps:
        count += 1
        mark, was, key = transaction.savepoint(), told(item), last(item)
        try:
            _do(site, item, step, count, by)
        except EgovError:
            mark.rollback()
            continue
        if before and item.log.get(before[-1][0]) is None:
            was = before.pop()[1]  # joined with the one before: one writing by one person
        if last(item) == key:
            continue  # nothing was changed
        if item.log[last(item)].deed is not None and not item.log[last(item)].deed.undoes:
            before.append((last(item), was))
    for key, was in reversed(before):
        undo(site, item, key, by=by)
        was.pop("editions")
        assert {k: v for k, v in told(item).items() if k in was} == was
    assert told(item) | {"editions": ()} == start | {"editions": ()}
    assert list(check(site)) == []
    transaction.abort()
    connection.close()
    database.close()


def _do(site, item, step, count, by):
    other = site["finance"]["notices" if count % 2 else "news"]
    if step == "edit":
        edit(item, item.work.values | {"body": f"<p>{count}</p>"}, by=by)
    elif step == "rename":
        rename(item, f"name-{count}", by=by)
    elif step == "move":
        move(item, other, by=by)
    elif step == "restore":
        restore(item, 1, by=by)
    elif step == "discard":
        discard_draft(item, by=by)
    elif step == "delete":
        delete(item, by=by)
        undo(site, item, last(item), by=by)
    elif step == "grant":
        grant(item, "user:outsider", "reader", by=by, reason=str(count))
    elif step == "arrange":
        create(item.__parent__, "page", {"title": f"p{count}"}, by=by)
        arrange(item.__parent__, item.__name__, before=None, by=by)
    else:
        advance(item, step, by=by, comment="原因")
