"""Trials of real servers under load: database servers and egov processes that are killed, and a long mixed load."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from egov.storage.opening import files_of
from egov.storage.scrub import scrub
from tests.soak.office import (
    NOTHING,
    REVIEWED,
    Answer,
    Log,
    decide_on_and_on,
    lost,
    read_on_and_on,
    write_on_and_on,
)
from tests.soak.worker import uri_of
from tests.support.cluster import Cluster, Postgres, Zeo

WRITERS = 4
PAGES = [
    "/",
    "/czj",
    "/trial",
    "/trial/s0",
    "/czj/gzdt",
    "/@@search?q=%E9%80%9A%E7%9F%A5",
    "/@@sitemap",
]
RECOVERY = 5  # seconds after a start until every process has found the way back
WELL = {200, 302}
MEANWHILE = {0, 503}  # no answer, and the word that the database is away
LONG, MOST_GROWTH = 10, 1.3  # minutes from which memory is looked at, and what it may grow to
LATEST = 20  # answers; both processes are among those that gave them
STANDSTILL = 90  # seconds without any acknowledged save: then it does not come back by itself


class Fault(NamedTuple):
    """A kill: when, when what was killed had been started again, and when every process answered well."""

    killed: float
    started: float
    over: float

    def excuses(self, answer: Answer) -> bool:
        """Whether an answer may be what it is: it was asked for before all was well, and came after the kill."""
        return answer.asked <= self.over and answer.at >= self.killed


class Load:
    """Writers and readers on a cluster, and a log of what they saw."""

    def __init__(self, cluster: Cluster, writers: int = WRITERS) -> None:
        self.cluster, self.log = cluster, Log()
        people = [(f"w{number}", f"s{number}") for number in range(writers)]
        people.append(("author", REVIEWED))
        work = [(write_on_and_on, (cluster, *who, self.log)) for who in people]
        work.append((decide_on_and_on, (cluster, self.log)))
        work += [(read_on_and_on, (cluster, PAGES, self.log)) for _n in range(2)]
        self.threads = [threading.Thread(target=do, args=args) for do, args in work]
        for thread in self.threads:
            thread.start()

    def goes_on(self, count: int = 3) -> None:
        """Wait until some more is saved; raises AssertionError where nothing is."""
        wanted = len(self.log.kept) + count
        self._wait(lambda: len(self.log.kept) >= wanted)

    def comes_back(self, count: int = 3) -> None:
        """Wait for that, and until no process is away any more: the one may save while the other still looks."""
        self.goes_on(count)
        self._wait(lambda: {answer.status for answer in self.log.answers[-LATEST:]} <= WELL)

    def _wait(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + STANDSTILL
        while not condition():
            assert time.monotonic() < deadline, (
                f"it does not go on any more\n{self.cluster.servers.logs()}"
            )
            time.sleep(0.05)

    def end(self) -> list[str]:
        """Stop; what was wrong."""
        self.log.ended.set()
        for thread in self.threads:
            thread.join()
        wrong = self.log.wrong + [f"lost: {path}" for path in lost(self.cluster, self.log)]
        others = Counter(
            answer.status for answer in self.log.answers if answer.status not in WELL | MEANWHILE
        )
        wrong += [f"{count} answers {status}" for status, count in others.items()]
        return wrong + (self.cluster.servers.failures() if wrong else [])


def doctor(cluster: Cluster) -> list[str]:
    """Stop everything and examine what is left."""
    for process in cluster.processes:
        process.terminate()
        process.wait()
    config = cluster.database.config
    if isinstance(cluster.database, Zeo):
        cluster.database.child.terminate()
        cluster.database.child.wait()
        config = "etc/production.ini"
        damages = scrub(files_of(uri_of(cluster.servers.folder / "var"))).damages
    else:
        damages = []
    # A blob that was written by a server which was killed before its commit is an orphan, and no fault.
    cluster.servers.egov("doctor", "--repair", config=config)
    cluster.servers.egov("doctor", config=config)
    return [str(damage) for damage in damages]


def _killing(kind: type, folder: Path, times: int) -> list[str]:
    cluster = Cluster(folder, kind)
    try:
        cluster.start("--demo", fill=WRITERS)
        load = Load(cluster)
        try:
            for turn in range(times):
                load.goes_on()
                time.sleep(random.uniform(0, 0.3))
                cluster.database.kill()
                cluster.database.start()
                print(f"\r{turn + 1} kills, {len(load.log.kept)} saved", end="", flush=True)
            load.comes_back()
        finally:
            wrong = load.end()
        print(f"\r{times} kills, {len(load.log.kept)} saved, {len(load.log.answers)} answers")
        return wrong + doctor(cluster)
    finally:
        cluster.stop()


def zeo(folder: Path, times: int) -> list[str]:
    """kill -9 of the ZEO server under load."""
    return _killing(Zeo, folder, times)


def postgres(folder: Path, times: int) -> list[str]:
    """kill -9 of PostgreSQL under load."""
    return _killing(Postgres, folder, times)


def _mixed(kind: type, folder: Path, minutes: int) -> list[str]:
    """One of the two processes is left alone, so that it lives long enough to show what it keeps."""
    cluster = Cluster(folder, kind)
    try:
        cluster.start("--demo", fill=WRITERS)
        load, chance, began = Load(cluster), random.Random(8), time.monotonic()
        memory: list[int] = []
        faults: list[Fault] = []
        try:
            while time.monotonic() - began < minutes * 60:
                load.goes_on()
                time.sleep(15)
                memory.append(_resident(cluster.processes[0].pid))
                killed = time.monotonic()
                _kill_one(cluster, chance)
                faults.append(Fault(killed, time.monotonic(), _recovered(cluster)))
                print(f"\r{len(faults)} kills, {len(load.log.kept)} saved", end="", flush=True)
            load.comes_back()
        finally:
            wrong = load.end()
        answers = load.log.answers
        wrong += [
            f"{answer.status or 'no answer'} at {answer.asked - began:.1f} s, while all answered"
            for answer in answers
            if answer.status not in WELL and not any(fault.excuses(answer) for fault in faults)
        ]
        slowest = max((fault.over - fault.started for fault in faults), default=0.0)
        if slowest > RECOVERY:
            wrong.append(f"all answered again {slowest:.1f} s after a start, not within {RECOVERY}")
        early, later = memory[: len(memory) // 4], memory[-(len(memory) // 4) :]
        if minutes >= LONG and max(later) > MOST_GROWTH * max(early):
            wrong.append(f"memory grew from {max(early)} to {max(later)} MiB")
        told = Counter(answer.status for answer in answers)
        print(
            f"\r{minutes} min, {len(faults)} kills, {len(load.log.kept)} saved, {len(load.log.published)} decided; "
            f"answers {sum(told.values())}: {told[503]} of them 503, {told[0]} none, "
            f"all well at the latest {slowest:.1f} s after a start; "
            f"memory {memory[:1]} to {memory[-1:]}, at most {max(memory)} MiB"
        )
        return wrong + doctor(cluster)
    finally:
        cluster.stop()


def mixed(folder: Path, minutes: int) -> list[str]:
    """Minutes of mixed load on ZEO, a kill every quarter of one; else all is well, and memory stays flat."""
    return _mixed(Zeo, folder, minutes)


def mixed_on_postgres(folder: Path, minutes: int) -> list[str]:
    """The same on PostgreSQL."""
    return _mixed(Postgres, folder, minutes)


def _kill_one(cluster: Cluster, chance: random.Random) -> None:
    """Kill the database server or the second process, and start it again."""
    if chance.randrange(2):
        cluster.database.kill()
        cluster.database.start()
        return
    process = cluster.processes[1]
    process.send_signal(signal.SIGKILL)
    process.wait()
    cluster.processes[1] = cluster.serve(cluster.ports[1])
    cluster.servers.wait_for(cluster.ports[1], cluster.processes[1])


def _recovered(cluster: Cluster) -> float:
    """The moment when every process answers with a page that it makes anew."""
    for port in cluster.ports:
        asking = cluster.person(port=port)
        deadline = time.monotonic() + STANDSTILL
        while not _is_well(asking):
            assert time.monotonic() < deadline, f"{port} stays away\n{cluster.servers.logs()}"
            time.sleep(0.05)
    return time.monotonic()


def _is_well(asking: Any) -> bool:
    try:
        return bool(asking.get("/login", expect_errors=True).status_int == 200)
    except NOTHING:
        return False


def _resident(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) // 1024
