"""What was done at the desk is taken back like everything else: assignments, remarks, offers, commissions, blocks."""

from datetime import timedelta

import pytest
import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from egov.base import clock
from egov.base.errors import Conflict, EgovError, Forbidden, Invalid
from egov.history.deeds import BLOCKS, facts, part
from egov.model.default_blocks import default_blocks
from egov.operations.assignments import assign, assigned_to
from egov.operations.composing import (
    add_block,
    bring_back,
    discard_arrangement,
    drafted,
    move_block,
    publish_arrangement,
    remove_block,
)
from egov.operations.content import create
from egov.operations.discussion import remark, reply, resolve
from egov.operations.rights import grant, revoke
from egov.operations.submissions import adopt, commission, offer, take_back
from egov.operations.tree import delete
from egov.operations.undo import outlook, undo
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.support import world
from tests.support.world import actor, article


def last(node):
    return node.log.maxKey()


@pytest.fixture
def item(site):
    made = article(site)
    advance(made, "submit", by=actor(site, "author"))
    return made


@pytest.fixture
def published(site):
    made = article(site)
    for step in ("submit", "approve", "publish"):
        advance(made, step, by=SYSTEM_ACTOR)
    create(site, "section", {"title": "头条"}, by=SYSTEM_ACTOR, name="tt")
    grant(site["tt"], "user:outsider", "editor", by=SYSTEM_ACTOR)
    grant(site, "user:outsider", "author", by=SYSTEM_ACTOR)
    return made


def tasks(site):
    return sorted(site.tasks._stages)


def test_an_assignment_is_taken_back_and_brought_again(site, item):
    editor = actor(site, "editor")
    assign(item, "reviewer", 3, by=editor, note="核对")
    first, before = item.desk.assignment, tasks(site)
    assign(item, "reviewer2", 1, by=editor)
    key = last(item)

    undo(site, item, key, by=editor)
    assert item.desk.assignment == first
    assert tasks(site) == before
    assert assigned_to(site, actor(site, "reviewer"), 9) == [item]
    assert assigned_to(site, actor(site, "reviewer2"), 9) == []
    undo(site, item, last(item), by=editor)
    assert item.desk.assignment.to == "reviewer2"


def test_an_assignment_is_taken_back_by_who_may_assign_and_only_to_who_is_there(site, item):
    editor = actor(site, "editor")
    assign(item, "reviewer", 3, by=editor)
    assign(item, "reviewer2", 1, by=editor)
    key = last(item)
    transaction.commit()
    with pytest.raises(Forbidden):
        undo(site, item, key, by=actor(site, "author"))
    site.directory.user("reviewer").disabled = True
    with pytest.raises(Invalid, match="账号已停用"):
        undo(site, item, key, by=editor)
    transaction.abort()
    assign(item, "reviewer3", 1, by=editor)
    with pytest.raises(Conflict, match="请先撤销那一步"):
        undo(site, item, key, by=editor)


def test_a_step_that_is_taken_back_lets_the_item_wait_for_whom_it_waited(site, item):
    assign(item, "reviewer", 3, by=actor(site, "editor"))
    given, before = item.desk.assignment, tasks(site)
    advance(item, "approve", by=actor(site, "reviewer"))
    assert tasks(site) == []
    undo(site, item, last(item), by=actor(site, "reviewer"))
    assert (item.state, item.desk.assignment, tasks(site)) == ("pending", given, before)


def test_a_step_is_taken_back_also_where_another_waits_or_the_person_has_left(site, item):
    editor, reviewer = actor(site, "editor"), actor(site, "reviewer")
    assign(item, "reviewer", 3, by=editor)
    advance(item, "approve", by=reviewer)
    key = last(item)
    assign(item, "publisher", 3, by=editor)
    transaction.commit()
    undo(site, item, key, by=reviewer)
    assert (item.state, item.desk.assignment.to) == ("pending", "publisher")
    transaction.abort()
    undo(site, item, last(item), by=editor)
    site.directory.user("reviewer").disabled = True
    undo(site, item, key, by=actor(site, "manager"))
    assert (item.state, item.desk.assignment, tasks(site)) == ("pending", None, [])


def remarks(item):
    names = [part("remark", key) for key in item.desk.remarks]
    return {name: facts(item, [name])[name] for name in names}


def test_what_was_said_answered_and_settled_is_taken_back_one_by_one(site, item):
    reviewer, author = actor(site, "reviewer"), actor(site, "author")
    remark(item, "别处", by=reviewer)
    seen = [remarks(item)]
    said = remark(item, "日期不对", by=reviewer, field="body", passage="正文")
    for do, by in ((lambda b: reply(item, said.key, "已改", by=b), author),
                   (lambda b: resolve(item, said.key, by=b), reviewer)):  # fmt: skip
        seen.append(remarks(item))
        do(by)
    keys = [key for key, entry in item.log.items() if entry.action in ("remark", "resolve")][1:]
    with pytest.raises(Conflict, match="请先撤销那一步"):
        undo(site, item, keys[0], by=reviewer)

    undo(site, item, keys[2], by=author)  # anybody who sees it opens it again
    assert remarks(item) == seen[2]
    undo(site, item, keys[1], by=author)
    assert remarks(item) == seen[1]
    undo(site, item, keys[0], by=reviewer)
    assert remarks(item) == seen[0]
    undo(site, item, last(item), by=reviewer)
    assert remarks(item) == seen[1]
    assert item.desk.remarks[said.key].passage == "正文"


