"""`make bench ARGS=processes`: two egov processes on ZEO and on PostgreSQL, against one; and eight writers at once.

Wants a quiet machine with two cores. Pages are rendered each time: what is kept in memory would measure the client.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
import threading
import time
from pathlib import Path
from time import perf_counter

from tests.bench.served import _client
from tests.soak.office import Log, lost, write_on_and_on
from tests.support.cluster import Cluster, Postgres, Zeo

ROUNDS, SECONDS, CONNECTIONS = 5, 2.0, 8
WRITERS, WRITING = 8, 20.0
PAGE = "/czj/gzdt"


def reads(ports: list[int]) -> float:
    """Requests a second with the same number of connections, spread over the ports."""
    request = f"GET {PAGE} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()

    async def run() -> float:
        begun = perf_counter()
        clients = (
            _client(ports[n % len(ports)], request, begun + SECONDS) for n in range(CONNECTIONS)
        )
        return sum(await asyncio.gather(*clients)) / (perf_counter() - begun)

    return asyncio.run(run())


def first_tries(cluster: Cluster) -> tuple[float, float]:
    """The part of eight writers' requests that needed no second try, and what they saved in a second."""
    before, log = retries(cluster), Log()
    threads = [
        threading.Thread(target=write_on_and_on, args=(cluster, f"w{n}", f"s{n}", log))
        for n in range(WRITERS)
    ]
    for thread in threads:
        thread.start()
    time.sleep(WRITING)
    log.ended.set()
    for thread in threads:
        thread.join()
    assert log.wrong == [], log.wrong[:3]
    assert lost(cluster, log) == []
    again = retries(cluster) - before
    return 1 - again / max(1, len(log.kept)), len(log.kept) / WRITING


def retries(cluster: Cluster) -> float:
    """How many requests all processes have begun again so far."""
    told = (cluster.person(port=port).get("/-/metrics").text for port in cluster.ports)
    return sum(
        float(re.search(r"^egov_retries_total (\S+)", text, re.MULTILINE)[1]) for text in told
    )


def measure(kind: type) -> tuple[float, float, float, float]:
    """Requests a second of one and of two processes; first tries and saves of the writers."""
    with tempfile.TemporaryDirectory(prefix="egov-bench-") as folder:
        cluster = Cluster(Path(folder), kind)
        name = Path(kind.config).name
        cluster.servers.change(name, ("egov.search_dir", "egov.page_cache_mb = 0\negov.search_dir"))
        try:
            cluster.start("--demo", fill=WRITERS)
            for port in cluster.ports:
                reads([port])  # warm
            turns = [(reads(cluster.ports[:1]), reads(cluster.ports)) for _n in range(ROUNDS)]
            return (
                max(one for one, _two in turns),
                max(two for _one, two in turns),
                *first_tries(cluster),
            )
        finally:
            cluster.stop()


def figures():
    """The rows of the bench."""
    for kind in (Zeo, Postgres):
        one, two, first, saves = measure(kind)
        name = kind.__name__
        ratio = two / one
        yield (
            f"{name}: pages of two processes against one",
            f"{two:.0f}/s : {one:.0f}/s = {ratio:.2f}",
            "1.8",
            ratio >= 1.8,
        )
        yield (
            f"{name}: 8 writers, saved at the first try",
            f"{first:.1%} ({saves:.1f}/s)",
            "95 %",
            first >= 0.95,
        )
