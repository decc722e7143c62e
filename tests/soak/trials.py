"""The trials of `make soak`: each does a fault so many times and tells what was wrong afterwards."""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import transaction
from ZODB import DB

from egov.base.errors import EgovError
from egov.evolve.running import evolve
from egov.evolve.steps import STEPS
from egov.operations.workflow import advance
from egov.search.index import SearchIndex
from egov.storage.archive import Archive
from egov.storage.backup import backup
from egov.storage.converting import convert
from egov.storage.errors import Refused
from egov.storage.opening import files_of, open_database
from egov.storage.restore import restore
from egov.storage.scrub import scrub
from egov.storage.sums import read_sums
from tests.soak import evolving, flipping, power, working
from tests.soak.worker import content_of, make, unlike, uri_of, write
from tests.support import world
from tests.support.full_disk import FullDisk

SECRET = b"a sentence that nobody guesses"
Trial = Callable[[Path, int], list[str]]


def kill_while(work: Callable[[], object], seconds: float) -> bool:
    """Do a piece of work in a process of its own and kill it after a time; whether it was still at it."""
    pid = os.fork()
    if pid == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        try:
            work()
        finally:
            os._exit(0)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if os.waitpid(pid, os.WNOHANG)[0]:
            return False
        time.sleep(0.002)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return True


def faults(home: Path) -> list[str]:
    """Everything that is wrong with a database: opened as the server would, read as a scrub does."""
    lost = [f"lost: {key}" for key in unlike(home)]
    return lost + [str(damage) for damage in scrub(files_of(uri_of(home))).damages]


def filled(folder: Path, seconds: float = 1.0) -> Path:
    """A database with some seconds' worth of entries, left by a kill."""
    folder.mkdir()
    make(folder)
    while not (folder / "acknowledged").exists():
        kill_while(lambda: write(folder, f"filled{os.getpid()}", packing=False), seconds)
    return folder


def app(folder: Path, times: int) -> list[str]:
    """kill -9 of a process that commits."""
    home, wrong = filled(folder / "var"), []
    for turn in range(times):
        kill_while(
            lambda turn=turn: write(home, f"t{turn}", packing=False), random.uniform(0.05, 0.5)
        )
        wrong += faults(home)
    return wrong


def pack(folder: Path, times: int) -> list[str]:
    """kill -9 of a process that commits and packs."""
    home, wrong = filled(folder / "var"), []
    for turn in range(times):
        kill_while(
            lambda turn=turn: write(home, f"t{turn}", packing=True), random.uniform(0.1, 0.6)
        )
        wrong += faults(home)
    return wrong


def interrupted_backup(folder: Path, times: int) -> list[str]:
    """kill -9 of a backup, plain and sealed by turns; the earlier ones and the next one must be whole."""
    home, wrong = filled(folder / "var"), []
    for turn in range(times):
        secret = SECRET if turn % 2 else None
        target = folder / ("sealed" if secret else "plain")
        kill_while(lambda turn=turn: write(home, f"t{turn}", packing=turn % 4 == 3), 0.15)

        def back_up(target=target, secret=secret) -> None:
            for _n in range(50):
                backup(files_of(uri_of(home)), target, keep=3, secret=secret)

        kill_while(back_up, random.uniform(0.005, 0.2))
        backup(files_of(uri_of(home)), target, keep=3, secret=secret)
        wrong += Archive(target, secret).verify()
        restored = folder / "restored"
        restore(target, restored, secret=secret)
        shutil.copy(home / "acknowledged", restored)
        wrong += faults(restored)
        shutil.rmtree(restored)
    return wrong


def interrupted_convert(folder: Path, times: int) -> list[str]:
    """kill -9 of a conversion; the next one goes on, and a half one does not open as if it were whole."""
    home, wrong, chance = filled(folder / "var"), [], random.Random(1)
    source = uri_of(home)
    for turn in range(times):
        target = folder / f"target{turn}"
        target.mkdir()
        was_killed = kill_while(
            lambda t=target: convert(source, uri_of(t)), chance.uniform(0.01, 0.6)
        )
        if was_killed:
            try:
                open_database(uri_of(target)).close()
                if len(list(read_sums(target / "Data.fs.sums"))) != len(
                    list(read_sums(home / "Data.fs.sums"))
                ):
                    wrong.append("half of a database was opened")
            except EgovError:
                pass
            convert(source, uri_of(target))
        shutil.copy(home / "acknowledged", target)
        wrong += faults(target)
        shutil.rmtree(target)
    return wrong


