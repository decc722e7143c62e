"""Commands of the machine on record: who typed what there, and how it ended."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import transaction

from egov.model.site import SiteGroup
from egov.operations.setup import ROOT_KEY
from egov.security.principals import SYSTEM_ACTOR
from egov.storage.typed import Typed, taking

log = logging.getLogger(__name__)

_ATTEMPTS = 5
_LONGEST = 1000


def take_up(database: Any, files: Iterable[Path]) -> int:
    """Put on record the commands that wait in files; returns how many. A crash repeats some, and loses none.

    What cannot be read or emptied stays, and is logged: regular work does not stand still for it.
    """
    taken = 0
    for path in files:
        try:
            with taking(path) as waiting:
                taken += record_commands(database, waiting)
        except OSError as error:
            log.warning("commands are not put on record: %s", error)
    return taken


def record_commands(database: Any, commands: list[Typed]) -> int:
    """Put commands on record, all or none; returns how many, 0 where there is no site group yet."""
    manager = transaction.TransactionManager()
    connection = database.open(manager) if commands else None
    if connection is None:
        return 0
    try:
        for attempt in manager.attempts(_ATTEMPTS):
            with attempt:
                site: SiteGroup | None = connection.root().get(ROOT_KEY)
                for typed in commands if site is not None else ():
                    _append(site, typed)
    finally:
        manager.abort()
        connection.close()
    return len(commands) if site is not None else 0


def _append(site: Any, typed: Typed) -> None:
    by = SYSTEM_ACTOR.at(typed.operator)
    told = "；".join(filter(None, [typed.command, typed.told, typed.at]))[:_LONGEST]
    site.audit.append(by, "command", outcome=typed.outcome, reason=told)
