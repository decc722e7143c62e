"""The index on disk: one folder per process group, written by one process at a time, rebuilt beside the old one.

<search_dir>/current              the name of the folder in use
<search_dir>/<format>-<number>/   a tantivy index, and `seen`: which changes of the journal are in it
<search_dir>/lock                 who holds it writes
<search_dir>/working/…            the same for what the back office looks through

A change is applied once, by whichever process comes first. All processes go by the same `seen`, so one that still
looks at an older state of the database never writes an older wording over a newer one.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any, NamedTuple

import tantivy

from egov.base import clock
from egov.base.memory import spared
from egov.catalog.journal import Change
from egov.model.node import Node
from egov.model.site import SiteGroup
from egov.search.documents import document_of
from egov.search.entries import HEAP, Document, entry_of
from egov.search.filling import can_write_beside, fill
from egov.search.working import worked_on, working_document_of, working_nodes

log = logging.getLogger(__name__)

FORMAT = "5"  # of the fields below: an index in another format is not there, and is built anew
_LARGE = 20_000  # nodes, from which on a whole index is worth starting a process for
BUILT_AT_ONCE = 5000  # nodes; the index of a larger site group is built by `egov reindex`
_OVERLAP = 120 * 1_000_000  # microseconds: commits do not arrive in the order of their times
_IS_INDEX = re.compile(r"\d+-\d+\Z")
_EVERY = 0.8  # seconds between two looks at the journal


class View(NamedTuple):
    """One state of the index, and the domains that stand in it."""

    searcher: Any
    domains: frozenset[int]


def _view_of(searcher: Any) -> View:
    told = searcher.aggregate(
        tantivy.Query.all_query(), {"d": {"terms": {"field": "domain", "size": 1_000_000}}}
    )
    return View(searcher, frozenset(int(bucket["key"]) for bucket in told["d"]["buckets"]))


class Source(NamedTuple):
    """What an index is made from, and how it learns of changes; what is older than `kept_since` it does not learn."""

    document: Callable[[Node | None], Document | None]
    nodes: Callable[[SiteGroup], Iterator[Node]]
    changes: Callable[[SiteGroup, int], Iterable[Change]]
    kept_since: Callable[[SiteGroup], int]


PUBLIC = Source(
    document_of,
    lambda site: site.catalog.live_items(),
    lambda site, since: site.catalog.journal.since(since),
    lambda site: site.catalog.journal.kept_since,
)
WORKING = Source(working_document_of, working_nodes, worked_on, lambda _site: 0)


class Seen(NamedTuple):
    """How far the journal is in an index; of the last minutes, where commits arrive in any order, each change."""

    until: int
    changes: frozenset[Change]

    def missing(self, site: SiteGroup, source: Source) -> set[Change]:
        """The changes that the site tells and the index does not have."""
        return set(source.changes(site, max(0, self.until - _OVERLAP))) - self.changes

    def plus(self, more: set[Change]) -> Seen:
        """The same with more changes."""
        until = max(self.until, *(change.at for change in more))
        return Seen(until, frozenset(c for c in self.changes | more if c.at >= until - _OVERLAP))


class SearchIndex:
    """One index of one site group, shared by all threads of a process."""

    def __init__(self, folder: str | Path, source: Source = PUBLIC) -> None:
        self.folder = Path(folder)
        self._source = source
        self._lock = Lock()  # of what follows
        self._turn = Lock()  # who holds it brings the index up; the others go on searching
        self._name = ""
        self._index: Any = None
        self._view: View | None = None
        self._stamp = 0
        self._looked = 0.0
        self.is_up = True  # whether it knew all changes when it was last looked at

    def exists(self) -> bool:
        """Whether it has been built, in the format that is in use."""
        return bool(self._current())

    def view(self) -> View | None:
        """The index as it is now, or was where it cannot be opened; None if it has not been built yet."""
        with self._lock:
            try:
                self._follow()
            except (OSError, ValueError):  # a rebuild may take it away at this very moment
                log.exception("the search index could not be opened")
            return self._view

    def prepare(self, site: SiteGroup) -> None:
        """Bring the index up for a question; build it first where there is none and the site group is small."""
        if not self.exists() and not site.catalog.holds_more_than(BUILT_AT_ONCE):
            with contextlib.suppress(BlockingIOError):  # somebody else is building it
                self.rebuild(site)
        self.refresh(site)

    def refresh(self, site: SiteGroup, *, at_once: bool = False) -> None:
        """Bring the index up to the journal, unless that was done a moment ago or somebody else is doing it.

        Whatever an earlier run began and did not finish is done again: adding a document twice changes nothing. Where
        the index cannot be written, that is logged, and the index stays as it is.
        """
        now = monotonic()
        if not at_once and now - self._looked < _EVERY:
            return
        self._looked = now
        if not self._turn.acquire(blocking=False):
            return
        try:
            self.is_up = self._bring_up(site)
        except (OSError, ValueError):  # tantivy tells everything as ValueError
            self.is_up = False
            log.exception("the search index could not be brought up")
        finally:
            self._turn.release()

    def _bring_up(self, site: SiteGroup) -> bool:
        with self._lock:
            self._follow()
            index, place = self._index, self.folder / self._name
        if index is None or not _seen_in(place).missing(site, self._source):
            return True
        with self._writing() as mine:
            if not mine or place.name != self._current():
                return False
            seen = _seen_in(place)
            source = self._source
            if seen.until < source.kept_since(site):
                log.warning("the search index is older than the journal: run egov reindex")
            if missing := seen.missing(site, source):
                uids = {change.uid for change in missing}
                _apply(index, ((uid, source.document(site.catalog.node(uid))) for uid in uids))
                _note_seen(place, seen.plus(missing))
        return True

    def rebuild(self, site: SiteGroup, progress: Callable[[int], None] = lambda _done: None) -> int:
        """Build a new index beside the old one and take it into use; returns how many documents are in it.

        Raises BlockingIOError if another process writes. Searching goes on with the old one until the new is whole.
        """
        started = clock.micros(clock.now())
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._writing() as mine:
            if not mine:
                raise BlockingIOError(str(self.folder))
            place = self.folder / f"{FORMAT}-{started}"
            place.mkdir()
            count = _fill(place, site, self._source, progress)
            _note_seen(place, Seen(started, frozenset()))
            _write(self.folder / "current", place.name)
            for old in self.folder.iterdir():
                if old.is_dir() and old != place and _IS_INDEX.match(old.name):
                    shutil.rmtree(old, ignore_errors=True)
        return count

    def _current(self) -> str:
        try:
            name = (self.folder / "current").read_text()
        except FileNotFoundError:
            return ""
        return name if name.startswith(f"{FORMAT}-") else ""

    def _follow(self) -> None:
        name = self._current()
        if not name:
            self._index = self._view = None
            return
        if name != self._name:
            self._index = tantivy.Index.open(str(self.folder / name))
            self._name, self._stamp = name, 0
        stamp = (self.folder / name / "meta.json").stat().st_mtime_ns
        if stamp != self._stamp:
            self._index.reload()
            self._view = _view_of(self._index.searcher())
            self._stamp = stamp

    @contextlib.contextmanager
    def _writing(self) -> Iterator[bool]:
        with (self.folder / "lock").open("a") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True


def working_index(folder: str | Path) -> SearchIndex:
    """The index of the back office, in the folder of the search."""
    return SearchIndex(Path(folder) / "working", WORKING)


def _fill(place: Path, site: SiteGroup, source: Source, progress: Callable[[int], None]) -> int:
    def read() -> Iterator[Document]:
        found = map(source.document, spared(site._p_jar, source.nodes(site)))
        return (document for document in found if document is not None)

    beside = can_write_beside() and site.catalog.holds_more_than(_LARGE)
    return fill(place, read, beside=beside, progress=progress)


def _apply(index: Any, changes: Iterable[tuple[int, Document | None]]) -> None:
    writer = index.writer(HEAP, 1)
    for uid, document in changes:
        mine = tantivy.Query.term_query(index.schema, "uid", uid, "basic")
        writer.delete_documents_by_query(mine)
        if document is not None:
            writer.add_document(entry_of(document))
    writer.commit()
    writer.wait_merging_threads()


def _seen_in(place: Path) -> Seen:
    try:
        told = json.loads((place / "seen").read_text())
    except (FileNotFoundError, ValueError):
        return Seen(0, frozenset())
    return Seen(told["until"], frozenset(Change(*change) for change in told["changes"]))


def _note_seen(place: Path, seen: Seen) -> None:
    _write(place / "seen", json.dumps({"until": seen.until, "changes": sorted(seen.changes)}))


def _write(path: Path, text: str) -> None:
    beside = path.with_suffix(".new")
    beside.write_text(text)
    beside.replace(path)
