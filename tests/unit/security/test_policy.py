"""The rule of rights: what reaches a node, who decides, and that every answer can be explained."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyramid import authorization
from pyramid.authorization import ACLHelper

from egov.base import clock
from egov.base.permissions import DUTIES, NODE_PERMISSIONS, Permission
from egov.operations.tree import place
from egov.operations.workflow import advance
from egov.security.grants import AUTHENTICATED, EVERYONE, ROLE_TITLES, Grant
from egov.security.policy import explain, obstacle, permits, roles_of, roles_on, table_for
from egov.security.principals import ANONYMOUS, SYSTEM_ACTOR, Actor
from tests.support.world import actor, article

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
SOMEBODY = Actor("zhang", "张", frozenset({"user:zhang", "group:press", EVERYONE, AUTHENTICATED}))


def given_to(principal, role, until=None):
    return Grant(principal, role, "system", NOW, until)


@pytest.fixture
def bare(site):
    """The tree without any grant: portal, department, section, published item."""
    item = article(site)
    for step, who in (("submit", "author"), ("approve", "reviewer"), ("publish", "publisher")):
        advance(item, step, by=actor(site, who))
    path = [site, site["finance"], site["finance"]["news"], item]
    for node in path:
        node.grants = ()
    return path


REACHES = [
    # given at, stops inheriting at, hidden at, role, reaches portal/department/section/item
    (0, None, None, "reader", "yyyy"),
    (1, None, None, "reader", "-yyy"),
    (2, None, None, "reader", "--yy"),
    (3, None, None, "reader", "---y"),
    (0, 0, None, "reader", "yyyy"),
    (0, 1, None, "reader", "y---"),
    (0, 3, None, "editor", "yyy-"),
    (1, 1, None, "editor", "-yyy"),
    (1, 2, None, "editor", "-y--"),
    (3, 3, None, "editor", "---y"),
    (0, None, 1, "reader", "y---"),
    (0, None, 1, "editor", "yyyy"),
    (1, None, 1, "reader", "-yyy"),
    (0, None, 0, "reader", "yyyy"),
    (0, 2, 1, "editor", "yy--"),
    (1, None, 2, "reader", "-y--"),
]


@pytest.mark.parametrize(("at", "stop", "hidden", "role", "reaches"), REACHES)
def test_a_grant_reaches_down_until_inheritance_stops_or_a_hidden_place_holds_readers_back(
    at, stop, hidden, role, reaches, bare
):
    bare[at].grants = (given_to("user:zhang", role),)
    if stop is not None:
        bare[stop].inherits = False
    if hidden is not None:
        bare[hidden].state = "hidden"

    got = "".join("y" if role in roles_of(SOMEBODY.principals, n) else "-" for n in bare)

    assert got == reaches


@pytest.mark.parametrize(
    ("principal", "reached"),
    [
        (EVERYONE, {"anonymous", "zhang", "li"}),
        (AUTHENTICATED, {"zhang", "li"}),
        ("group:press", {"zhang"}),
        ("user:zhang", {"zhang"}),
        ("user:nobody", set()),
    ],
)
def test_a_grant_is_for_whom_it_names(principal, reached, bare):
    bare[1].grants = (given_to(principal, "reader"),)
    li = Actor("li", "李", frozenset({"user:li", EVERYONE, AUTHENTICATED}))

    people = {"anonymous": ANONYMOUS, "zhang": SOMEBODY, "li": li}
    assert {k for k, a in people.items() if permits(a, Permission.VIEW, bare[3])} == reached


def test_a_grant_ends_when_it_says(bare):
    bare[0].grants = (given_to("user:zhang", "editor", NOW),)

    with clock.frozen(NOW - timedelta(microseconds=1)):
        assert permits(SOMEBODY, Permission.EDIT, bare[3])
    with clock.frozen(NOW):
        assert not permits(SOMEBODY, Permission.EDIT, bare[3])


def test_the_owner_is_who_made_it_and_is_still_an_author_there(site):
    item = article(site, by="author")
    author = actor(site, "author")
    assert "owner" in roles_on(author, item)
    assert "owner" not in roles_on(actor(site, "editor"), item)

    site["finance"].grants = tuple(g for g in site["finance"].grants if g.role != "author")

    assert roles_on(author, item) == {"reader"}
    assert not permits(author, Permission.EDIT, item)


def test_who_made_nothing_owns_nothing(site):
    item = article(site)
    item.owner = ""
    site.grants = (*site.grants, given_to(EVERYONE, "author"))

    assert "owner" not in roles_on(ANONYMOUS, item)


def test_a_placement_shows_no_more_than_its_target(bare):
    site, item = bare[0], bare[3]
    placement = place(item, site["health"]["news"], by=SYSTEM_ACTOR)
    site.grants = (given_to(EVERYONE, "reader"),)
    assert permits(ANONYMOUS, Permission.VIEW, placement)

    item.inherits = False

    assert not permits(ANONYMOUS, Permission.VIEW, placement)


def test_duties_are_no_rights_on_nodes_and_rights_are_no_duties(site):
    for duty in DUTIES:
        admin = actor(site, f"{duty}-admin")
        assert [d for d in DUTIES if permits(admin, d, site)] == [duty]
        allowed = [p for p in NODE_PERMISSIONS if permits(admin, p, site["finance"])]
        assert allowed == [Permission.VIEW]
    manager = actor(site, "manager")
    assert not any(permits(manager, duty, site["finance"]) for duty in DUTIES)
    assert permits(manager, Permission.AUTHENTICATED, site)
    assert not permits(ANONYMOUS, Permission.AUTHENTICATED, site)
    assert permits(ANONYMOUS, Permission.PUBLIC, site)


def test_the_nearest_container_chooses_the_table(site):
    item = article(site)
    finance, news = site["finance"], site["finance"]["news"]
    assert table_for(item).name == "review"
    for node, workflows, expected in (
        (site, {"*": "direct"}, "direct"),
        (finance, {"article": "three-review"}, "three-review"),
        (news, {"page": "direct"}, "three-review"),
        (news, {"*": "direct"}, "direct"),
        (news, {"*": "direct", "article": "review"}, "review"),
    ):
        node.workflows = workflows
        assert table_for(item).name == expected
    assert table_for(news).name == "container"


def test_an_unknown_state_gives_nobody_anything(site):
    item = article(site)
    item.state = item.draft_state = "limbo"

    assert not any(permits(actor(site, "manager"), p, item) for p in NODE_PERMISSIONS)


def test_guards_name_what_stands_in_the_way(site):
    item = article(site, by="manager")
    advance(item, "submit", by=actor(site, "manager"))
    approve = table_for(item).find("approve", "pending")

    assert obstacle(actor(site, "author"), approve, item) == "role"
    assert obstacle(actor(site, "manager"), approve, item) == "author"
    assert obstacle(actor(site, "reviewer"), approve, item) == ""
    assert obstacle(SYSTEM_ACTOR, approve, item) == ""


grants = st.lists(
    st.builds(
        given_to,
        st.sampled_from(["user:zhang", "group:press", EVERYONE, AUTHENTICATED, "user:other"]),
        st.sampled_from(sorted(ROLE_TITLES)),
        st.sampled_from([None, NOW - timedelta(days=1), NOW + timedelta(days=1)]),
    ),
    max_size=3,
).map(tuple)


def in_pyramid(who):
    """The principals as Pyramid names them."""
    names = {EVERYONE: authorization.Everyone, AUTHENTICATED: authorization.Authenticated}
    return {names.get(principal, principal) for principal in who.principals}


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    local=st.tuples(grants, grants, grants, grants),
    inherits=st.tuples(*[st.booleans()] * 4),
    hidden=st.tuples(*[st.booleans()] * 3),
    states=st.sampled_from([("draft", ""), ("pending", ""), ("", "published"), ("draft", "unpublished")]),
    owner=st.sampled_from(["zhang", "other", ""]),
    who=st.sampled_from([SOMEBODY, ANONYMOUS]),
)  # fmt: skip
def test_explanations_and_pyramid_s_acl_agree_with_the_policy(
    bare, local, inherits, hidden, states, owner, who
):
    for node, here, flag in zip(bare, local, inherits, strict=True):
        node.grants, node.inherits = here, flag
    for node, flag in zip(bare[:3], hidden, strict=True):
        node.state = "hidden" if flag else "open"
    item = bare[3]
    item.owner, (item.draft_state, item.live_state) = owner, states
    item.state = item.draft_state or item.live_state
    with clock.frozen(NOW):
        for node in bare:
            for permission in NODE_PERMISSIONS:
                allowed = permits(who, permission, node)
                told = explain(who, permission, node)
                assert bool(told) == told.allowed == allowed
                by_owner = told.is_owner and "owner" in told.cell
                assert allowed == bool(told.deciding or by_owner)
                assert all(s.grant in s.node.grants and s.grant.is_active() for s in told.sources)
                if told.stopped_at is not None:
                    assert not told.stopped_at.inherits
                acl = ACLHelper().permits(node, in_pyramid(who), permission.value)
                assert allowed or not acl
                # An ACL cannot say "the owner, if a group makes them an author".
                assert acl or not told.deciding
