"""`make bench`: ratios in one run against a bare application, as a table and as JSON under var/bench/."""

from __future__ import annotations

import json
import sys
import tempfile
from functools import partial
from pathlib import Path
from time import perf_counter

import transaction
from rich.console import Console
from rich.table import Table
from webob import Request

from egov.app import configure, make_app, settle
from egov.base import clock
from egov.catalog import reads
from egov.operations import batch_work  # noqa: F401  makes the kinds of work known
from egov.operations.batches import PIECE, begin, run_batches
from egov.operations.content import create
from egov.operations.rights import grant
from egov.operations.tree import move, rename
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.bench import (
    cluster,
    desk,
    evolving,
    exporting,
    large,
    million,
    processes,
    search,
    visible,
)
from tests.bench.bare import bare_app
from tests.bench.figures import p95
from tests.bench.served import compare, compare_calls
from tests.support import world

BODY = (
    "<p>" + "为方便群众和企业办事，现将有关安排公告如下，请相互转告。" * 24 + "</p>"
)  # about 2 KB in UTF-8
ITEMS = 10_000


def timed(function, *args, **kwargs):
    """Milliseconds that a call and its commit take."""
    begun = perf_counter()
    function(*args, **kwargs)
    transaction.commit()
    return (perf_counter() - begun) * 1000


def objects_written(database):
    """How many objects the last transaction wrote."""
    last = database.storage.lastTransaction()
    return sum(1 for entry in database.storage.iterator(last, last) for _record in entry)


def publish_one(site, number):
    """Create, submit and publish one article, each step its own durable commit."""
    author, reviewer, publisher = (
        world.actor(site, w) for w in ("author", "reviewer", "publisher")
    )
    values = {"title": f"第{number}号公告", "body": BODY, "source": "市财政局"}
    item = create(site["finance"]["notices"], "article", values, by=author, name=f"n{number}")
    transaction.commit()
    advance(item, "submit", by=author)
    advance(item, "approve", by=reviewer)
    transaction.commit()
    advance(item, "publish", by=publisher)
    transaction.commit()
    return item


def fill(site, count):
    """Import items, a hundred to a commit; returns items a second."""
    begun = perf_counter()
    for number in range(count):
        values = {"title": f"第{number}号通知", "body": BODY, "source": "市财政局"}
        node = create(
            site["finance"]["news"], "article", values, by=SYSTEM_ACTOR, name=f"i{number}"
        )
        for step in ("submit", "approve", "publish"):
            advance(node, step, by=SYSTEM_ACTOR)
        if number % 100 == 99:
            transaction.commit()
    transaction.commit()
    return count / (perf_counter() - begun)


def settings_of(folder):
    """The settings of an application on a database of its own in a folder."""
    return {
        "zodbconn.uri": f"file://{folder}/Data.fs?blobstorage_dir={folder}/blobs"
        "&connection_cache_size=20000"
    }


