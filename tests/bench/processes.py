"""`make bench ARGS=processes`: two egov processes on ZEO and on PostgreSQL, against one; and eight writers at once.

Pages are rendered each time: what is kept in memory would measure the client. What is compared is the processor time
of a page, which other work on the machine hardly changes: that of the egov processes, and that of the database server,
which shares the two cores with them. The client's own is not counted.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

from tests.bench.served import _client
from tests.soak.office import Log, lost, write_on_and_on
from tests.support.cluster import Cluster, Postgres, Zeo, children_of

ROUNDS, SECONDS, CONNECTIONS, CORES = 7, 2.0, 8, 2
WRITERS, SAVES, PATIENCE = 8, 300, 240.0
PAGE = "/czj/gzdt"
MOST_TOLD = 5
_MET = re.compile(r"conflict: (\S+) (\S+) (\S+) in ")


class Cost(NamedTuple):
    """Milliseconds of processor time that a page takes: of egov, and of the database server."""

    egov: float
    server: float


def worked(pid: int) -> float:
    """Seconds of processor time of a process, all its threads together."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def reads(cluster: Cluster, ports: list[int]) -> Cost:
    """What a page costs with the same number of connections, spread over the ports."""
    request = f"GET {PAGE} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    egov = [child.pid for child in cluster.processes]
    server = [cluster.database.child.pid, *children_of(cluster.database.child.pid)]

    async def run() -> int:
        until = perf_counter() + SECONDS
        clients = (_client(ports[n % len(ports)], request, until) for n in range(CONNECTIONS))
        return sum(await asyncio.gather(*clients))

    before = [sum(map(worked, pids)) for pids in (egov, server)]
    count = asyncio.run(run())
    after = [sum(map(worked, pids)) for pids in (egov, server)]
    return Cost(*((b - a) / count * 1000 for a, b in zip(before, after, strict=True)))


def gain(one: Cost, two: Cost) -> float:
    """How many times the pages of one process two of them answer on so many cores: each has one, as far as the server
    leaves it to them."""
    return one.egov * min(2 / two.egov, CORES / (two.egov + two.server))


def first_tries(cluster: Cluster) -> tuple[float, float]:
    """The part of eight writers' requests that needed no second try, and what they saved in a second."""
    before, log = retries(cluster), Log()
    threads = [
        threading.Thread(target=write_on_and_on, args=(cluster, f"w{n}", f"s{n}", log))
        for n in range(WRITERS)
    ]
    for thread in threads:
        thread.start()
    begun = perf_counter()
    while len(log.kept) < SAVES and perf_counter() - begun < PATIENCE:
        time.sleep(0.1)
    seconds = perf_counter() - begun
    log.ended.set()
    for thread in threads:
        thread.join()
    assert log.wrong == [], log.wrong[:3]
    assert lost(cluster, log) == []
    again = retries(cluster) - before
    return 1 - again / max(1, len(log.kept)), len(log.kept) / seconds


def retries(cluster: Cluster) -> float:
    """How many requests all processes have begun again so far."""
    told = (cluster.person(port=port).get("/-/metrics").text for port in cluster.ports)
    return sum(
        float(re.search(r"^egov_retries_total (\S+)", text, re.MULTILINE)[1]) for text in told
    )


def met(cluster: Cluster) -> str:
    """The objects at which requests have met, by class and oid, those where they met most first."""
    logs = (path.read_text("utf-8", "replace") for path in cluster.servers.folder.glob("*.log"))
    places = Counter(" ".join(found) for text in logs for found in _MET.findall(text))
    return ", ".join(f"{count} × {place}" for place, count in places.most_common(MOST_TOLD))


def measure(kind: type) -> tuple[list[tuple[Cost, Cost]], float, float, str]:
    """A page of one process and of two, turn by turn; first tries and saves of the writers, and where they met."""
    with tempfile.TemporaryDirectory(prefix="egov-bench-") as folder:
        cluster = Cluster(Path(folder), kind)
        name = Path(kind.config).name
        cluster.servers.change(name, ("egov.search_dir", "egov.page_cache_mb = 0\negov.search_dir"))
        try:
            cluster.start("--demo", fill=WRITERS)
            for port in cluster.ports:
                reads(cluster, [port])  # warm
            turns = [
                (reads(cluster, cluster.ports[:1]), reads(cluster, cluster.ports))
                for _n in range(ROUNDS)
            ]
            return turns, *first_tries(cluster), met(cluster)
        finally:
            cluster.stop()


def figures():
    """The rows of the bench."""
    for kind in (Zeo, Postgres):
        turns, first, saves, where = measure(kind)
        # Other work on the machine disturbs both sides of a turn alike.
        name, ratio = kind.__name__, median(gain(one, two) for one, two in turns)
        one, two = (
            Cost(*map(median, zip(*side, strict=True))) for side in zip(*turns, strict=True)
        )
        yield (
            f"{name}: pages of two processes against one",
            f"{one.egov:.2f} + {one.server:.2f} ms, {two.egov:.2f} + {two.server:.2f} ms: {ratio:.2f}",
            "1.8",
            ratio >= 1.8,
        )
        yield (
            f"{name}: 8 writers, saved at the first try",
            f"{first:.1%} ({saves:.1f}/s)",
            "95 %",
            first >= 0.95,
        )
        yield f"{name}: where they met", where or "nowhere", "", ""
