"""Cutting the texts of documents into what the index looks up, for many of them in processes beside this one."""

from __future__ import annotations

import logging
import os
import sys
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from threading import Thread
from types import ModuleType
from typing import TYPE_CHECKING

from egov.search.words import Cut, Text, cut_of

if TYPE_CHECKING:  # a process that only cuts does not need the rest of egov
    from egov.search.documents import Document

log = logging.getLogger(__name__)

_MOST_BESIDE = 3  # one process reads no faster than so many cut
_TOGETHER, _LENGTH = 200, 100_000  # documents, or characters, to one part
_AHEAD = 40  # parts that are read before they are cut


def text_of(document: Document) -> Text:
    """What of a document is cut."""
    return document.title, document.keywords, document.text


def beside() -> int:
    """How many processes may cut beside the one that reads."""
    mine = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(_MOST_BESIDE, mine - 1)


def in_order(
    documents: Iterable[Document], processes: int
) -> Generator[tuple[Document, Cut], None, None]:
    """The documents in their order, cut here or, of many, by so many processes beside this one.

    A process that dies, or cannot be started, costs time only: what it had is cut here, and so is the rest. Starts
    processes, and ends them with the last document or when the caller asks for no more.
    """
    if processes < 1:
        yield from ((document, cut_of(text_of(document))) for document in documents)
        return
    # Started anew instead of split off: this process has threads, which a split one would lack at the wrong moment.
    pool = ProcessPoolExecutor(processes, get_context("spawn"), _end_with_this)
    waiting: deque[_Part] = deque()
    try:
        for part in _together(documents):
            waiting.append(_Part(part, pool))
            while waiting and waiting[0].is_done:
                yield from waiting.popleft().cut()
            if len(waiting) >= _AHEAD:
                _help(waiting)
        while waiting:
            if not waiting[0].is_done:
                _help(waiting)
            yield from waiting.popleft().cut()
    finally:
        pool.shutdown(cancel_futures=True)


class _Part:
    """Some documents on their way."""

    def __init__(self, documents: list[Document], pool: ProcessPoolExecutor) -> None:
        self._documents = documents
        self._texts = [text_of(document) for document in documents]
        self._future: Future[list[Cut]] | None = None
        try:
            with _without_main():
                self._future = pool.submit(_cut_all, self._texts)
        except (BrokenProcessPool, OSError):
            self._cuts = _cut_all(self._texts)

    @property
    def is_done(self) -> bool:
        """Whether nobody need wait for it."""
        return self._future is None or self._future.done()

    def cut_here(self) -> bool:
        """Cut it here, if no process has begun with it."""
        if self._future is None or not self._future.cancel():
            return False
        self._future, self._cuts = None, _cut_all(self._texts)
        return True

    def cut(self) -> Iterator[tuple[Document, Cut]]:
        """The documents, once they are cut."""
        try:
            cuts = self._future.result() if self._future else self._cuts
        except BrokenProcessPool:
            log.warning("a process that cut texts has died; they are cut by this one")
            cuts = _cut_all(self._texts)
        return zip(self._documents, cuts, strict=True)


@contextmanager
def _without_main() -> Iterator[None]:
    """Start processes that do not load, as they would, the program that this one runs: a command has all of egov."""
    program = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = program


def _help(waiting: Iterable[_Part]) -> None:
    """Do not wait for the others: cut the last part that nobody has begun."""
    any(part.cut_here() for part in reversed(tuple(waiting)))


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


def _end_with_this() -> None:
    """In a process that cuts: do not outlive the one that reads, if that is killed."""
    reader = parent_process()

    def end() -> None:
        if reader is not None:
            reader.join()
            os._exit(1)

    Thread(target=end, daemon=True).start()


def _cut_all(texts: list[Text]) -> list[Cut]:
    return [cut_of(text) for text in texts]
