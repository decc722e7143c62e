"""Getting a database back from its backups: the whole of it at a time."""

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
from egov.storage.archive import CHUNK, Archive, BlobLine, Point, blobs_in
from egov.storage.errors import Refused
from egov.storage.sums import MAGIC, Sum, digest_of, sums_path, sync_folder, write_sums


class Restored(NamedTuple):
    """What a restore has brought back."""

    point: Point
    tid: bytes
    transactions: int
    blobs: int
    missing: list[str]  # blobs that the backup does not have: they were damaged when it was made


def tid_of(at: datetime) -> bytes:
    """The greatest transaction id of a moment."""
    utc = at.astimezone(UTC)
    seconds = utc.second + utc.microsecond / 10**6
    stamp: bytes = TimeStamp(utc.year, utc.month, utc.day, utc.hour, utc.minute, seconds).raw()
    return stamp


def restore(
    folder: Path, into: Path, *, to: datetime | None = None, secret: bytes | None = None
) -> Restored:
    """Make Data.fs and blobs in a folder that does not exist yet, as they were at a time (None: the newest).

    Every byte is compared with its checksum. Raises Refused where that fails, where nothing reaches so far
    back, or where something stands in the place; then nothing is left behind.
    """
    archive = Archive(folder, secret)
    if into.exists() and any(into.iterdir()):
        raise Refused(_("${path} 不是空的，不会覆盖。", mapping={"path": str(into)}))
    into.parent.mkdir(parents=True, exist_ok=True)
    wanted = tid_of(to) if to else b"\xff" * 8
    point = archive.covering(to, wanted)
    entries = [entry for entry in archive.sums_of(point) if entry.tid <= wanted]
    if not entries:
        raise Refused(_("这一时间之前没有任何数据。"))
    part = into.with_name(into.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=0o700)  # what nobody else may read must not become readable here
    (part / "blobs").mkdir(mode=0o700)
    try:
        _restore_data(archive, point, entries, part / "Data.fs")
        placed = _restore_blobs(archive, point, entries[-1].tid, part / "blobs")
        missing = sorted(_blobs_named(part / "Data.fs", entries) - placed)
    except BaseException:
        shutil.rmtree(part)
        raise
    if into.exists():
        into.rmdir()
    part.rename(into)
    sync_folder(into.parent)
    return Restored(point, entries[-1].tid, len(entries), len(placed), missing)


def _restore_data(archive: Archive, point: Point, entries: list[Sum], target: Path) -> None:
    with target.open("w+b") as copy:
        copy.write(MAGIC)
        for name in point.segments:
            with archive.segment(name) as source:
                shutil.copyfileobj(source, copy, CHUNK)
        copy.flush()
        copy.truncate(entries[-1].end)
        os.fsync(copy.fileno())
        for entry in entries:
            if digest_of(copy.fileno(), entry.start, entry.length) != entry.digest:
                raise _broken(point)
    write_sums(sums_path(target), entries)


def _restore_blobs(archive: Archive, point: Point, last: bytes, target: Path) -> set[str]:
    layout = FilesystemHelper(str(target))
    layout.create()
    placed = set()
    for name in point.segments:
        for blob in archive.blobs_of(name):
            if bytes.fromhex(blob.tid) <= last:
                place(archive, blob, layout, point)
                placed.add(blob.name)
    return placed


def _blobs_named(data: Path, entries: list[Sum]) -> set[str]:
    with data.open("rb", buffering=0) as source:
        return {
            name
            for entry in entries
            for name in blobs_in(os.pread(source.fileno(), entry.length, entry.start))
        }


def place(archive: Archive, blob: BlobLine, layout: FilesystemHelper, point: Point) -> None:
    """Copy a blob of a backup to its place; raises Refused where it is not what was backed up."""
    oid, tid = bytes.fromhex(blob.oid), bytes.fromhex(blob.tid)
    home = Path(layout.getPathForOID(oid, create=True))
    target = Path(layout.getBlobFilename(oid, tid))
    part = target.with_name(target.name + ".part")
    seen, size = sha256(), 0
    with archive.reading(archive.blob(blob.name)) as source, part.open("wb") as copy:
        while chunk := source.read(CHUNK):
            seen.update(chunk)
            size += len(chunk)
            copy.write(chunk)
        copy.flush()
        os.fsync(copy.fileno())
    part.rename(target)
    sync_folder(home)
    if (seen.hexdigest(), size) != (blob.digest, blob.size):
        raise _broken(point)


def _broken(point: Point) -> Refused:
    return Refused(_("备份 ${name} 已损坏，没有恢复。", mapping={"name": point.name}))
