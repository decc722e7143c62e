"""From one storage into another, every transaction and blob, compared afterwards."""

from __future__ import annotations

from contextlib import closing
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from ZODB.blob import is_blob_record
from ZODB.utils import load_current, p64, u64

from egov.base.i18n import _
from egov.storage.errors import NoDatabase, Refused
from egov.storage.guard import mark_unfinished
from egov.storage.opening import files_of, has_root, open_storage
from egov.storage.sums import sync_folder


class Converted(NamedTuple):
    """What was copied, and compared."""

    transactions: int
    objects: int
    blobs: int


class _From:
    """A storage as it is from a transaction on, for `copyTransactionsFrom`."""

    def __init__(self, storage: Any, start: bytes | None) -> None:
        self._storage, self._start = storage, start
        self._reading: Any = None

    def iterator(self, start: bytes | None = None, stop: bytes | None = None) -> Any:
        self._reading = self._storage.iterator(start or self._start, stop)
        return self._reading

    def close(self) -> None:
        """Let go of what is read, also in the middle."""
        _let_go(self._reading)

    def __len__(self) -> int:
        return len(self._storage)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)


def convert(source_uri: str, target_uri: str) -> Converted:
    """Copy a whole database into an empty storage, or the rest into one that was filled so far by a convert that
    was interrupted; then compare every object's newest state and every blob.

    Until then a target of files does not open. Raises NoDatabase for an empty source, Refused for a target
    that holds something else or differs afterwards.
    """
    source, _options = open_storage(source_uri)
    with closing(source):
        if not has_root(source):
            raise NoDatabase(_("来源数据库是空的。"))
        files = files_of(target_uri)
        target, _options = open_storage(target_uri, create=True)
        with closing(target):
            start = _go_on_after(source, target) if has_root(target) else None
            mark = mark_unfinished(files.data) if files else None
            with closing(_From(source, start)) as rest:
                target.copyTransactionsFrom(rest)
            done = _compared(source, target)
        if mark is not None:
            mark.unlink()
            sync_folder(mark.parent)
        return done


def _go_on_after(source: Any, target: Any) -> bytes:
    """Where an interrupted copy goes on; raises Refused where the target is no beginning of the source."""
    last = target.lastTransaction()
    if _first(source) != _first(target) or _first(source, last, last) != last:
        raise Refused(_("目标数据库不是空的，不会覆盖。"))
    return p64(u64(last) + 1)


def _first(storage: Any, *span: bytes) -> bytes | None:
    """The id of the first transaction, or of the first within a span."""
    transactions = storage.iterator(*span)
    try:
        found = next(iter(transactions), None)
        return found.tid if found is not None else None
    finally:
        _let_go(transactions)


def _let_go(transactions: Any) -> None:
    if hasattr(transactions, "close"):
        transactions.close()


def _compared(source: Any, target: Any) -> Converted:
    newest: dict[bytes, tuple[bytes, bytes | None]] = {}
    blobs: set[bytes] = set()
    transactions = 0
    for entry in source.iterator():
        transactions += 1
        for record in entry:
            newest[record.oid] = (record.tid, record.data and _digest(record.data))
            if record.data and is_blob_record(record.data):
                blobs.add(record.oid)
    for oid, (tid, digest) in newest.items():
        if digest is None:
            continue  # its creation was undone
        data, copied_tid = load_current(target, oid)
        if (copied_tid, _digest(data)) != (tid, digest):
            raise _different(oid)
        if oid in blobs and _blob(source, oid, tid) != _blob(target, oid, tid):
            raise _different(oid)
    return Converted(transactions, len(newest), len(blobs))


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=16).digest()


def _blob(storage: Any, oid: bytes, tid: bytes) -> bytes:
    with Path(storage.loadBlob(oid, tid)).open("rb") as source:
        seen = blake2b(digest_size=16)
        while chunk := source.read(1 << 20):
            seen.update(chunk)
        return seen.digest()


def _different(oid: bytes) -> Refused:
    text = _("对象 ${oid} 转换后不同，请勿使用目标数据库。", mapping={"oid": f"0x{oid.hex()}"})
    return Refused(text)
