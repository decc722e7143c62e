"""The static export of a large site: how fast it is by processor time, and what one publication makes anew."""

from __future__ import annotations

import resource
from pathlib import Path
from time import process_time

import transaction
from webtest import TestApp

from egov.app import configure, settle
from egov.cli.exporting import export
from egov.operations.content import create, edit
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.bench.figures import p95
from tests.support import world

ITEMS, SECTIONS = 100_000, 500
_BODY = "<p>" + "为方便群众办事，现将有关安排公告如下，请相互转告。" * 24 + "</p>"


def _build(site, count):
    sections = []
    for number in range(SECTIONS):
        home = site[("finance", "health")[number % 2]]
        facts = {"title": f"栏目{number}"}
        sections.append(create(home, "section", facts, by=SYSTEM_ACTOR, name=f"s{number}"))
    for number in range(count):
        values = {"title": f"第{number}号", "body": _BODY, "source": "局"}
        where = sections[number % SECTIONS]
        node = create(where, "article", values, by=SYSTEM_ACTOR, name=f"i{number}")
        for step in ("submit", "approve", "publish"):
            advance(node, step, by=SYSTEM_ACTOR)
        if number % 500 == 499:
            transaction.commit()
            site._p_jar.cacheGC()
    transaction.commit()
    return sections


def measure(folder, settings_of, count=ITEMS):
    """The figures, as (name, figure, budget, kept)."""
    app = configure(settings_of(folder), create=True).make_wsgi_app()
    database = app.registry._zodb_databases[""]
    connection = database.open()
    site = world.build(connection.root())
    item = _build(site, count)[0]["i0"]
    transaction.abort()
    visitor = TestApp(app)
    spent = p95(lambda: visitor.get("/"), clock=process_time)
    yield f"home page of {count} items uncached, p95 ms", f"{spent:.1f}", "≤ 50", spent <= 50
    settle()
    begun = process_time()
    first = export(app, Path(folder) / "site")
    speed = first.made / (process_time() - begun)
    yield f"export: {first.known} files, files/s", f"{speed:.0f}", "≥ 500", speed >= 500
    yield "export, files/s by the clock", f"{first.made / first.seconds:.0f}", "", ""
    edit(item, {**item.work.values, "title": "改过的"}, by=SYSTEM_ACTOR)
    for step in ("submit", "approve", "publish"):
        advance(item, step, by=SYSTEM_ACTOR)
    transaction.commit()
    begun = process_time()
    after = export(app, Path(folder) / "site")
    yield "export after one publication, files made", str(after.made), "", ""
    yield "export after one publication, files written", str(len(after.written)), "", ""
    spent = process_time() - begun
    yield "export after one publication, s", f"{spent:.2f}", "≤ 1", spent <= 1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    yield "export, most memory, MB", str(peak), "", ""
    connection.close()
    database.close()
