"""A process that saves and takes steps with several threads at once, and writes down what was acknowledged.

    python -m tests.soak.contention_worker URI SEED OPERATIONS THREADS LOG

Each line of LOG is JSON: what was done to which item, or what was refused and why. A save adds a mark to the text that
it saw; so the text in the end tells whose save was lost.
"""

from __future__ import annotations

import json
import random
import sys
import threading
from pathlib import Path

from transaction import TransactionManager
from transaction.interfaces import TransientError

from egov.base.errors import EgovError
from egov.base.i18n import told
from egov.operations.content import edit, version_of
from egov.operations.setup import ROOT_KEY
from egov.operations.workflow import advance
from egov.storage.opening import open_database
from tests.support import world

STEPS = (("submit", "author"), ("approve", "reviewer"), ("return", "reviewer"), ("publish", "publisher"),
         ("withdraw", "publisher"), ("retract", "author"))  # fmt: skip
ATTEMPTS = 5


class Worker(threading.Thread):
    """One person at work."""

    def __init__(self, database, seed: str, operations: int) -> None:
        super().__init__()
        self.database, self.seed, self.operations = database, seed, operations
        self.lines: list[dict] = []

    def run(self) -> None:
        chance, manager = random.Random(self.seed), TransactionManager()
        connection = self.database.open(manager)
        for number in range(self.operations):
            manager.begin()
            site = connection.root()[ROOT_KEY]
            names = list(site["finance"]["news"])
            name, mark = chance.choice(names), f"[{self.seed}-{number}]"
            step = chance.choice(STEPS) if chance.random() < 0.5 else None
            seen = version_of(site["finance"]["news"][name])
            manager.abort()
            self.lines.append(self._try(manager, connection, name, mark, step, seen))
        manager.abort()
        connection.close()

    def _try(self, manager, connection, name, mark, step, seen) -> dict:
        told_as = {"item": name, "do": step[0] if step else "save", "mark": mark}
        try:
            for attempt in manager.attempts(ATTEMPTS):
                with attempt:
                    site = connection.root()[ROOT_KEY]
                    item = site["finance"]["news"][name]
                    if step:
                        advance(item, step[0], by=world.actor(site, step[1]), comment=mark)
                    else:
                        body = item.work.values["body"].removesuffix("</p>") + f"{mark}</p>"
                        edit(
                            item,
                            item.work.values | {"body": body},
                            by=world.actor(site, "editor"),
                            expected=seen,
                        )
        except EgovError as error:
            return told_as | {"refused": told(error.message)}
        except TransientError:
            return told_as | {"busy": True}
        return told_as | {"done": True}


def main(uri: str, seed: str, operations: int, threads: int, log: Path) -> None:
    """Let the threads work, then write the log."""
    world.register_types()
    database = open_database(uri)
    workers = [Worker(database, f"{seed}{n}", operations // threads) for n in range(threads)]
    print("ready", flush=True)
    sys.stdin.readline()  # all processes begin together
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    log.write_text("\n".join(json.dumps(line) for w in workers for line in w.lines), "utf-8")
    database.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), Path(sys.argv[5]))
