"""The thread that notes what a server process has counted, now and then and when it ends."""

from __future__ import annotations

import atexit
import logging
from threading import Event, Thread
from typing import Any

from transaction import TransactionManager

from egov.base import clock, ids
from egov.features.readership.register import readership_of
from egov.operations.setup import ROOT_KEY

log = logging.getLogger(__name__)

_ATTEMPTS = 5
_STRAND = ids.new_token()[:12]  # of this process


def note_counts(registry: Any) -> None:
    """Note what was counted since the last time, in a transaction of its own; keeps it if that fails."""
    counts = registry.visits.take()
    manager = TransactionManager()
    connection = registry._zodb_databases[""].open(manager)
    try:
        for attempt in manager.attempts(_ATTEMPTS):
            with attempt:
                site = connection.root().get(ROOT_KEY)
                if site is not None:
                    readership_of(site).note(site, _STRAND, counts)
                    readership_of(site).settle(clock.today())
    except Exception:
        registry.visits.give_back(counts)
        raise
    finally:
        manager.abort()
        connection.close()


def start_counting(registry: Any) -> Event | None:
    """Begin; returns what ends it when set, or None where `visits_seconds` is 0."""
    seconds = registry.egov.visits_seconds
    if not seconds:
        return None
    ended = Event()

    def work() -> None:
        while not ended.wait(seconds):
            _try(registry)

    Thread(target=work, name="visits", daemon=True).start()
    atexit.register(_try, registry)
    return ended


def _try(registry: Any) -> None:
    try:
        note_counts(registry)
    except Exception:
        log.exception("visits could not be noted; they are kept for the next time")