def test_what_somebody_said_is_taken_back_by_them_or_a_manager(site, item):
    said = remark(item, "日期不对", by=actor(site, "reviewer"))
    key = last(item)
    transaction.commit()
    for who in ("author", "editor", "reviewer2"):
        with pytest.raises(Forbidden, match="写的人或管理员"):
            undo(site, item, key, by=actor(site, who))
    with pytest.raises(Forbidden):
        undo(site, item, key, by=actor(site, "outsider"))
    undo(site, item, key, by=actor(site, "manager"))
    assert said.key not in item.desk.remarks


def test_a_remark_comes_back_from_the_storage_as_it_was(site, item, database):
    said = remark(item, "日期不对", by=actor(site, "reviewer"))
    before = remarks(item)
    undo(site, item, last(item), by=actor(site, "reviewer"))
    transaction.commit()
    undo(site, item, last(item), by=actor(site, "reviewer"))
    transaction.commit()
    item.desk.remarks[said.key]._p_deactivate()
    assert remarks(item) == before
    reply(item, said.key, "好", by=actor(site, "author"))
    transaction.commit()
    item.desk.remarks[said.key]._p_deactivate()
    undo(site, item, last(item), by=actor(site, "author"))
    transaction.commit()
    item.desk.remarks[said.key]._p_deactivate()
    assert remarks(item) == before


def offers(site, item):
    names = [part("offer", made.key) for made in site.ledger.offers_of(item.uid)]
    return [facts(item, [name])[name] for name in names]


def test_an_offer_and_its_taking_back_are_taken_back(site, published):
    editor = actor(site, "editor")
    made = offer(published, site, by=editor, note="请采用")
    offered, key = offers(site, published), last(published)
    take_back(site, made, by=editor)
    taken = last(published)
    with pytest.raises(Conflict):
        undo(site, published, key, by=editor)

    undo(site, published, taken, by=editor)
    assert offers(site, published) == offered
    assert [o.key for o in site.ledger.open_for(site.uid)] == [made.key]
    undo(site, published, key, by=editor)
    assert (offers(site, published), list(site.ledger.open_for(site.uid))) == ([], [])
    assert list(site.ledger.offers_of(site["finance"].uid)) == []
    undo(site, published, last(published), by=editor)
    assert offers(site, published) == offered
    assert [o.note for o in site.ledger.open_for(site.uid)] == ["请采用"]


def test_an_offer_that_was_decided_or_may_no_longer_stand_is_not_taken_back(site, published):
    editor = actor(site, "editor")
    made = offer(published, site, by=editor)
    key = last(published)
    transaction.commit()
    with pytest.raises(Forbidden):
        undo(site, published, key, by=actor(site, "reviewer"))
    adopt(site, made, [site["tt"]], by=actor(site, "outsider"))
    with pytest.raises(Conflict, match="请先撤销那一步"):
        undo(site, published, key, by=editor)
    transaction.abort()

    take_back(site, made, by=editor)
    key = last(published)
    transaction.commit()
    offer(published, site, by=editor)
    with pytest.raises(Conflict, match="正等待对方处理"):
        undo(site, published, key, by=editor)
    transaction.abort()
    advance(published, "unpublish", by=SYSTEM_ACTOR, comment="过期")
    with pytest.raises(Conflict, match="先在本单位网站发布"):
        undo(site, published, key, by=editor)


def test_a_commission_is_taken_back_until_it_is_answered(site, published):
    outsider, finance = actor(site, "outsider"), site["finance"]
    day = clock.today() + timedelta(days=3)
    asked = commission(site, finance, "一季度财政收支", day, by=outsider, brief="八百字")
    key = last(site)
    transaction.commit()
    with pytest.raises(Forbidden):
        undo(site, site, key, by=actor(site, "manager"))
    undo(site, site, key, by=outsider)
    assert list(site.ledger.commissions_of(finance.uid)) == []
    assert list(site.ledger.commissions_of(site.uid)) == []
    undo(site, site, last(site), by=outsider)
    assert [c.brief for c in site.ledger.commissions_of(finance.uid)] == ["八百字"]
    transaction.abort()

    offer(published, site, by=actor(site, "editor"), commission=asked.key)
    with pytest.raises(Conflict, match="已有报送"):
        undo(site, site, key, by=outsider)


