"""The thread that does regular work in a server process; several processes may have one each."""

from __future__ import annotations

import logging
from threading import Event, Thread
from typing import Any

from egov.operations.jobs import run_jobs
from egov.web.mail import sender_for

log = logging.getLogger(__name__)


def start_jobs(registry: Any) -> Event | None:
    """Begin; returns what ends it when set, or None where `jobs_seconds` is 0.

    `registry.jobs_wake` begins a round at once, for who waits for long work.
    """
    seconds = registry.egov.jobs_seconds
    if not seconds:
        return None
    ended, wake = Event(), Event()
    registry.jobs_wake = wake
    send = sender_for(registry.egov)

    def work() -> None:
        while not ended.is_set():
            wake.wait(seconds)
            wake.clear()
            try:
                run_jobs(registry._zodb_databases[""], registry.egov, send)
            except Exception:
                log.exception("regular work failed; it is tried again in %d s", seconds)

    Thread(target=work, name="jobs", daemon=True).start()
    return ended
