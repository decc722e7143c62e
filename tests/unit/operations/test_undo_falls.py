"""Taking back a revocation: what fell with it comes back whole, and only by who may give all of it."""

import contextlib
from datetime import timedelta

import pytest
import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from egov.base import clock
from egov.base.errors import Conflict, EgovError, Forbidden
from egov.operations.delegation import all_grants
from egov.operations.rights import grant, revoke, set_inheritance
from egov.operations.tree import delete
from egov.operations.undo import can_be_undone, outlook, undo
from egov.security.principals import SYSTEM_ACTOR
from tests.support import world
from tests.support.world import actor, article


def last(node):
    return node.log.maxKey()


def handed_on(site):
    """system → manager → editor → author → outsider, each on finance or below."""
    news, reason = site["finance"]["news"], "工作需要"
    item = article(site, by="editor", title="甲")
    more = {"reason": reason, "may_delegate": True}
    end = clock.now() + timedelta(days=9)
    grant(site["finance"], "user:editor", "manager", by=actor(site, "manager"), **more)
    grant(news, "user:author", "manager", by=actor(site, "editor"), **more)
    grant(news, "user:reader", "author", by=actor(site, "author"), reason=reason, until=end)
    grant(item, "user:outsider", "editor", by=actor(site, "author"), reason=reason)
    grant(site["finance"], "user:outsider", "reader", by=actor(site, "editor"), reason=reason)
    return item


def grants_below(site):
    """Every grant with who gave it: what a later revocation would take with what."""
    return {(h.node.uid, *h.grant[:3], *h.grant[4:6]) for h in all_grants(site)}


def test_a_revocation_is_taken_back_with_all_that_fell_with_it(site):
    item = handed_on(site)
    before = grants_below(site)
    manager = actor(site, "manager")
    gone = revoke(site["finance"], "user:editor", "manager", by=manager)
    assert len(gone) == 4
    key = first_of_fall(site["finance"])
    transaction.commit()

    seen = outlook(site, site["finance"], key, by=manager)
    assert not seen.problem
    assert {(h.node.title, h.grant.principal) for h in seen.along} == {
        ("工作动态", "user:author"), ("工作动态", "user:reader"), ("甲", "user:outsider"),
    }  # fmt: skip
    undo(site, site["finance"], key, by=manager)

    assert grants_below(site) == before
    fallen = [e for e in item.log.values() if e.action == "revoke"]
    assert [can_be_undone(e) for e in (*fallen, site["finance"].log[key])] == [False, False]
    assert keys_of(revoke(site["finance"], "user:editor", "manager", by=manager)) == keys_of(gone)


def first_of_fall(node):
    """The key of the newest revocation with which others went."""
    return [k for k, e in node.log.items() if e.deed is not None and e.deed.fallen][-1]


def keys_of(held):
    return {h.key for h in held}


def test_a_fall_comes_back_only_whole_and_by_who_may_give_all_of_it(site):
    item = handed_on(site)
    finance, manager = site["finance"], actor(site, "manager")
    revoke(finance, "user:editor", "manager", by=manager)
    key, before = first_of_fall(finance), grants_below(site)
    with pytest.raises(Forbidden):
        undo(site, finance, key, by=actor(site, "author"))
    set_inheritance(item, False, by=SYSTEM_ACTOR)
    transaction.commit()

    with pytest.raises(Forbidden, match="无权恢复"):
        undo(site, finance, key, by=manager)
    delete(item, by=SYSTEM_ACTOR)
    assert "回收站" in str(outlook(site, finance, key, by=manager).problem)
    assert grants_below(site) == before


def test_what_of_a_fall_was_given_again_by_itself_stays_and_later_changes_stand_in_the_way(site):
    handed_on(site)
    finance, manager = site["finance"], actor(site, "manager")
    news = finance["news"]
    before = grants_below(site)
    revoke(finance, "user:editor", "manager", by=manager)
    key = first_of_fall(finance)
    transaction.commit()

    undo(site, news, last(news), by=manager)  # what fell last there
    undo(site, finance, key, by=manager)
    assert {g[:3] for g in grants_below(site)} == {g[:3] for g in before}

    transaction.abort()
    grant(news, "user:publisher", "reader", by=manager, reason="工作需要")
    with pytest.raises(Conflict, match="请先撤销那一步"):
        undo(site, finance, key, by=manager)


def test_a_fall_that_is_taken_back_and_brought_again_comes_back_once_more(site):
    handed_on(site)
    finance, manager = site["finance"], actor(site, "manager")
    before = grants_below(site)
    revoke(finance, "user:editor", "manager", by=manager)
    fallen, key = grants_below(site), first_of_fall(finance)
    undo(site, finance, key, by=manager)
    given = [k for k, e in finance.log.items() if e.deed is not None and e.deed.undoes == key]
    for made in reversed(given):
        undo(site, finance, made, by=manager)
    assert grants_below(site) == fallen
    for made in reversed(list(finance.log.keys(given[-1] + 1))):
        undo(site, finance, made, by=manager)
    assert grants_below(site) == before


def test_what_a_lesser_grant_took_comes_back_with_the_first(site):
    handed_on(site)
    finance, manager = site["finance"], actor(site, "manager")
    before = grants_below(site)
    soon = clock.now() + timedelta(days=3)
    grant(finance, "user:editor", "manager", by=manager, reason="工作需要", may_delegate=True,
          until=soon)  # fmt: skip
    assert len(grants_below(site)) < len(before)
    undo(site, finance, first_of_fall(finance), by=manager)
    assert grants_below(site) == before


_GIVEN = st.lists(
    st.tuples(st.sampled_from(("manager", "editor", "author", "reader")),
              st.sampled_from(("editor", "author", "reader", "outsider")),
              st.sampled_from(("", "news", "item")), st.sampled_from(("manager", "editor")),
              st.booleans()),
    min_size=1, max_size=14,
)  # fmt: skip


# Somebody makes less what gave them the right to give.
_CUT_OFF = [
    ("manager", "author", "item", "manager", True), ("author", "editor", "item", "manager", True),
    ("editor", "author", "item", "manager", False),
]  # fmt: skip


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(_GIVEN, st.integers(0, 30))
@example(_CUT_OFF, 0)
@example(_CUT_OFF, 1)
def test_any_fall_is_taken_back_whole(handed, picked):
    database = world.open_database()
    connection = database.open()
    site = world.build(connection.root())
    item, manager = article(site, by="manager", title="甲"), actor(site, "manager")
    places = {"": site["finance"], "news": site["finance"]["news"], "item": item}
    for giver, to, where, role, hand_on in handed:
        with contextlib.suppress(EgovError):
            grant(places[where], f"user:{to}", role, by=actor(site, giver), reason="工作",
                  may_delegate=hand_on)  # fmt: skip
    given = [h for h in all_grants(site) if h.grant.by != SYSTEM_ACTOR.id]
    if given:
        node, going = given[picked % len(given)]
        before = grants_below(site)
        newest = {n.uid: n.log.maxKey() for n in places.values()}
        revoke(node, going.principal, going.role, by=manager)
        key = next(iter(node.log.keys(newest[node.uid] + 1)))
        undo(site, node, key, by=manager)
        assert grants_below(site) == before
        for place_ in places.values():
            entries = place_.log.items(newest[place_.uid] + 1)
            assert not [e for _k, e in entries if can_be_undone(e) and not e.deed.undoes]
    transaction.abort()
    connection.close()
    database.close()
