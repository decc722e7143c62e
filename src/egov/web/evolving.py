"""Upgrade steps and the server: it does not start before those it needs, and tells of the others.

Where this process is the only one that can open the database, it does the others itself, in a thread, while it serves.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from egov.base.i18n import told
from egov.evolve.running import Progress, evolve, refuse_before_steps, waiting
from egov.storage.errors import Refused
from egov.storage.opening import files_of
from egov.web.background import Background

log = logging.getLogger(__name__)


def evolve_meanwhile(registry: Any) -> None:
    """Raise Refused where a step must be done first; log what waits; begin with it on a `file://` database."""
    database = registry._zodb_databases[""]
    try:
        with database.transaction() as connection:
            refuse_before_steps(connection.root())
            steps = waiting(connection.root())
    except Refused:
        database.close()
        raise
    for step in steps:
        log.warning("upgrade step %d waits: %s", step.number, told(step.title))
    if not steps:
        return
    if files_of(registry.settings["zodbconn.uri"]) is None:
        log.warning(
            "run `egov evolve` when all processes are of this version; they may serve meanwhile"
        )
        return
    registry.background.start("evolve", partial(_work, database, registry.background))


class _Ending(Exception):
    """The process ends, between two pieces of a step."""


def _work(database: Any, background: Background) -> None:
    def tell(_progress: Progress) -> None:
        if background.is_ending():
            raise _Ending

    try:
        for result in evolve(database, tell):
            log.warning("upgrade step %d is done", result.step.number)
    except _Ending:
        log.warning("the upgrade goes on at the next start")
    except Exception:
        log.exception("the upgrade stopped; the next start, or `egov evolve`, goes on with it")
