"""What was handed on falls with what it was handed on from; nobody widens what they have."""

from datetime import timedelta

import pytest
import transaction

from egov.base import clock
from egov.base.errors import Forbidden, Invalid
from egov.operations.delegation import all_grants, falling, reach_of
from egov.operations.rights import grant, revocable, revoke
from egov.operations.tree import copy, delete, move, undelete
from egov.security.policy import roles_on, table_for
from egov.security.principals import SYSTEM_ACTOR
from tests.support.world import actor, article


def keys(held):
    return {(h.node.__name__, h.grant.principal, h.grant.role) for h in held}


@pytest.fixture
def two(site):
    """system → manager → editor → author, each a manager who may hand on."""
    for place, who, by in (("", "editor", "manager"), ("news", "author", "editor")):
        hand_on(site, place, who, by)
    return site


def hand_on(site, place, who, by):
    """Let one manager make another, who may hand on in turn."""
    node = site["finance"][place] if place else site["finance"]
    grant(node, f"user:{who}", "manager", by=actor(site, by), reason="工作需要", may_delegate=True)


@pytest.fixture
def chain(two):
    """The same, and an editor made by the last of them."""
    news, by = two["finance"]["news"], actor(two, "author")
    grant(news, "user:outsider", "editor", by=by, reason="工作需要")
    return two


def test_a_revocation_shows_and_takes_all_that_hangs_on_it(chain):
    finance, by = chain["finance"], actor(chain, "manager")
    expected = {("news", "user:author", "manager"), ("news", "user:outsider", "editor")}

    assert keys(revocable(finance, "user:editor", "manager", by=by)) == expected
    assert keys(revoke(finance, "user:editor", "manager", by=by)) == expected
    assert roles_on(actor(chain, "outsider"), finance["news"]) == {"reader"}
    assert chain.audit.newest().__next__().reason.endswith("随上级授权一并收回）")


def test_what_has_another_support_stays(chain):
    finance = chain["finance"]
    grant(finance, "user:author", "manager", by=SYSTEM_ACTOR, may_delegate=True)

    gone = revoke(finance, "user:editor", "manager", by=actor(chain, "manager"))

    assert keys(gone) == {("news", "user:author", "manager")}
    assert "editor" in roles_on(actor(chain, "outsider"), finance["news"])


def test_two_who_gave_to_each_other_do_not_hold_each_other_up(two):
    site, finance, manager = two, two["finance"], actor(two, "manager")
    hand_on(site, "news", "editor", "author")

    revoke(finance, "user:editor", "manager", by=manager)

    assert "manager" not in roles_on(actor(site, "author"), finance["news"])
    assert "manager" not in roles_on(actor(site, "editor"), finance["news"])


def test_a_shorter_grant_takes_what_would_outlast_it(chain):
    finance, by = chain["finance"], actor(chain, "manager")
    soon = clock.now() + timedelta(days=3)

    made = grant(
        finance, "user:editor", "manager", by=by, reason="工作需要", may_delegate=True, until=soon
    )

    assert made.until == soon
    assert "manager" not in roles_on(actor(chain, "author"), finance["news"])


def test_the_same_grant_again_takes_nothing(chain):
    finance, by = chain["finance"], actor(chain, "manager")
    before = keys(all_grants(chain))
    grant(finance, "user:editor", "manager", by=by, may_delegate=True, reason="另一个原因")
    assert keys(all_grants(chain)) == before


def test_nobody_cuts_off_their_own_branch(chain):
    editor = actor(chain, "editor")
    with pytest.raises(Invalid, match="不能再管理"):
        revoke(chain["finance"], "user:manager", "manager", by=editor)
    assert falling(chain, {}) == []


def test_nobody_makes_less_what_lets_them_give(two):
    news, author, editor = two["finance"]["news"], actor(two, "author"), actor(two, "editor")
    hand_on(two, "news", "outsider", "author")
    outsider = actor(two, "outsider")
    before = list(all_grants(two))

    for less in ({}, {"may_delegate": True, "until": clock.now() + timedelta(days=3)}):
        with pytest.raises(Invalid, match="就来自这项授权"):
            grant(news, "user:author", "manager", by=outsider, reason="工作需要", **less)
        with pytest.raises(Invalid, match="就来自这项授权"):
            grant(news, "user:author", "manager", by=author, reason="工作需要", **less)

    assert list(all_grants(two)) == before
    grant(news, "user:author", "manager", by=editor, reason="工作需要")
    assert "manager" not in roles_on(outsider, news)


def test_what_a_grant_reaches(site):
    for number in range(3):
        article(site, title=f"第{number}篇")
    assert reach_of(site["finance"], ["user:author"]) == (3, 1)
    assert reach_of(site["finance"]["notices"], ["user:author", "user:editor"]) == (0, 2)
    assert reach_of(site, ["Everyone"]) == (3, None)


@pytest.fixture
def between(site):
    """A person who manages finance, hands on there, and only writes in health."""
    grant(site["health"], "user:manager", "author", by=SYSTEM_ACTOR)
    item = article(site)
    grant(item, "user:manager", "publisher", by=actor(site, "manager"), reason="工作需要")
    transaction.commit()
    return site, item


def test_rights_do_not_travel_to_where_they_could_not_be_given(between):
    site, item = between
    with pytest.raises(Forbidden, match="无权这样设置"):
        move(item, site["health"]["news"], by=actor(site, "manager"))
    assert item.__parent__ is site["finance"]["news"]

    move(item, site["finance"]["notices"], by=actor(site, "manager"))
    assert item.__parent__ is site["finance"]["notices"]


def test_the_trash_brings_back_only_what_the_person_could_give(between):
    site, item = between
    delete(item, by=actor(site, "manager"))
    with pytest.raises(Forbidden, match="无权这样设置"):
        undelete(site, item.uid, by=actor(site, "author"))
    assert undelete(site, item.uid, by=actor(site, "manager")) is item


def test_a_copy_has_no_grants_and_no_workflow_that_could_not_be_set(between):
    site, item = between
    made = copy(item, site["health"]["news"], by=actor(site, "manager"))
    assert made.grants == ()
    assert table_for(made).name == "review"
