"""Requests a second over HTTP: the server on one core, the load from another, turn by turn in one run."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import socket
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from typing import NamedTuple

from webob import Request

CONNECTIONS = 8
ROUND = 1.0


def _serve(make, address, core):
    from waitress import serve

    if core is not None:
        os.sched_setaffinity(0, {core})
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    serve(make(), listen=address, threads=4, _quiet=True)


class Served:
    """A WSGI application in a process of its own, on a free loopback port, pinned to one core."""

    def __init__(self, make, core=None):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        context = multiprocessing.get_context("fork")
        address = f"127.0.0.1:{self.port}"
        self.process = context.Process(target=_serve, args=(make, address, core), daemon=True)
        self.process.start()
        self._wait()

    def _wait(self):
        for _attempt in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.2).close()
            except OSError:
                sleep(0.1)
                continue
            return
        raise RuntimeError("the server did not start")

    def worked(self):
        """Seconds of processor time that the process has taken, all threads together."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9

    def stop(self):
        self.process.terminate()
        self.process.join(5)


async def _client(port, request, until):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    count = 0
    while perf_counter() < until:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        length = next(
            int(line.split(b":")[1])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length")
        )
        await reader.readexactly(length)
        count += 1
    writer.close()
    return count


class Round(NamedTuple):
    """One round's requests a second, by the clock and by the server's processor time.

    Where the server has its core to itself and the load is heavy enough both are the same. Where others want the
    core, too, only the second tells how dear a request is.
    """

    by_clock: float
    by_processor: float


def one_round(served, path):
    """A round with a few connections kept open."""
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()

    async def run():
        begun, before = perf_counter(), served.worked()
        clients = (_client(served.port, request, begun + ROUND) for _n in range(CONNECTIONS))
        count = sum(await asyncio.gather(*clients))
        return Round(count / (perf_counter() - begun), count / (served.worked() - before))

    return asyncio.run(run())


def compare(ours, bare, rounds=5):
    """Two (make, path) applications turn by turn: the median round of each, and the median of their ratios."""
    cores = sorted(os.sched_getaffinity(0))
    server_core = cores[0] if len(cores) > 1 else None
    served = [Served(make, server_core) for make, _path in (ours, bare)]
    if server_core is not None:
        os.sched_setaffinity(0, set(cores[1:]))
    try:
        paths = (ours[1], bare[1])
        for side, path in zip(served, paths, strict=True):
            one_round(side, path)  # warm
        pairs = [
            tuple(one_round(side, path) for side, path in zip(served, paths, strict=True))
            for _round in range(rounds)
        ]
    finally:
        os.sched_setaffinity(0, set(cores))
        for side in served:
            side.stop()
    shares = [Round(a.by_clock / b.by_clock, a.by_processor / b.by_processor) for a, b in pairs]
    return *(_middle(side) for side in zip(*pairs, strict=True)), _middle(shares)


def _middle(rounds):
    return Round(*map(median, zip(*rounds, strict=True)))


def compare_calls(ours, path, other, other_path, rounds=5, count=4000):
    """The same for two applications called in this process: for answers faster than a client can ask over HTTP."""

    def once(application, where):
        environs = [Request.blank(where).environ for _n in range(count)]
        begun = perf_counter()
        for environ in environs:
            b"".join(application(environ, lambda *_told: None))
        return count / (perf_counter() - begun)

    once(ours, path), once(other, other_path)
    pairs = [(once(ours, path), once(other, other_path)) for _round in range(rounds)]
    ratios = sorted(a / b for a, b in pairs)
    return median(a for a, _b in pairs), median(b for _a, b in pairs), ratios[rounds // 2]
