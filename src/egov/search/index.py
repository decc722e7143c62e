"""The index on disk: one folder per process group, written by one process at a time, rebuilt beside the old one.

<search_dir>/current     the name of the folder in use
<search_dir>/<number>/   a tantivy index, and `seen`: the moment up to which the journal is in it
<search_dir>/lock        who holds it writes
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any, NamedTuple

import tantivy

from egov.base import clock
from egov.model.site import SiteGroup
from egov.search.documents import Document, document_of
from egov.search.words import number_key, pairs, sound, words

log = logging.getLogger(__name__)

HEAP = 64 * 1024 * 1024
STORED_TEXT = 20_000  # characters kept for excerpts
_OVERLAP = 120 * 1_000_000  # microseconds: commits do not arrive in the order of their times
# A text of today weighs about half as much again as one of the year 2000.
_YEAR, _FRESH_FROM, _FRESH_YEARS = 365.25 * 86_400 * 1_000_000, 30.0, 30.0
_EVERY = 0.8  # seconds between two looks at the journal


def make_schema() -> Any:
    """The fields of the index."""
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("uid", stored=True, indexed=True, fast=True)
    builder.add_unsigned_field("domain", indexed=True, fast=True)
    builder.add_unsigned_field("year", indexed=True, fast=True)
    builder.add_integer_field("published", indexed=True, fast=True)
    builder.add_float_field("fresh", fast=True)
    builder.add_text_field("kind", tokenizer_name="raw", fast=True, index_option="basic")
    builder.add_text_field("validity", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("number", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("title", tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("body", tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("sound", tokenizer_name="whitespace", index_option="basic")
    builder.add_text_field("pairs", tokenizer_name="whitespace", index_option="position")
    builder.add_text_field("heading", tokenizer_name="raw", stored=True, index_option="basic")
    # A term has 65,530 bytes at most; what is only stored is cut into no terms that anybody looks up.
    builder.add_bytes_field("text", stored=True)
    return builder.build()


class View(NamedTuple):
    """One state of the index, and the domains that stand in it."""

    searcher: Any
    domains: frozenset[int]


def _view_of(searcher: Any) -> View:
    told = searcher.aggregate(
        tantivy.Query.all_query(), {"d": {"terms": {"field": "domain", "size": 1_000_000}}}
    )
    return View(searcher, frozenset(int(bucket["key"]) for bucket in told["d"]["buckets"]))


class SearchIndex:
    """The index of one site group, shared by all threads of a process."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._lock = Lock()
        self._name = ""
        self._index: Any = None
        self._view: View | None = None
        self._stamp = 0
        self._looked = 0.0
        self._applied: set[tuple[int, int]] = set()

    def exists(self) -> bool:
        """Whether it has been built."""
        return (self.folder / "current").exists()

    def view(self) -> View | None:
        """The index as it is now; None if it has not been built yet."""
        with self._lock:
            self._follow()
            return self._view

    def refresh(self, site: SiteGroup, *, at_once: bool = False) -> None:
        """Bring the index up to the journal, unless that was done a moment ago or another process is doing it.

        Whatever an earlier run began and did not finish is done again: adding a document twice changes nothing.
        """
        now = monotonic()
        if not at_once and now - self._looked < _EVERY:
            return
        self._looked = now
        with self._lock:
            self._follow()
            if self._index is None:
                return
            seen = self._seen()
            if seen < site.catalog.journal.kept_since:
                log.warning("the search index is older than the journal: run egov reindex")
            changes = set(site.catalog.journal.since(max(0, seen - _OVERLAP)))
            fresh = changes - self._applied
            if not fresh:
                return
            with self._writing() as mine:
                if mine:
                    uids = {uid for _at, uid in fresh}
                    self._apply((uid, document_of(site.catalog.node(uid))) for uid in uids)
                    self._note_seen(self.folder / self._name, max(at for at, _uid in changes))
                    self._applied = changes

    def rebuild(self, site: SiteGroup, progress: Callable[[int], None] = lambda _done: None) -> int:
        """Build a new index beside the old one and take it into use; returns how many documents are in it.

        Raises BlockingIOError if another process writes. Searching goes on with the old one until the new is whole.
        """
        started = clock.micros(clock.now())
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._writing() as mine:
            if not mine:
                raise BlockingIOError(str(self.folder))
            name = str(started)
            place = self.folder / name
            place.mkdir()
            writer = tantivy.Index(make_schema(), str(place)).writer(HEAP * 2)
            count = 0
            for node in site.catalog.live_items():
                document = document_of(node)
                if document is not None:
                    writer.add_document(entry_of(document))
                    count += 1
                    progress(count)
                if count % 1000 == 0 and site._p_jar is not None:
                    site._p_jar.cacheGC()
            writer.commit()
            writer.wait_merging_threads()
            self._note_seen(place, started)
            _write(self.folder / "current", name)
        for old in self.folder.iterdir():
            if old.is_dir() and old.name != name:
                shutil.rmtree(old, ignore_errors=True)
        return count

    def _follow(self) -> None:
        try:
            name = (self.folder / "current").read_text()
        except FileNotFoundError:
            self._index = self._view = None
            return
        if name != self._name:
            self._index = tantivy.Index.open(str(self.folder / name))
            self._name, self._applied, self._stamp = name, set(), 0
        stamp = (self.folder / name / "meta.json").stat().st_mtime_ns
        if stamp != self._stamp:
            self._index.reload()
            self._view = _view_of(self._index.searcher())
            self._stamp = stamp

    def _apply(self, changes: Iterable[tuple[int, Document | None]]) -> None:
        writer, schema = self._index.writer(HEAP, 1), self._index.schema
        for uid, document in changes:
            writer.delete_documents_by_query(tantivy.Query.term_query(schema, "uid", uid, "basic"))
            if document is not None:
                writer.add_document(entry_of(document))
        writer.commit()
        writer.wait_merging_threads()

    def _seen(self) -> int:
        try:
            return int((self.folder / self._name / "seen").read_text())
        except (FileNotFoundError, ValueError):
            return 0

    @staticmethod
    def _note_seen(place: Path, moment: int) -> None:
        _write(place / "seen", str(moment))

    @contextlib.contextmanager
    def _writing(self) -> Iterator[bool]:
        with (self.folder / "lock").open("a") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True


def _write(path: Path, text: str) -> None:
    beside = path.with_suffix(".new")
    beside.write_text(text)
    beside.replace(path)


def entry_of(document: Document) -> Any:
    """The document as the index takes it."""
    title = [*words(document.title), *(w for k in document.keywords for w in words(k))]
    body = words(document.text)
    entry = tantivy.Document()
    entry.add_unsigned("uid", document.uid)
    entry.add_unsigned("domain", document.domain)
    entry.add_unsigned("year", document.year)
    entry.add_integer("published", document.published)
    entry.add_text("kind", document.kind)
    if document.validity:
        entry.add_text("validity", document.validity)
    for number in document.numbers:
        entry.add_text("number", number_key(number))
    entry.add_text("title", " ".join(title))
    entry.add_text("body", " ".join(body))
    entry.add_text("sound", " ".join({sound(word) for word in title}))
    entry.add_text("pairs", " ".join([*pairs(document.title), "_", *pairs(document.text)]))
    entry.add_text("heading", document.title)
    entry.add_bytes("text", document.text[:STORED_TEXT].encode())
    entry.add_float("fresh", max(0.0, (document.published / _YEAR - _FRESH_FROM) / _FRESH_YEARS))
    return entry