def torn_tail(folder: Path, times: int) -> list[str]:
    """A last transaction that is not whole on the disk: cut off where it was not acknowledged, refused where it was."""
    home, wrong, chance = filled(folder / "var"), [], random.Random(2)
    before = (home / "acknowledged").read_text()
    for turn in range(times):
        torn = folder / "torn"
        shutil.copytree(home, torn)
        (torn / "Data.fs.index").unlink(missing_ok=True)
        last = list(read_sums(torn / "Data.fs.sums"))[-1]
        at = last.start + chance.randrange(last.length)
        with (torn / "Data.fs").open("r+b") as data:
            if turn % 3:
                data.truncate(at)
            else:  # the file has its length, and the page was never written
                data.seek(at)
                data.write(bytes(last.end - at))
        was_acknowledged = turn % 2 == 0
        with (torn / "Data.fs.sums").open("r+b") as sums:
            sums.seek(-1, os.SEEK_END)
            sums.write(b"f" if was_acknowledged else b"-")
        try:
            open_database(uri_of(torn)).close()
            if was_acknowledged:
                wrong.append(f"turn {turn}: opened without its last transaction")
            else:
                text = (
                    before if torn_key(home) is None else before.replace(f"{torn_key(home)}\n", "")
                )
                (torn / "acknowledged").write_text(text)
                wrong += faults(torn)
        except Refused:
            if not was_acknowledged:
                wrong.append(f"turn {turn}: refused although nothing is lost")
        shutil.rmtree(torn)
    return wrong


def torn_key(home: Path) -> str | None:
    """The entry of the last transaction, which the trial takes for not acknowledged."""
    lines = (home / "acknowledged").read_text().splitlines()
    return lines[-1] if lines else None


def full_disk(folder: Path, times: int) -> list[str]:
    """A disk that is full at any byte: the commit fails, nothing else, and the next one with room works."""
    home, wrong, chance = folder / "var", [], random.Random(4)
    home.mkdir()
    make(home)
    storage = FullDisk(f"{home}/Data.fs", f"{home}/blobs")
    database = DB(storage)
    log = (home / "acknowledged").open("a")
    connection = database.open()
    entries = connection.root()["entries"]
    for turn in range(times):
        storage.full_after(chance.randrange(12_000))
        for number in range(20):
            key = f"t{turn}-{number}"
            entries[key] = content_of(key)
            try:
                transaction.commit()
            except OSError as error:
                transaction.abort()
                if error.errno != errno.ENOSPC:
                    wrong.append(repr(error))
            else:
                log.write(f"{key}\n")
        storage.full_after(10**9)
        entries[f"t{turn}-99"] = content_of(f"t{turn}-99")
        transaction.commit()
        log.write(f"t{turn}-99\n")
    log.close()
    connection.close()
    database.close()
    return wrong + faults(home)


def interrupted_reindex(folder: Path, times: int) -> list[str]:
    """kill -9 while the search index is built anew: the old one or the new one answers, whole."""
    home, wrong, chance = folder / "var", [], random.Random(5)
    home.mkdir()
    database = open_database(uri_of(home), create=True)
    with database.transaction() as connection:
        site = world.build(connection.root())
        for number in range(300):
            item = world.article(site, title=f"防汛通知第{number}号")
            for step, who in (
                ("submit", "author"),
                ("approve", "reviewer"),
                ("publish", "publisher"),
            ):
                advance(item, step, by=world.actor(site, who))
    database.close()

    def rebuild() -> None:
        opened = open_database(uri_of(home))
        with opened.transaction() as connection:
            SearchIndex(str(folder / "search")).rebuild(connection.root()["site"])
        opened.close()

    rebuild()
    for turn in range(times):
        kill_while(rebuild, chance.uniform(0.02, 0.6))
        opened = open_database(uri_of(home))
        with opened.transaction() as connection:
            index = SearchIndex(str(folder / "search"))
            index.refresh(connection.root()["site"], at_once=True)
            view = index.view()
            count = view.searcher.num_docs if view else 0
        opened.close()
        transaction.abort()
        if count < 300:
            wrong.append(f"turn {turn}: {count} of 300 items are found")
    return wrong


def interrupted_evolve(folder: Path, times: int) -> list[str]:
    """kill -9 of an upgrade step: each thing is changed once."""
    wrong: list[str] = []
    home, killed = folder / "var", 0
    while killed < times:
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir()
        evolving.make(home, 10_000)

        def work() -> None:
            evolve(open_database(uri_of(home)), lambda _now: None, [*STEPS, evolving.STEP])

        while kill_while(work, random.uniform(0.05, 0.35)):
            killed += 1
        wrong += [f"changed not once: {key}" for key in evolving.unlike(home)]
    return wrong


def killed_work(folder: Path, times: int) -> list[str]:
    """kill -9 of regular work: what is due is done once, no letter goes out twice, what was open is swept."""
    return working.trial(folder, times, kill_while)


TRIALS: dict[str, Trial] = {
    "app": app,
    "pack": pack,
    "backup": interrupted_backup,
    "convert": interrupted_convert,
    "reindex": interrupted_reindex,
    "evolve": interrupted_evolve,
    "tail": torn_tail,
    "flips": flipping.trial,
    "disk": full_disk,
    "power": power.trial,
    "jobs": killed_work,
}
