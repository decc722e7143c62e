"""What visitors read and said, counted in each process until it is noted in the database; nothing of who it was.

A visit is a page that was given to a browser of somebody who is not signed in, from the page cache or made for it.
No address, cookie or browser is kept, not even in memory: there is nothing that could be told of a person.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from threading import Lock
from typing import Any

from egov.base import clock

SEEN = "seen"
_SESSION = "egov_session="
_MOST_KEYS = 20_000  # counted at once; more different pages than that wait for the next turn
_MACHINE = re.compile(
    r"(?<!cu)bot|crawl|spider|slurp|fetch|scan|monitor|check|preview|archiv|index|headless|phantom|selenium|curl|wget|"
    r"python|java/|go-http|okhttp|libwww|httpclient|ruby|perl|php|axios|node|feed|rss|lighthouse|pingdom",
    re.IGNORECASE,
)

Key = tuple[str, str, str]  # day, what, path


class Visits:
    """The counts of one process."""

    def __init__(self) -> None:
        self._counts: Counter[Key] = Counter()
        self._lock = Lock()

    def see(self, environ: dict[str, Any]) -> None:
        """Count a page that was given out, unless a machine or an editor asked for it."""
        if environ["REQUEST_METHOD"] != "GET" or _SESSION in environ.get("HTTP_COOKIE", ""):
            return
        if environ.get("HTTP_SEC_PURPOSE") or environ.get("HTTP_PURPOSE"):
            return  # fetched in advance, for nobody yet
        if not is_machine(environ.get("HTTP_USER_AGENT", "")):
            self.add(SEEN, environ["PATH_INFO"])

    def add(self, what: str, path: str) -> None:
        """Count something about the page at a path, written as WSGI writes it."""
        key = (_today(), what, path)
        with self._lock:
            if key in self._counts or len(self._counts) < _MOST_KEYS:
                self._counts[key] += 1

    def take(self) -> Counter[Key]:
        """What was counted since the last time."""
        with self._lock:
            taken, self._counts = self._counts, Counter()
        return taken

    def give_back(self, counts: Counter[Key]) -> None:
        """Take counts back that could not be noted."""
        with self._lock:
            self._counts.update(counts)


@lru_cache(maxsize=4096)
def is_machine(agent: str) -> bool:
    """Whether a browser's name is that of a program that reads for nobody."""
    return not agent.startswith(("Mozilla/", "Opera/")) or _MACHINE.search(agent) is not None


def _today() -> str:
    return _day_of(clock.micros(clock.now()) // 60_000_000)


@lru_cache(maxsize=2)
def _day_of(minute: int) -> str:
    return clock.day(clock.from_micros(minute * 60_000_000))


def includeme(config: Any) -> None:
    """Let everything that gives pages out count them."""
    config.registry.visits = Visits() if config.registry.egov.visits_seconds else None
