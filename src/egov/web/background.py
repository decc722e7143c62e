"""What a server process does beside answering, and its orderly end: threads are asked to end, then awaited.

systemd ends a server by SIGTERM, at which Python would just stop: visits that were counted would be lost, the index of
the database would have to be made anew, a letter could be half sent.
"""

from __future__ import annotations

import atexit
import logging
import signal
from collections.abc import Callable
from threading import Event, Thread, current_thread, main_thread
from time import monotonic
from types import FrameType
from typing import Any

log = logging.getLogger(__name__)

PATIENCE = 30.0  # seconds for all threads together; systemd waits for 90


class Background:
    """The threads of one process, and what is done when they have ended."""

    def __init__(self) -> None:
        self._ended = Event()
        self._threads: list[Thread] = []
        self._wakes: list[Event] = []
        self._last: list[Callable[[], object]] = []

    def is_ending(self) -> bool:
        """Whether what is long should stop where it can be taken up again."""
        return self._ended.is_set()

    def start(self, name: str, work: Callable[[], object]) -> None:
        """Do something once, in a thread."""

        def run() -> None:
            try:
                work()
            except Exception:
                log.exception("%s failed", name)

        # A daemon: one that does not heed the end must not keep the process from ending.
        thread = Thread(target=run, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def repeat(self, name: str, seconds: float, work: Callable[[], object]) -> Event:
        """Do something again and again, in a thread; returns what begins a round at once when set."""
        wake = Event()
        self._wakes.append(wake)

        def rounds() -> None:
            while not self.is_ending():
                wake.wait(seconds)
                wake.clear()
                if self.is_ending():
                    return
                try:
                    work()
                except Exception:
                    log.exception("%s failed; it is tried again in %d s", name, seconds)

        self.start(name, rounds)
        return wake

    def later(self, name: str, seconds: float, work: Callable[[], object]) -> None:
        """Do something once, in a thread, after a time; not at all where the process ends before."""
        self.start(name, lambda: self._ended.wait(seconds) or work())

    def at_end(self, work: Callable[[], object]) -> None:
        """Do something when all threads have ended: what was told last first."""
        self._last.append(work)

    def end(self) -> None:
        """End everything; a second time does nothing."""
        if self._ended.is_set():
            return
        self._ended.set()
        log.info(
            "the process ends; first %s", ", ".join(t.name for t in self._threads) or "nothing"
        )
        for wake in self._wakes:
            wake.set()
        until = monotonic() + PATIENCE
        for thread in self._threads:
            thread.join(max(0.0, until - monotonic()))
            if thread.is_alive():
                log.warning("%s is still at work and is left to its fate", thread.name)
        for work in reversed(self._last):
            try:
                work()
            except Exception:
                log.exception("something could not be done at the end")

    def attend(self) -> None:
        """End with the process, also at SIGTERM where nobody else attends to it."""
        atexit.register(self.end)
        if current_thread() is main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, _leave)


def _leave(_number: int, _frame: FrameType | None) -> None:
    """As at Ctrl-C: the server stops to listen, its threads answer what they have begun, then the process ends."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(0)


def includeme(config: Any) -> None:
    """Nothing runs yet: `main` starts what a server needs, commands need nothing."""
    config.registry.background = Background()
