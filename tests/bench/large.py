"""A large site group: 120,000 nodes, 1,400 grants, 10,000 drafts that wait; what a decision and a page cost there."""

from __future__ import annotations

import random
from statistics import median
from time import perf_counter

import transaction
from webtest import TestApp

from egov.app import configure
from egov.base.permissions import NODE_PERMISSIONS
from egov.catalog import reads
from egov.operations.accounts import add_user
from egov.operations.content import create
from egov.operations.organisation import add_unit, set_posts
from egov.operations.rights import grant, revoke
from egov.operations.workflow import advance
from egov.security.policy import permits
from egov.security.principals import SYSTEM_ACTOR, Post
from tests.bench.figures import p95
from tests.bench.managing import measure_pages
from tests.support import world

ITEMS, WAITING, SECTIONS, GRANTS = 120_000, 10_000, 1200, 1400
PEOPLE, UNITS = 600, 60
SIZES = (1_000, 10_000, 100_000)  # at which a grant at the root is tried
_BODY = "<p>" + "为方便群众办事，现将有关安排公告如下。" * 10 + "</p>"


def _build(site, *, at_size):
    """Sections below the departments, items in them, grants spread over both; `at_size` is called on the way."""
    chance = random.Random(1)
    sections = []
    for number in range(PEOPLE):
        user = add_user(site, f"p{number}", f"人员{number}", world.PASSWORD, by=SYSTEM_ACTOR)
        if number < UNITS:
            add_unit(site, f"u{number}", f"单位{number}", "department", by=SYSTEM_ACTOR)
        set_posts(site, user, [Post(f"u{number % UNITS}", "科员")], by=SYSTEM_ACTOR)
    for number in range(SECTIONS):
        home = site[("finance", "health")[number % 2]]
        facts = {"title": f"栏目{number}"}
        sections.append(create(home, "section", facts, by=SYSTEM_ACTOR, name=f"s{number}"))
    for number in range(ITEMS):
        values = {"title": f"第{number}号", "body": _BODY, "source": "局"}
        node = create(
            sections[number % SECTIONS], "article", values, by=SYSTEM_ACTOR, name=f"i{number}"
        )
        advance(node, "submit", by=SYSTEM_ACTOR)
        if number >= WAITING:
            advance(node, "approve", by=SYSTEM_ACTOR)
            advance(node, "publish", by=SYSTEM_ACTOR)
        if number % 500 == 499:
            transaction.commit()
            site._p_jar.cacheGC()
        if number + 1 in SIZES:
            at_size(number + 1)
    people = ("author", "editor", "reviewer", "publisher", "outsider")
    for number in range(GRANTS):
        place = sections[number % SECTIONS]
        node = place if number % 3 else place[next(iter(place))]
        grant(
            node,
            f"user:{chance.choice(people)}",
            chance.choice(("author", "editor", "reader")),
            by=SYSTEM_ACTOR,
        )
        if number % 100 == 99:
            transaction.commit()
    transaction.commit()
    return sections


def measure(folder, settings_of, objects_written):
    """The figures, as (name, figure, budget, kept)."""
    config = configure(settings_of(folder), create=True)
    router = config.make_wsgi_app()
    database = router.registry._zodb_databases[""]
    connection = database.open()
    site = world.build(connection.root())
    begun = perf_counter()
    at_root = []

    def grant_at_root(size):
        transaction.commit()
        began = perf_counter()
        grant(site, "user:outsider", "reader", by=SYSTEM_ACTOR)
        transaction.commit()
        at_root.append((size, (perf_counter() - began) * 1000, objects_written(database)))
        revoke(site, "user:outsider", "reader", by=SYSTEM_ACTOR)
        transaction.commit()

    sections = _build(site, at_size=grant_at_root)
    speed = ITEMS / (perf_counter() - begun)
    yield "large: import, items/s", f"{speed:.0f}", "≥ 300", speed >= 300

    chance = random.Random(2)
    actors = [world.actor(site, who) for who in ("author", "reviewer", "outsider")]
    nodes = []
    for _number in range(500):
        place = chance.choice(sections)
        nodes.append(place[chance.choice(list(place))])
    times = []
    for _turn in range(3):
        for node in nodes:
            begun = perf_counter()
            for actor in actors:
                for permission in NODE_PERMISSIONS:
                    permits(actor, permission, node)
            times.append((perf_counter() - begun) * 1e6 / (len(actors) * len(NODE_PERMISSIONS)))
    cost = median(times)
    yield "large: one decision, µs", f"{cost:.1f}", "≤ 20", cost <= 20

    for size, spent, written in at_root:
        name = f"large: grant at the root of {size:,}"
        yield f"{name}, ms", f"{spent:.1f}", "≤ 50", spent <= 50
        is_same = written == at_root[0][2]
        yield f"{name}, objects written", str(written), "the same at every size", is_same

    reviewer = world.actor(site, "reviewer")
    spent = p95(
        lambda: [w for _n, w in zip(range(200), reads.waiting(reviewer, site), strict=False)]
    )
    yield "large: inbox of 10,000, p95 ms", f"{spent:.1f}", "≤ 100", spent <= 100
    visitor = TestApp(router)
    for name, path, budget in (
        ("portal", "/", 50), ("department", "/finance", 50), ("section", "/finance/s0", 50),
    ):  # fmt: skip
        spent = p95(lambda path=path: visitor.get(path))
        yield f"large: {name} uncached, p95 ms", f"{spent:.1f}", f"≤ {budget}", spent <= budget
    first = sections[0]
    yield from measure_pages(router, database, first.__name__, first[next(iter(first))])
    transaction.abort()
    connection.close()
    database.close()
