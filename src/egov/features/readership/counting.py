"""Noting what a server process has counted, now and then and when it ends."""

from __future__ import annotations

from functools import partial
from typing import Any

from transaction import TransactionManager

from egov.base import clock, ids
from egov.features.readership.register import readership_of
from egov.operations.setup import ROOT_KEY

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


def start_counting(registry: Any) -> None:
    """Begin, unless `visits_seconds` is 0; what is counted after the last round is noted at the end."""
    seconds = registry.egov.visits_seconds
    if seconds:
        registry.background.repeat("visits", seconds, partial(note_counts, registry))
        registry.background.at_end(partial(note_counts, registry))