def publish_many(site, count):
    """Seconds that the jobs take to publish approved drafts as one batch, and in how many commits."""
    section, made = site["finance"]["notices"], []
    for number in range(count):
        values = {"title": f"第{number}号批复", "body": BODY, "source": "市财政局"}
        node = create(section, "article", values, by=SYSTEM_ACTOR, name=f"b{number}")
        for step in ("submit", "approve"):
            advance(node, step, by=SYSTEM_ACTOR)
        made.append(node.uid)
        if number % 100 == 99:
            transaction.commit()
    batch = begin(section, "step", made, {"step": "publish"}, by=world.actor(site, "publisher"))
    transaction.commit()
    begun = perf_counter()
    run_batches(site, transaction.manager)
    spent = perf_counter() - begun
    assert (batch.state, batch.failed) == ("done", 0)
    return spent, -(-count // PIECE)


def pages(folder):
    """A published page without cache against a bare page of the same size, both over HTTP."""
    place = Path(folder) / "pages"
    place.mkdir()
    config = configure(settings_of(place), create=True)
    application = config.make_wsgi_app()
    database = application.registry._zodb_databases[""]
    connection = database.open()
    item = publish_one(world.build(connection.root()), 0)
    path = f"/finance/notices/{item.__name__}"
    response = Request.blank(path).get_response(application)
    assert response.status_int == 200, path
    connection.close()
    database.close()
    values = bare_values(item.title, len(response.body))
    ours, bare, share = compare(
        (lambda: uncached(place), path),
        (lambda: bare_app(values), "/page"),
    )
    cached, empty, times = compare_calls(
        make_app(configure(settings_of(place))), path, bare_app(values), "/empty"
    )
    size = len(response.body)
    yield "page, requests/s", f"{ours.by_clock:.0f} ({size} B)", f"bare {bare.by_clock:.0f}", ""
    yield "page, share of bare, by the clock", f"{share.by_clock:.2f}", "", ""
    kept = share.by_processor >= 0.6
    yield "page, share of bare, by processor time", f"{share.by_processor:.2f}", "≥ 0.60", kept
    yield "page from the cache, requests/s", f"{cached:.0f}", f"empty view {empty:.0f}", ""
    yield "page from the cache, times an empty view", f"{times:.2f}", "≥ 1.7", times >= 1.7


def uncached(folder):
    """The application as a server starts it, but without the page cache."""
    application = configure(settings_of(folder)).make_wsgi_app()
    settle()
    return application


def bare_values(title, size):
    """What the bare page shows: as many parts as ours, padded to the same size."""
    values = {
        "title": title, "body": BODY,
        "metas": [(f"Name{n}", f"内容 {n}") for n in range(12)],
        "menu": [(f"栏目{n}", f"/s{n}") for n in range(8)],
        "facts": [(f"名称{n}", f"内容{n}") for n in range(5)],
    }  # fmt: skip
    short = size - len(Request.blank("/page").get_response(bare_app(values)).body)
    return values | {"body": BODY + "x" * max(0, short)}


def measure(folder):
    """All figures, as (name, figure, budget, kept)."""
    config = configure(settings_of(folder), create=True)
    application = config.make_wsgi_app()
    database = application.registry._zodb_databases[""]
    connection = database.open()
    site = world.build(connection.root())

    yield from pages(folder)
    settle()  # as a server has done before it answers

    before, begun, count = database.storage.getSize(), perf_counter(), 200
    for number in range(1, count + 1):
        publish_one(site, number)
    speed = count / (perf_counter() - begun)
    growth = (database.storage.getSize() - before) / count
    yield "create + submit + publish, items/s", f"{speed:.0f}", "≥ 120", speed >= 120
    yield "growth per item, KB", f"{growth / 1000:.1f}", "≤ 20", growth <= 20_000

    imported = fill(site, ITEMS)
    yield "import, 100 to a commit, items/s", f"{imported:.0f}", "≥ 400", imported >= 400
    spent, batch = publish_many(site, 1000)
    yield "bulk publish of 1000, s", f"{spent:.1f}", "≤ 5", spent <= 5
    yield "bulk publish, commits", str(batch), "", ""
    manager = world.actor(site, "manager")
    for name, function, args in (
        ("grant", partial(grant, reason="测量"), (site["finance"], "user:outsider", "reader")),
        ("rename", rename, (site["finance"]["news"], "xinwen")),
    ):
        spent = timed(function, *args, by=manager)
        yield f"{name} over {ITEMS} items, ms", f"{spent:.1f}", "≤ 50", spent <= 50
        yield f"{name}, objects written", str(objects_written(database)), "", ""
    spent = timed(move, site["finance"]["xinwen"], site["health"], by=SYSTEM_ACTOR)
    yield f"move over {ITEMS} items, ms", f"{spent:.1f}", "≤ 50", spent <= 50
    yield "move, objects written", str(objects_written(database)), "", ""
    section = site["health"]["xinwen"]
    grant(section, "user:editor", "editor", by=SYSTEM_ACTOR)
    transaction.commit()
    editor = world.actor(site, "editor")
    for sort in ("order", "changed"):
        spent = p95(lambda sort=sort: reads.contents(section, editor, limit=50, sort=sort))
        yield f"listing of {ITEMS} by {sort}, p95 ms", f"{spent:.1f}", "≤ 50", spent <= 50
    transaction.abort()
    connection.close()
    database.close()


# The long trials, only for who asks for them.
TRIALS = {
    "search": lambda _folder: search.measure(),
    "cluster": lambda folder: cluster.measure(Path(folder)),
    "million": lambda folder: million.measure(*sys.argv[2:4] or [folder]),
    "export": lambda folder: exporting.measure(folder, settings_of, *map(int, sys.argv[2:3])),
    "desk": lambda folder: desk.measure(folder, settings_of),
    "evolving": lambda folder: evolving.measure(Path(folder)),
    "processes": lambda _folder: processes.figures(),
    "visible": lambda _folder: visible.figures(),
    "large": lambda folder: large.measure(folder, settings_of, objects_written),
}


def main():
    """Measure, print, keep; `million` takes a folder, too, where its databases stay and are found again."""
    with tempfile.TemporaryDirectory() as folder:
        trial = (
            TRIALS[sys.argv[1]] if sys.argv[1:] else lambda at: [*measure(at), *search.measure()]
        )
        figures = list(trial(folder))
    table = Table("what", "asked", "measured", "ok")
    for name, figure, budget, kept in figures:
        table.add_row(name, budget, figure, "" if kept == "" else "yes" if kept else "NO")
    Console(width=110).print(table)
    target = Path("var/bench")
    target.mkdir(parents=True, exist_ok=True)
    rows = [{"what": n, "figure": f, "budget": b, "kept": k} for n, f, b, k in figures]
    stamp = clock.now().strftime("%Y%m%dT%H%M%S")
    (target / f"{stamp}.json").write_text(json.dumps(rows, ensure_ascii=False, indent=1), "utf-8")


if __name__ == "__main__":
    main()
