"""Each listing against a naive walk over the whole tree, for random content, rights and readers."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from egov.base import clock
from egov.base.errors import EgovError
from egov.base.permissions import Permission
from egov.catalog import reads
from egov.catalog.index import domain_of
from egov.model.container import Container
from egov.model.item import Item
from egov.operations.check import check
from egov.operations.content import create, edit
from egov.operations.rights import grant, set_inheritance
from egov.operations.tree import delete, move, place, undelete
from egov.operations.undo import undo
from egov.operations.workflow import advance, available
from egov.security.policy import permits, roles_on, table_for
from egov.security.principals import ANONYMOUS, SYSTEM_ACTOR
from tests.support.world import ROLES, actor

SECTIONS = [("finance", "news"), ("finance", "notices"), ("health", "news")]
PATHS = [
    (),
    ("submit",),
    ("submit", "return"),
    ("submit", "approve"),
    ("submit", "approve", "publish"),
]
PATHS += [(*PATHS[-1], "unpublish"), (*PATHS[-1], "withdraw"), (*PATHS[-1], "edit"),
          (*PATHS[-1], "edit", "submit")]  # fmt: skip
PEOPLE = (None, "outsider", "author", "editor", "reviewer", "publisher", "manager")

CHANGES = [
    ("grant", "outsider"), ("grant", "author"), ("stop", ""), ("place", ""),
    ("move", ""), ("delete", ""), ("unpublish", ""),
]  # fmt: skip

contents = st.lists(
    st.tuples(
        st.sampled_from(SECTIONS),
        st.sampled_from(["article", "official_document", "page"]),
        st.sampled_from(PATHS),
        st.sampled_from(["水", "电", "气"]),
        st.sampled_from(["author", "editor"]),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=8,
)
rights = st.lists(
    st.tuples(
        st.integers(0, 20),
        st.sampled_from(CHANGES),
        st.sampled_from(ROLES),
    ),
    max_size=4,
)
numbers = itertools.count()
BEGIN = datetime(2026, 3, 1, 9, tzinfo=UTC)


def fill(site, wanted, changes):
    """Make content as told, on several days; whoever writes it, it goes its way by the system's hand."""
    for (subsite, name), kind, path, word, owner, day in wanted:
        moment = BEGIN + timedelta(days=day, seconds=next(numbers))
        title = f"第{next(numbers)}篇"
        values = {
            "title": title, "body": "<p>文</p>", "source": "x", "keywords": (word,), "index_no": title,
            "issuer": "局", "written_on": "2026-01-01",
        }  # fmt: skip
        with clock.frozen(moment):
            node = create(site[subsite][name], kind, values, by=SYSTEM_ACTOR)
            node.owner = owner
            site.catalog.index(node)
        for number, step in enumerate(path, start=1):
            with clock.frozen(moment + timedelta(hours=7 * number)):
                if step == "edit":
                    other = {**node.work.values, "keywords": ("改",), "summary": "改"}
                    edit(node, other, by=SYSTEM_ACTOR)
                else:
                    advance(node, step, by=SYSTEM_ACTOR, comment="原因")
    for number, (what, who), role in changes:
        nodes = everything(site)
        try:
            change(site, nodes[number % len(nodes)], number, what, who, role)
        except EgovError:
            continue


def change(site, node, number, what, who, role):
    if what == "grant":
        grant(node, f"user:{who}", role, by=SYSTEM_ACTOR)
    elif what == "stop":
        set_inheritance(node, False, by=SYSTEM_ACTOR)
    elif what == "place":
        place(node, site["health"]["notices"], by=SYSTEM_ACTOR)
    elif what == "move":
        move(node, site["health"], by=SYSTEM_ACTOR)
    elif what == "delete" and not isinstance(node, Container):
        delete(node, by=SYSTEM_ACTOR)
        if number % 2:
            undelete(site, node.uid, by=SYSTEM_ACTOR)
    elif what == "unpublish":
        advance(node, "unpublish", by=SYSTEM_ACTOR, comment="原因")
        undo(site, node, node.log.maxKey(), by=SYSTEM_ACTOR)


def everything(container):
    found = []
    for node in container.values_in_order():
        found.append(node)
        if isinstance(node, Container):
            found += everything(node)
    return found


def in_trash(site):
    return {uid for known in site.catalog.own_rights.values() for uid in known if uid in site.trash}


def reader(site, who):
    return actor(site, who) if who else ANONYMOUS


def newest(nodes, key):
    return sorted(nodes, key=key, reverse=True)


def shown_at(node):
    return node.published_at if isinstance(node, Item) else node.created


def naive_published(container, who, deep, types):
    inside = everything(container) if deep else list(container.values_in_order())
    return newest(
        [
            n
            for n in inside
            if not isinstance(n, Container)
            and getattr(n, "live_state", "published") == "published"
            and getattr(getattr(n, "target", None), "live_state", "published") == "published"
            and permits(who, Permission.VIEW, n)
            and (types is None or n.type_name in types)
        ],
        shown_at,
    )


