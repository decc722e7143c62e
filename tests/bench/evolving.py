"""An upgrade step over a million objects, killed on the way: what it takes, and that each is changed once."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import process_time, sleep
from typing import Any

from egov.evolve.record import evolution_of
from egov.evolve.running import evolve
from egov.evolve.steps import STEPS
from egov.storage.opening import open_database
from tests.bench.figures import most_memory
from tests.soak import evolving
from tests.soak.worker import uri_of

THINGS = 1_000_000
KILLED_AFTER = 20  # seconds
MOST_MB = 300


def measure(folder: Path, things: int = THINGS) -> Iterator[tuple[str, str, str, Any]]:
    """Make the objects, begin, kill it, and go on to the end."""
    evolving.make(folder, things)
    command = (sys.executable, "-W", "ignore", "-m", "tests.bench.evolving", str(folder))
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as first:
        sleep(KILLED_AFTER)
        first.kill()
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    yield "went on after a kill at, objects", f"{told['at']:,}", "", ""
    yield "objects in the end", f"{told['things']:,}", "", told["things"] == things
    yield "processor time of the rest, s", f"{told['seconds']:.0f}", "", ""
    yield "memory at most, MB", f"{told['mb']:.0f}", f"≤ {MOST_MB}", told["mb"] <= MOST_MB
    wrong = len(evolving.unlike(folder))
    yield "changed not once, objects", str(wrong), "0", not wrong


def work(folder: Path) -> None:
    """Do the step in this process, with a cache as a server has it, and print what it took."""
    database = open_database(f"{uri_of(folder)}&connection_cache_size=20000")
    with database.transaction() as connection:
        at = evolution_of(connection.root()).things
    begun = process_time()
    (done,) = evolve(database, lambda _now: None, (*STEPS, evolving.STEP))
    facts = {"at": at, "things": done.things, "seconds": process_time() - begun}
    facts["mb"] = most_memory()
    print(json.dumps(facts))
    database.close()


if __name__ == "__main__":
    work(Path(sys.argv[1]))
