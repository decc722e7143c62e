"""Killing the desk in the middle of releases and of bulk publishing, and looking at what it leaves."""

from __future__ import annotations

import random
import shutil
import signal
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

from egov.base import clock
from egov.base.settings import Settings
from egov.operations.batches import batches_of
from egov.operations.check import check
from egov.operations.jobs import run_jobs
from egov.operations.setup import ROOT_KEY
from egov.storage.opening import open_database
from tests.soak.contention import contend
from tests.soak.desk_worker import make
from tests.soak.processes import start
from tests.soak.worker import uri_of
from tests.support import world

ONE_MINUTE = timedelta(minutes=1)
ANEW = 20  # kills of one database


def kill_desk(folder: Path, seed: str) -> None:
    """Start a desk, kill it at a random moment of its work, wait until it is gone."""
    worker = start("tests.soak.desk_worker", str(folder), seed)
    with worker:
        assert worker.stdout.readline() == b"ready\n"
        time.sleep(random.Random(seed).uniform(0, 1.5))
        worker.send_signal(signal.SIGKILL)


def desk_faults(folder: Path, *, whole: bool = True) -> tuple[list[str], Counter]:
    """Whatever is half done, as the kill left it and after the jobs have run again; and how far things were."""
    world.register_types()
    database = open_database(uri_of(folder))
    connection = database.open()
    site = connection.root()[ROOT_KEY]
    try:
        found, seen = _sets(site, folder)
        found += list(check(site)) if whole else []
        connection.transaction_manager.abort()
        with clock.frozen(clock.now() + ONE_MINUTE):  # nobody waits any more for who was killed
            run_jobs(database, Settings())
        connection.sync()
        for batch in batches_of(site).of("publisher"):
            out = _published(site, batch.things.values())
            if batch.is_open or len(out) != batch.size or set(out.values()) != {1}:
                found.append(
                    f"batch {batch.key}: {len(out)} of {batch.size}, {Counter(out.values())}"
                )
    finally:
        connection.transaction_manager.abort()
        connection.close()
        database.close()
    return found, seen


def _sets(site, folder: Path) -> tuple[list[str], Counter]:
    found: list[str] = []
    seen: Counter = Counter()
    acknowledged = {line for line in _log(folder) if line.startswith("out ")}
    for release in site.releases.newest():
        count = len(_published(site, release.items))
        if count not in (0, len(release.items)) or (count > 0) != (release.state == "published"):
            found.append(f"release {release.key}: {count} of {len(release.items)}, {release.state}")
        if f"out {release.key}" in acknowledged and release.state != "published":
            found.append(f"release {release.key} was acknowledged and is lost")
        seen["releases in" if count else "releases out"] += 1
    for batch in batches_of(site).of("publisher"):
        out = _published(site, batch.things.values())
        if len(out) != batch.place:  # what is public is what its record says, not one more or less
            found.append(f"batch {batch.key}: says {batch.place}, {len(out)} are public")
        seen[
            "batches whole"
            if batch.place == batch.size
            else "batches caught in the middle"
            if batch.place
            else "batches not begun"
        ] += 1
    return found, seen


def _log(folder: Path) -> list[str]:
    path = folder / "begun"
    return path.read_text().split("\n")[:-1] if path.exists() else []


def _published(site, uids) -> dict[int, int]:
    """The items that are public, with how often each was published."""
    found = {}
    for uid in uids:
        item = site.catalog.node(uid)
        if item is not None and item.live_state == "published":
            found[uid] = sum(entry.action == "publish" for entry in item.log.values())
    return found


def desk(folder: Path, times: int) -> list[str]:
    """1,000 saves and steps by two processes on 50 items; then kills of a desk that publishes sets."""
    crowd, sets = folder / "crowd", folder / "sets"
    crowd.mkdir()
    found = contend(crowd, operations=1000, items=50)[0]
    for number in range(times):
        if number % ANEW == 0:  # each look is at all that there is
            shutil.rmtree(sets, ignore_errors=True)
            sets.mkdir()
            make(sets)
        kill_desk(sets, f"k{number}")
        found += desk_faults(sets, whole=number % ANEW == ANEW - 1)[0]
    return found