@pytest.fixture(autouse=True)
def _rolled_back(site):
    """Every example begins with the world as it was."""
    site._p_jar.transaction_manager.commit()


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    wanted=contents,
    changes=rights,
    limit=st.integers(1, 5),
    offset=st.integers(0, 3),
    states=st.sampled_from([None, {"draft"}, {"published", "pending"}, {"open"}]),
    types=st.sampled_from([None, {"article"}, {"page", "placement"}]),
)
def test_every_listing_is_what_a_walk_finds(site, wanted, changes, limit, offset, states, types):
    site._p_jar.transaction_manager.begin()
    fill(site, wanted, changes)
    assert list(check(site)) == []
    window = slice(offset, offset + limit)
    for name in PEOPLE:
        who = reader(site, name)
        for container in (
            site,
            site["finance"],
            site["finance"]["news"],
            site["health"]["notices"],
        ):
            below = [container, *(n for n in everything(container) if domain_of(n) is n)]
            assert {n.uid for n in below} == set(reads.domains_below(container)) - in_trash(site)
            for deep in (False, True):
                page = reads.published(
                    container, who, limit=limit, offset=offset, deep=deep, types=types
                )
                expected = naive_published(container, who, deep, types)
                assert page.nodes == expected[window]
                assert page.total >= len(expected)
            check_contents(container, who, window, states, types)
            check_counts(container, who)
            check_waiting(container, who)
        check_mine(site, who)
        check_found(site, who)
        for permission in (Permission.ADD, Permission.CONFIGURE, Permission.VIEW):
            walked = [site, *(n for n in everything(site) if isinstance(n, Container))]
            assert list(reads.containers_where(who, site, permission)) == [
                c for c in walked if permits(who, permission, c)
            ]


def check_contents(container, who, window, states, types):
    told = {"limit": window.stop - window.start, "offset": window.start}
    seen = [n for n in container.values_in_order() if permits(who, Permission.PREVIEW, n)]
    assert reads.contents(container, who, **told).nodes == seen[window]
    fitting = [
        n
        for n in seen
        if (states is None or n.state in states) and (types is None or n.type_name in types)
    ]
    below = [n for n in fitting if isinstance(n, Container)]
    items = newest([n for n in fitting if not isinstance(n, Container)], lambda n: n.modified)
    page = reads.contents(container, who, states=states, types=types, sort="modified", **told)
    assert page.nodes == [*below, *items][window]
    assert page.total >= len(fitting)


def check_counts(container, who):
    expected = {}
    for node in container.values_in_order():
        if not isinstance(node, Container) and permits(who, Permission.PREVIEW, node):
            key = (node.state, node.type_name)
            expected[key] = expected.get(key, 0) + 1
    assert reads.counts(container, who) == expected


def check_waiting(container, who):
    expected = {}
    for node in everything(container):
        if isinstance(node, Item) and node.state in ("pending", "approved"):
            steps = {
                t.name
                for t in available(node, who)
                if t in table_for(node).leaving(node.draft_state)
            }
            if steps & {"approve", "publish"}:
                expected[node] = steps
    got = list(reads.waiting(who, container))
    assert {w.node: {t.name for t in w.steps} for w in got} == expected
    assert [w.node for w in got] == sorted(expected, key=lambda n: n.modified)


def check_mine(site, who):
    states = {"draft", "returned", "pending"}
    expected = newest(
        [
            n
            for n in everything(site)
            if isinstance(n, Item)
            and who.id
            and n.owner == who.id
            and n.state in states
            and roles_on(who, n) & {"author", "editor", "manager"}
        ],
        lambda n: n.modified,
    )
    assert reads.mine(who, site, states=states, limit=3) == expected[:3]


def check_found(site, who):
    for word in ("水", "改"):
        for permission in (Permission.VIEW, Permission.PREVIEW):
            expected = set()
            for node in everything(site):
                if isinstance(node, Item) and "keywords" in type(node).type_info.indexed:
                    editions = (
                        [node.live] if permission == Permission.VIEW else [node.live, node.draft]
                    )
                    says = any(e and word in e.values["keywords"] for e in editions)
                    if says and permits(who, permission, node):
                        expected.add(node)
            found = reads.find("keywords", word, who, site, permission=permission)
            assert set(found) == expected
            assert len(found) == len(expected)


def test_far_back_in_a_listing_nothing_is_loaded_that_is_not_shown(site):
    section, count = site["finance"]["news"], reads._LOOKED_AT + 60
    for number in range(count):
        facts = {"title": f"第{number}号", "body": "<p>文</p>", "source": "甲"}
        item = create(section, "article", facts, by=SYSTEM_ACTOR, name=f"n{number}")
        for step in ("submit", "approve", "publish"):
            advance(item, step, by=SYSTEM_ACTOR)
    transaction.commit()
    editor = actor(site, "manager")
    told = {"limit": 20, "offset": reads._LOOKED_AT + 20}
    for listing in (
        lambda: reads.published(section, ANONYMOUS, **told),
        lambda: reads.contents(section, editor, **told),
        lambda: reads.contents(section, editor, sort="changed", **told),
    ):
        site._p_jar.cacheMinimize()
        nodes = listing().nodes
        awake = sum(1 for node in section.values_in_order() if node._p_changed is not None)

        assert len(nodes) == 20
        assert awake == 20
    shown = reads.published(section, ANONYMOUS, **told).nodes
    assert [n.title for n in shown] == [
        f"第{n}号" for n in range(count - 1 - told["offset"], count - 21 - told["offset"], -1)
    ]


def test_a_catalog_is_counted_no_further_than_asked(site):
    count = len(site.catalog.nodes)

    assert site.catalog.holds_more_than(count - 1)
    assert not site.catalog.holds_more_than(count)
