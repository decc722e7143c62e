"""`make bench ARGS=visible`: how soon a publication in one process shows to a visitor of another.

The visitor asks again and again for a page that both processes keep in memory, from the moment at which the writer had
the answer. What is told is wall time, as the rule is about it: other work on the machine makes it longer.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from tests.support.cluster import Cluster, Postgres, Zeo

PUBLICATIONS, RULE, PATIENCE = 50, 1000.0, 30.0
PAGE, FORM = "/trial/s0", "/manage/trial/s0/@@add?type=article"


def measure(kind: type) -> list[float]:
    """For each publication, milliseconds from its answer until the other process has shown it."""
    with tempfile.TemporaryDirectory(prefix="egov-bench-") as folder:
        cluster = Cluster(Path(folder), kind)
        try:
            cluster.start("--demo", fill=1)
            one, two = cluster.ports
            writer, reader = cluster.person("w0", port=one), cluster.person(port=two)
            return [_once(writer, reader, number) for number in range(PUBLICATIONS)]
        finally:
            cluster.stop()


def _once(writer, reader, number: int) -> float:
    title = f"第{number}次发布"
    form = writer.get(FORM).forms["edit"]
    form["title"], form["body"], form["source"] = title, "<p>正文</p>", "试验局"
    reader.get(PAGE)  # now it is kept in memory
    form.submit("submit", status=302)
    begun = perf_counter()
    while title not in reader.get(PAGE).text:
        assert perf_counter() - begun < PATIENCE, title
    return (perf_counter() - begun) * 1000


def figures():
    """The rows of the bench."""
    for kind in (Zeo, Postgres):
        times = sorted(measure(kind))
        last, name = times[-1], kind.__name__
        told = (
            f"p50 {median(times):.0f}, p95 {times[int(len(times) * 0.95)]:.0f}, longest {last:.0f}"
        )
        what = f"{name}: {PUBLICATIONS} publications seen in another process, ms"
        yield what, told, f"≤ {RULE:.0f}", last <= RULE
