"""Putting back from a backup what a scrub found damaged, byte for byte."""

from __future__ import annotations

import os
from contextlib import closing, suppress
from pathlib import Path

from zc.lockfile import LockError, LockFile
from ZODB.blob import FilesystemHelper

from egov.base.i18n import _
from egov.storage.archive import Archive, Point
from egov.storage.errors import Refused
from egov.storage.opening import Files
from egov.storage.restore import place
from egov.storage.scrub import Damage, Report
from egov.storage.sums import MAGIC, Sum, digest_in, read_sums, sums_path, write_sums


def mend(
    files: Files, report: Report, folder: Path, *, secret: bytes | None = None
) -> list[tuple[Damage, str]]:
    """Put back what a scrub found damaged; tells for each damage from which backup, or "" where none has it.

    Raises Refused while another process has the database open.
    """
    archive = Archive(folder, secret)
    try:
        lock = LockFile(files.data + ".lock")
    except LockError:
        raise Refused(_("请先停止正在使用数据库的进程。")) from None
    with closing(lock):
        mended: dict[Damage, str] = {}
        for point in reversed(archive.points()):
            for damage in report.damages:
                # What is damaged in one backup, an earlier one may have whole.
                with suppress(Refused):
                    if damage not in mended and _mend(files, damage, archive, point):
                        mended[damage] = point.name
        return [(damage, mended.get(damage, "")) for damage in report.damages]


def _mend(files: Files, damage: Damage, archive: Archive, point: Point) -> bool:
    if damage.what == "blob":
        return _mend_blob(files, damage, archive, point)
    if damage.what == "transaction":
        return _mend_transaction(files, damage, archive, point)
    if damage.what == "header":
        with Path(files.data).open("r+b") as data:
            data.write(MAGIC)
        return True
    return damage.what == "sums" and _mend_sums(files, archive, point)


def _mend_blob(files: Files, damage: Damage, archive: Archive, point: Point) -> bool:
    layout = FilesystemHelper(str(files.blobs))
    for name in point.segments:
        for blob in archive.blobs_of(name):
            if (blob.oid, blob.tid) == (damage.oid.hex(), damage.tid.hex()):
                place(archive, blob, layout, point)
                return True
    return False


def _mend_transaction(files: Files, damage: Damage, archive: Archive, point: Point) -> bool:
    wanted = next(
        (e for e in read_sums(sums_path(files.data)) if e is not None and e.tid == damage.tid), None
    )
    for name in point.segments:
        entries = [e for e in archive.segment_sums(name) if e]
        for entry in entries:
            if wanted and entry[:4] == wanted[:4]:
                return _write_back(files, archive, name, entry, entry.start - entries[0].start)
    return False


def _write_back(files: Files, archive: Archive, name: str, entry: Sum, offset: int) -> bool:
    with archive.segment(name) as source, Path(files.data).open("r+b") as data:
        if digest_in(source, offset, entry.length) != entry.digest:
            return False
        source.seek(offset)
        data.seek(entry.start)
        data.write(source.read(entry.length))
        data.flush()
        os.fsync(data.fileno())
    return True


def _mend_sums(files: Files, archive: Archive, point: Point) -> bool:
    """Take damaged records of the sums from a backup, where both agree on all the others."""
    own, theirs = list(read_sums(sums_path(files.data))), archive.sums_of(point)
    if len(own) > len(theirs) and None in own[len(theirs) :]:
        return False
    mixed = [e or theirs[n] for n, e in enumerate(own)]
    if [e[:4] for e in mixed[: len(theirs)]] != [e[:4] for e in theirs[: len(mixed)]]:
        return False
    write_sums(sums_path(files.data), mixed)
    return True
