"""Every page of the back office on a large tree: processor time, and objects loaded by a process that knows none."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import yaml
from webtest import TestApp
from ZODB.Connection import Connection

from tests.support import world

MATRIX = Path(__file__).parents[1] / "functional/view_matrix.yaml"
WHO = ("manager", "system-admin", "security-admin", "audit-admin")
BUDGET, RUNS = 100, 20
# What the matrix does not ask: the searches, and the lists that look at much.
ALSO = {
    "/manage/finance/@@effective?may=edit": "manager",
    "/manage/finance/@@effective?who=editor": "manager",
    "/manage/finance/s0?words=1": "manager",
    "/manage/finance/@@upkeep?list=orphaned": "manager",
    "/manage/finance/@@upkeep?list=stale": "manager",
    "/manage/@@all-grants?kind=dormant": "security-admin",
    "/manage/@@audit?who=nobody": "audit-admin",
    "/manage/@@audit?outcome=refused": "audit-admin",
}


def pages(section, item):
    """Address -> who opens it: every page of the matrix that somebody of the world may open, in one section."""
    found = {}
    for row in yaml.safe_load(MATRIX.read_text("utf-8")):
        path, allowed = row.get("path", ""), row.get("allowed", ())
        if isinstance(allowed, dict):
            allowed = {who for some in allowed.values() for who in some}
        who = next((who for who in WHO if who in allowed), None)
        if path.startswith("/manage") and who and row.get("method", "GET") == "GET":
            path = path.format(item=f"finance/{section}/{item.__name__}", uid=item.uid)
            found[path.replace("finance/news", f"finance/{section}")] = who
    return found | ALSO


def browser(router, who):
    """A signed-in person's browser."""
    opened = TestApp(router)
    form = opened.get("/login").forms[0]
    form["id"], form["password"] = who, world.PASSWORD
    form.submit(status=302)
    return opened


def measure_pages(router, database, section, item):
    """The pages as (name, figure, budget, kept), the slowest first; tables to take away have no budget."""
    browsers = {who: browser(router, who) for who in WHO}
    found = []
    for path, who in pages(section, item).items():
        ask = browsers[who]
        if ask.get(path, status="*").status_int != 200:
            continue
        runs = 1 if _is_table(path) else RUNS  # a whole audit log takes its time
        times = sorted(_spent(ask, path) for _run in range(runs))
        database.cacheMinimize()
        found.append((times[max(0, int(runs * 0.95) - 1)], _loaded(ask, path), path))
    for spent, loaded, path in sorted(found, reverse=True):
        budget = "" if _is_table(path) else f"≤ {BUDGET}"
        kept = spent <= BUDGET if budget else ""
        yield f"large: {path}, p95 processor ms", f"{spent:.1f} ({loaded:,} cold)", budget, kept


def _is_table(path):
    return "format=" in path


def _spent(ask, path):
    begun = process_time()
    ask.get(path)
    return (process_time() - begun) * 1000


def _loaded(ask, path):
    """How many objects a process loads that has none in memory."""
    usual, count = Connection.setstate, 0

    def counted(connection, thing):
        nonlocal count
        count += 1
        return usual(connection, thing)

    Connection.setstate = counted
    try:
        ask.get(path)
    finally:
        Connection.setstate = usual
    return count
