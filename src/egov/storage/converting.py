"""From one storage into another, every transaction and blob, compared afterwards."""

from __future__ import annotations

from contextlib import closing
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from ZODB.blob import is_blob_record
from ZODB.utils import load_current

from egov.base.i18n import _
from egov.storage.errors import NoDatabase, Refused
from egov.storage.opening import has_root, open_storage


class Converted(NamedTuple):
    """What was copied, and compared."""

    transactions: int
    objects: int
    blobs: int


def convert(source_uri: str, target_uri: str) -> Converted:
    """Copy a whole database into an empty storage; then compare every object's newest state and every blob.

    Raises NoDatabase for an empty source, Refused for a target that is not empty or differs afterwards.
    """
    source, _options = open_storage(source_uri)
    with closing(source):
        if not has_root(source):
            raise NoDatabase(_("来源数据库是空的。"))
        target, _options = open_storage(target_uri, create=True)
        with closing(target):
            if has_root(target):
                raise Refused(_("目标数据库不是空的，不会覆盖。"))
            target.copyTransactionsFrom(source)
            return _compared(source, target)


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
