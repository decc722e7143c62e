"""A process of the editorial desk that lives to be killed: it lets releases go out and publishes by the hundred.

    python -m tests.soak.desk_worker FOLDER SEED

FOLDER holds a database made by `make`. The process begins a release or a batch, commits, says so in FOLDER/begun, and
goes on with it as the server's jobs do.
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

import transaction

from egov.base.settings import Settings
from egov.operations.batches import begin
from egov.operations.content import create
from egov.operations.jobs import run_jobs
from egov.operations.releases import make_release, publish_release, put_in
from egov.operations.setup import ROOT_KEY
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from egov.storage.opening import open_database
from tests.soak.worker import uri_of
from tests.support import world

SET = 60  # items to a release or a batch: more than one piece of a batch


def make(folder: Path) -> None:
    """A database with the world in it."""
    database = open_database(uri_of(folder), create=True)
    connection = database.open()
    world.build(connection.root())
    connection.close()
    database.close()


def drafts(site, seed: str, number: int, count: int):
    """Approved drafts, committed."""
    section = site["finance"]["news"]
    made = []
    for n in range(count):
        values = {"title": f"{seed} {number} {n}", "body": "<p>正文。</p>", "source": "市财政局"}
        item = create(section, "article", values, by=SYSTEM_ACTOR, name=f"{seed}-{number}-{n}")
        advance(item, "submit", by=SYSTEM_ACTOR)
        advance(item, "approve", by=SYSTEM_ACTOR)
        made.append(item)
    transaction.commit()
    return made


def work(folder: Path, seed: str) -> None:
    """Publish sets until killed."""
    world.register_types()
    database = open_database(uri_of(folder))
    log = os.open(folder / "begun", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    connection = database.open()
    site = connection.root()[ROOT_KEY]
    by = world.actor(site, "publisher")
    chance = random.Random(seed)
    first = drafts(site, seed, 0, SET)
    print("ready", flush=True)
    for number in range(10**6):
        items = first if number == 0 else drafts(site, seed, number, SET)
        if chance.random() < 0.5:
            release = make_release(site, f"{seed} {number}", by=by)
            for item in items:
                put_in(release, item, by=by)
            transaction.commit()
            os.write(log, f"release {release.key}\n".encode())
            publish_release(site, release, by=by)
            transaction.commit()
            os.write(log, f"out {release.key}\n".encode())
        else:
            batch = begin(
                site["finance"]["news"], "step", [i.uid for i in items], {"step": "publish"}, by=by
            )
            transaction.commit()
            os.write(log, f"batch {batch.key}\n".encode())
            run_jobs(database, Settings())
            transaction.begin()


if __name__ == "__main__":
    work(Path(sys.argv[1]), sys.argv[2])
