"""A whole new index: documents are read here, and of many cut into words and written by a process beside this one.

Reading holds the interpreter as long as cutting does, and tantivy writes in a thread of its own: two processes are
busy with three things, and what is cut need not come back.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import Any

import tantivy

from egov.base.memory import seldom_collected
from egov.search.entries import HEAP, Document, entry_of, make_schema

log = logging.getLogger(__name__)

_TOGETHER, _LENGTH = 200, 100_000  # documents, or characters, to one part
_AHEAD = 40  # parts that are read before they are written

Read = Callable[[], Iterable[Document]]


def can_write_beside() -> bool:
    """Whether there is another processor for a process beside this one."""
    mine = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return mine > 1


def fill(
    place: Path, read: Read, *, beside: bool, progress: Callable[[int], None] = lambda _done: None
) -> int:
    """Write an index of all documents into an empty folder; returns how many they are.

    With `beside` by another process; if that dies, or cannot be started, all is read again and written by this one.
    Raises OSError and ValueError as tantivy does, from whichever process.
    """
    if beside:
        try:
            with _Beside.started(place) as writing:
                return _written(writing, read(), progress)
        except BrokenProcessPool:
            log.warning("the process that wrote the search index has died; this one begins again")
            shutil.rmtree(place)
            place.mkdir()
    return _written(_Here(place), read(), progress)


def _written(
    writing: _Here | _Beside, documents: Iterable[Document], progress: Callable[[int], None]
) -> int:
    count = 0
    with seldom_collected():
        for part in _together(documents):
            writing.add(part)
            count += len(part)
            progress(count)
        writing.finish()
    return count


class _Here:
    """The writer of an index, in this process."""

    def __init__(self, place: Path) -> None:
        # One thread keeps up with what comes; several would leave more and smaller parts to search.
        self._writer: Any = tantivy.Index(make_schema(), str(place)).writer(HEAP * 2, 1)

    def add(self, documents: list[Document]) -> None:
        for document in documents:
            self._writer.add_document(entry_of(document))

    def finish(self) -> None:
        self._writer.commit()
        self._writer.wait_merging_threads()


class _Beside:
    """The same in a process that is started for it, and that ends with this one."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool
        self._sent: deque[Future[None]] = deque()

    @classmethod
    @contextmanager
    def started(cls, place: Path) -> Iterator[_Beside]:
        """A writer beside this process, which is ended however it goes."""
        # Started anew instead of split off: this process has threads, which a split one would lack at the wrong moment.
        pool = ProcessPoolExecutor(1, get_context("spawn"), _begin, (place,))
        try:
            yield cls(pool)
        finally:
            pool.shutdown(cancel_futures=True)

    def add(self, documents: list[Document]) -> None:
        self._send(_add, documents)
        if len(self._sent) > _AHEAD:
            self._sent.popleft().result()

    def finish(self) -> None:
        self._send(_finish)
        for sent in self._sent:
            sent.result()

    def _send(self, task: Callable[..., None], *args: Any) -> None:
        try:
            with _without_main():
                self._sent.append(self._pool.submit(task, *args))
        except OSError as error:  # no more processes, no more memory
            raise BrokenProcessPool(str(error)) from error


@contextmanager
def _without_main() -> Iterator[None]:
    """Start processes that do not load, as they would, the program that this one runs: a command has all of egov."""
    program = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = program


def _together(documents: Iterable[Document]) -> Iterator[list[Document]]:
    part: list[Document] = []
    length = 0
    for document in documents:
        part.append(document)
        length += len(document.text)
        if len(part) == _TOGETHER or length > _LENGTH:
            yield part
            part, length = [], 0
    if part:
        yield part


# What follows runs in the process beside.
_here: list[_Here] = []


def _begin(place: Path) -> None:
    """Open the writer, and do not outlive the process that reads, if that is killed."""
    reader = parent_process()

    def end() -> None:
        if reader is not None:
            reader.join()
            os._exit(1)

    Thread(target=end, daemon=True).start()
    _here.append(_Here(place))


def _add(documents: list[Document]) -> None:
    with seldom_collected():
        _here[0].add(documents)


def _finish() -> None:
    _here[0].finish()
