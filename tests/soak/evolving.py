"""A process that does an upgrade step over many things, and may be killed at it.

python -m tests.soak.evolving FOLDER
"""

from __future__ import annotations

from pathlib import Path

from persistent.mapping import PersistentMapping

from egov.evolve.running import mark_new
from egov.evolve.steps import Step
from egov.model.btrees import UidTree
from egov.operations.setup import ROOT_KEY
from egov.storage.opening import open_database
from tests.soak.worker import uri_of
from tests.support import world

NUMBER = 900


def things_of(site):
    return site.registers["things"]


def change(_site, thing):
    """Not idempotent, so that a thing that is met twice shows."""
    thing["changed"] = thing.get("changed", 0) + 1


STEP = Step(NUMBER, "a trial", change, things_of)


def make(folder: Path, count: int) -> None:
    """A database with so many things, which an older egov has made."""
    database = open_database(uri_of(folder), create=True)
    with database.transaction() as connection:
        site = world.build(connection.root())
        mark_new(connection.root())
        things = site.registers["things"] = UidTree()
        for number in range(count):
            things[number * 1000] = PersistentMapping()
            if number % 5000 == 4999:
                connection.savepoint()
                connection.cacheGC()
    database.close()


def unlike(folder: Path) -> list[int]:
    """The things that were not changed exactly once."""
    database = open_database(uri_of(folder))
    try:
        with database.transaction() as connection:
            things = things_of(connection.root()[ROOT_KEY])
            return [key for key, thing in things.items() if thing.get("changed") != 1]
    finally:
        database.close()