def blocks(page):
    return drafted(page, lambda: default_blocks(page))


def shown(page):
    return {name: facts(page)[name] for name in BLOCKS}


def test_each_step_of_arranging_is_taken_back_to_the_one_before(site):
    page, editor, publisher = site["finance"], actor(site, "editor"), actor(site, "publisher")
    text = {"body": "<p>字</p>"}
    steps = (
        (lambda by: add_block(page, blocks(page), "text", text, by=by), editor),
        (lambda by: publish_arrangement(page, by=by), publisher),
        (lambda by: move_block(page, blocks(page), blocks(page)[-1].key, blocks(page)[0].key, by=by), editor),
        (lambda by: remove_block(page, blocks(page), blocks(page)[0].key, by=by), editor),
        (lambda by: publish_arrangement(page, by=by), publisher),
        (lambda by: bring_back(page, 2, by=by), editor),
        (lambda by: discard_arrangement(page, by=by), editor),
    )  # fmt: skip
    seen = []
    for do, by in steps:
        before = shown(page)
        do(by)
        seen.append((last(page), before, by))
    assert page.arrangement.live is not None
    for key, before, by in reversed(seen):
        undo(site, page, key, by=by)
        assert shown(page) == before
    assert page.arrangement.live is None


def test_what_the_public_sees_comes_back_only_by_who_may_publish_it(site):
    page, editor = site["finance"], actor(site, "editor")
    add_block(page, blocks(page), "text", {"body": "<p>字</p>"}, by=editor)
    drawn = last(page)
    publish_arrangement(page, by=actor(site, "publisher"))
    key, revision = last(page), site.catalog.revision()
    transaction.commit()
    with pytest.raises(Forbidden):
        undo(site, page, key, by=editor)
    with pytest.raises(Conflict, match="请先撤销那一步"):
        undo(site, page, drawn, by=editor)
    undo(site, page, key, by=actor(site, "manager"))
    assert (page.arrangement.live, len(page.arrangement.draft)) == (None, 5)
    assert site.catalog.revision() > revision
    with pytest.raises(Forbidden):
        undo(site, page, drawn, by=actor(site, "reviewer"))


def test_nothing_of_the_desk_is_taken_back_in_the_trash(site, item):
    remark(item, "日期不对", by=actor(site, "reviewer"))
    key = last(item)
    delete(item, by=SYSTEM_ACTOR)
    transaction.commit()
    assert "回收站" in str(outlook(site, item, key, by=SYSTEM_ACTOR).problem)


def test_the_right_to_see_an_item_is_asked_again(site, item):
    remark(item, "日期不对", by=actor(site, "reviewer2"))
    revoke(site["finance"], "user:reviewer2", "reviewer", by=SYSTEM_ACTOR)
    with pytest.raises(Forbidden):
        undo(site, item, last(item), by=actor(site, "reviewer2"))


_STEPS = st.lists(
    st.tuples(st.sampled_from(["assign", "remark", "reply", "resolve", "approve", "return", "submit", "publish",
                               "offer", "take_back"]),
              st.integers(0, 3)),
    min_size=1, max_size=12,
)  # fmt: skip


def everything(site, item):
    found = facts(item, [part("remark", key) for key in item.desk.remarks] if item.desk else [])
    return {k: v for k, v in found.items() if not k.startswith("grants")} | {
        "offers": offers(site, item), "open": [o.key for o in site.ledger.open_for(site.uid)], "tasks": tasks(site),
    }  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(_STEPS)
def test_any_work_at_the_desk_is_taken_back_step_by_step(steps):
    database = world.open_database()
    connection = database.open()
    site = world.build(connection.root())
    item = article(site)
    seen = []
    transaction.commit()
    for step, number in steps:
        mark, before, key = transaction.savepoint(), everything(site, item), last(item)
        try:
            _do(site, item, step, number)
        except EgovError:
            mark.rollback()
            continue
        if last(item) != key:
            seen.append((last(item), before))
    for key, before in reversed(seen):
        undo(site, item, key, by=SYSTEM_ACTOR)
        assert everything(site, item) == before
    transaction.abort()
    connection.close()
    database.close()


def _do(site, item, step, number):
    by, said = SYSTEM_ACTOR, list(item.desk.remarks) if item.desk is not None else []
    if step == "assign":
        assign(item, ("reviewer", "reviewer2", "reviewer3", "editor")[number], number, by=by)
    elif step == "remark":
        remark(item, f"第{number}条", by=by)
    elif step in ("reply", "resolve") and said:
        key = said[number % len(said)]
        reply(item, key, "好", by=by) if step == "reply" else resolve(item, key, by=by)
    elif step == "offer":
        offer(item, site, by=by)
    elif step == "take_back":
        for made in list(site.ledger.open_for(site.uid)):
            take_back(site, made, by=by)
    elif step not in ("reply", "resolve"):
        advance(item, step, by=by, comment="原因")
