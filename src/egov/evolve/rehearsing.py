"""Doing the steps for trial: on a storage in front of the database's own, which is thrown away."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ZODB import DB
from ZODB.DemoStorage import DemoStorage
from ZODB.FileStorage import FileStorage

from egov.evolve.running import Result, Tell, evolve
from egov.evolve.steps import STEPS, Step
from egov.security.principals import SYSTEM_ACTOR, Actor


def rehearse(
    database: Any,
    tell: Tell = print,
    steps: Iterable[Step] = STEPS,
    *,
    by: Actor = SYSTEM_ACTOR,
) -> list[Result]:
    """Do what waits and keep nothing of it; what changes goes to a temporary file. Raises Stopped as evolve does."""
    with TemporaryDirectory(prefix="egov-evolve-") as folder:
        changes = FileStorage(str(Path(folder, "changes.fs")), blob_dir=str(Path(folder, "blobs")))
        storage = DemoStorage(base=database.storage, changes=changes, close_base_on_close=False)
        with closing(DB(storage)) as rehearsal:
            return evolve(rehearsal, tell, steps, by=by)
