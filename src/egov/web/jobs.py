"""The regular work in a server process; several processes may have one thread each."""

from __future__ import annotations

from typing import Any

from egov.operations.commands import take_up
from egov.operations.jobs import run_jobs
from egov.operations.mailing import Away, Letter, Send
from egov.storage.typed import waiting_files
from egov.web.background import Background
from egov.web.mail import sender_for


def start_jobs(registry: Any) -> None:
    """Begin, unless `jobs_seconds` is 0; `registry.jobs_wake` begins a round at once, for who waits for long work."""
    seconds, background = registry.egov.jobs_seconds, registry.background
    if not seconds:
        return
    send = sender_for(registry.egov)
    heeding = _heeding(background, send) if send is not None else None

    def work() -> None:
        database = registry._zodb_databases[""]
        take_up(
            database, waiting_files(registry.settings["zodbconn.uri"], registry.egov.upkeep_file)
        )
        run_jobs(database, registry.egov, heeding, is_ending=background.is_ending)

    registry.jobs_wake = background.repeat("jobs", seconds, work)


def _heeding(background: Background, send: Send) -> Send:
    """What sends a letter, but begins with none any more when the process ends."""

    def send_or_leave(letter: Letter) -> None:
        if background.is_ending():
            raise Away("the process ends")
        send(letter)

    return send_or_leave
