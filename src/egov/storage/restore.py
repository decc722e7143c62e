"""Getting a database back from its backups: the whole of it at a time, or only what was damaged."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from ZODB.blob import FilesystemHelper
from ZODB.TimeStamp import TimeStamp

from egov.base.i18n import _
from egov.storage.backup import (
    BlobLine,
    Point,
    blobs_of,
    copy_file,
    covering,
    points,
    segment_file,
    sums_of,
)
from egov.storage.errors import Refused
from egov.storage.sums import MAGIC, Sum, digest_of, read_sums, sums_path, sync_folder, write_sums


class Restored(NamedTuple):
    """What a restore has brought back."""

    point: Point
    tid: bytes
    transactions: int
    blobs: int


def tid_of(at: datetime) -> bytes:
    """The greatest transaction id of a moment."""
    utc = at.astimezone(UTC)
    seconds = utc.second + utc.microsecond / 10**6
    stamp: bytes = TimeStamp(utc.year, utc.month, utc.day, utc.hour, utc.minute, seconds).raw()
    return stamp


def restore(folder: Path, into: Path, *, to: datetime | None = None) -> Restored:
    """Make Data.fs and blobs in a folder that does not exist yet, as they were at a time (None: the newest).

    Every byte is compared with its checksum. Raises Refused where that fails, where nothing reaches so far
    back, or where something stands in the place; then nothing is left behind.
    """
    if into.exists() and any(into.iterdir()):
        raise Refused(_("${path} 不是空的，不会覆盖。", mapping={"path": str(into)}))
    wanted = tid_of(to) if to else b"\xff" * 8
    point = covering(folder, to, wanted)
    entries = [entry for entry in sums_of(folder, point) if entry.tid <= wanted]
    if not entries:
        raise Refused(_("这一时间之前没有任何数据。"))
    part = into.with_name(into.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    (part / "blobs").mkdir(parents=True)
    try:
        _restore_data(folder, point, entries, part / "Data.fs")
        count = _restore_blobs(folder, point, entries[-1].tid, part / "blobs")
    except BaseException:
        shutil.rmtree(part)
        raise
    if into.exists():
        into.rmdir()
    part.rename(into)
    sync_folder(into.parent)
    return Restored(point, entries[-1].tid, len(entries), count)


def _restore_data(folder: Path, point: Point, entries: list[Sum], target: Path) -> None:
    with target.open("w+b") as copy:
        copy.write(MAGIC)
        for name in point.segments:
            with segment_file(folder, name).open("rb") as source:
                shutil.copyfileobj(source, copy)
        copy.flush()
        copy.truncate(entries[-1].end)
        os.fsync(copy.fileno())
        for entry in entries:
            if digest_of(copy.fileno(), entry.start, entry.length) != entry.digest:
                raise _broken(point)
    write_sums(sums_path(target), entries)


def _restore_blobs(folder: Path, point: Point, last: bytes, target: Path) -> int:
    layout = FilesystemHelper(str(target))
    layout.create()
    count = 0
    for name in point.segments:
        for blob in blobs_of(folder, name):
            if bytes.fromhex(blob.tid) <= last:
                place(folder, blob, layout, point)
                count += 1
    return count


def place(folder: Path, blob: BlobLine, layout: FilesystemHelper, point: Point) -> None:
    """Copy a blob of a backup to its place; raises Refused where it is not what was backed up."""
    oid, tid = bytes.fromhex(blob.oid), bytes.fromhex(blob.tid)
    home = Path(layout.getPathForOID(oid, create=True))
    copied = copy_file(folder / "blobs" / blob.name, Path(layout.getBlobFilename(oid, tid)))
    sync_folder(home)
    if copied != (blob.digest, blob.size):
        raise _broken(point)


def _broken(point: Point) -> Refused:
    return Refused(_("备份 ${name} 已损坏，没有恢复。", mapping={"name": point.name}))


def verify(folder: Path) -> list[str]:
    """Read every backup in a folder; the files that are not what was written."""
    wrong = []
    for name in sorted({name for point in points(folder) for name in point.segments}):
        entries = list(read_sums(segment_file(folder, name).with_suffix(".sums")))
        with segment_file(folder, name).open("rb") as source:
            offset = entries[0].start if entries and entries[0] else 0
            for entry in entries:
                if entry is None or (
                    digest_of(source.fileno(), entry.start - offset, entry.length) != entry.digest
                ):
                    wrong.append(f"data/{name}.fs")
                    break
        for blob in blobs_of(folder, name):
            path = folder / "blobs" / blob.name
            if not path.exists() or sha256(path.read_bytes()).hexdigest() != blob.digest:
                wrong.append(f"blobs/{blob.name}")
    return wrong
