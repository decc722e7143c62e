"""What was found damaged while it was read: kept for the log, the metrics, health and the administrator's page.

It also goes to the register of upkeep, where other processes and the next start see it, until a scrub finds nothing.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from egov.base import clock
from egov.storage.errors import Damaged
from egov.storage.upkeep import READING, SCRUB, last_works, noting, upkeep_file

log = logging.getLogger(__name__)

MOST = 20  # are told; where there are more, the disk is to be replaced


class Damage:
    """The damage that is known to a process."""

    def __init__(self, registry: Any) -> None:
        self._registry = registry
        self._found: dict[str, datetime] = {}

    def note(self, error: Damaged, request: Any) -> None:
        """Take in what a request has met."""
        log.critical(
            "request %s: %s %s: damaged: %s", request.id, request.method, request.path, error
        )
        self._registry.metrics.damaged.inc()
        what = str(error)
        if what in self._found or len(self._found) >= MOST:
            return
        self._found[what] = clock.now()
        path = self._path()
        if path is None:
            return
        known = self.known()
        try:
            with noting(path, READING) as work:
                work.is_done, work.told = False, "; ".join(known)
        except OSError as failed:
            log.warning("%s: %s", path, failed)

    def known(self) -> list[str]:
        """What was found since the last scrub that found nothing."""
        works = last_works(self._path())
        scrub, reading = works.get(SCRUB), works.get(READING)
        sound = scrub.done_at if scrub else None
        found = {what for what, at in self._found.items() if sound is None or at > sound}
        if reading and (sound is None or reading.at > sound):
            found.update(reading.told.split("; "))
        return sorted(found)

    def _path(self) -> Any:
        uri, named = self._registry.settings["zodbconn.uri"], self._registry.egov.upkeep_file
        return upkeep_file(uri, named)
