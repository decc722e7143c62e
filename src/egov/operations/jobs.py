"""Regular work: what is due, stale sessions; each piece in a transaction of its own, safe to run twice at once."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from transaction import TransactionManager

from egov.base import clock
from egov.base.settings import Settings
from egov.model.site import SiteGroup
from egov.operations.schedule import do_due
from egov.operations.setup import ROOT_KEY

log = logging.getLogger(__name__)

_ATTEMPTS = 5


def run_jobs(database: Any, settings: Settings) -> int:
    """Do what is due by now; returns how many things were done. Catches up after any time of standing still."""
    manager = TransactionManager()
    connection = database.open(manager)
    done = 0
    try:
        manager.begin()
        site: SiteGroup | None = connection.root().get(ROOT_KEY)
        if site is None:
            return 0
        for due in site.catalog.agenda.due():
            for attempt in manager.attempts(_ATTEMPTS):
                with attempt:
                    was_done = due in site.catalog.agenda and do_due(site, due)
            done += was_done
        longest = timedelta(minutes=settings.session_absolute_minutes)
        for attempt in manager.attempts(_ATTEMPTS):
            with attempt:
                site.sessions.sweep(clock.now() - longest)
    finally:
        manager.abort()
        connection.close()
    return done
