"""Two processes on one database server: how long a publication takes to show on each, with warm page caches."""

from __future__ import annotations

from statistics import median
from time import perf_counter, sleep

import transaction
from ZODB.DB import DB
from zodburi import resolve_uri

from egov.operations.content import edit
from egov.operations.setup import ROOT_KEY
from egov.operations.workflow import advance
from egov.security.policy import table_for
from egov.security.principals import SYSTEM_ACTOR
from tests.support import world
from tests.support.cluster import Cluster, Zeo

TURNS = 30


def _shown_after(visitors, path, title):
    """Seconds until each process shows a title."""
    begun, waiting = perf_counter(), list(visitors)
    times = []
    while waiting:
        for visitor in tuple(waiting):
            if title in visitor.get(path).text:
                waiting.remove(visitor)
                times.append(perf_counter() - begun)
        sleep(0.005)
    return times


def measure(folder):
    """The figures, as (name, figure, budget, kept)."""
    world.register_types()
    cluster, times = Cluster(folder, Zeo), []
    try:
        cluster.start("--demo")
        visitors = [cluster.person(port=port) for port in cluster.ports]
        blobs = f"blob_dir={folder}/var/blobs&shared_blob_dir=1&wait_timeout=20"
        uri = f"zeo://127.0.0.1:{cluster.database.port}?{blobs}"
        factory, options = resolve_uri(uri)
        database = DB(factory(), **options)
        connection = database.open()
        site = connection.root()[ROOT_KEY]
        item = next(
            i
            for i in site.catalog.live_items()
            if table_for(i).name == "review" and i.live and not i.draft
        )
        path = "/" + "/".join(n.__name__ for n in _above(item))
        for turn in range(TURNS):
            for visitor in visitors:
                visitor.get(path)
            edit(item, {**item.work.values, "title": f"turn {turn} is public"}, by=SYSTEM_ACTOR)
            for step in ("submit", "approve", "publish"):
                advance(item, step, by=SYSTEM_ACTOR)
            transaction.commit()
            times += _shown_after(visitors, path, f"turn {turn} is public")
        connection.close()
        database.close()
    finally:
        cluster.stop()
    longest = max(times)
    yield "publication shows on both processes, median s", f"{median(times):.3f}", "", ""
    yield "publication shows on both processes, longest s", f"{longest:.3f}", "≤ 1", longest <= 1


def _above(node):
    found = []
    while node.__parent__ is not None:
        found.insert(0, node)
        node = node.__parent__
    return found
