"""Taking backups: what Data.fs has grown by since the last one, its blobs, and a point that names it all (archive)."""

from __future__ import annotations

import json
import logging
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from zc.lockfile import LockError, LockFile
from ZODB.blob import FilesystemHelper

from egov.base import clock
from egov.base.i18n import _, told
from egov.storage.archive import CHUNK, Archive, Point
from egov.storage.errors import Refused
from egov.storage.guard import settle
from egov.storage.opening import Files
from egov.storage.records import STORED_FILE, records_of
from egov.storage.scrub import known_sums
from egov.storage.sums import Sum, digest_in, dump_sums, sync_folder
from egov.storage.vault import KEPT_KEYS

log = logging.getLogger(__name__)

ATTEMPTS = 3  # a pack may replace Data.fs while it is copied


@dataclass
class Taken:
    """What a backup has done."""

    point: Point
    transactions: int
    blobs: int
    damaged: list[str]


class _Replaced(Exception):
    """Data.fs was packed while it was being copied."""


def backup(
    files: Files, folder: Path, *, keep: int = 0, monthly: int = 0, secret: bytes | None = None
) -> Taken:
    """Add a backup to a folder; works while the server runs. Keeps the newest `keep` (0: all), and of each of the
    last `monthly` months the last one. With a `secret` everything in the folder is sealed.

    Raises NoDatabase, and Refused where what is to be copied is damaged, with the earlier backups untouched.
    """
    known_sums(files.data)  # raises before anything is made
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in ("points", "data", "blobs"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    try:
        lock = LockFile(str(folder / "lock"))
    except LockError:
        raise Refused(_("另一个备份正在写入 ${path}。", mapping={"path": str(folder)})) from None
    with closing(lock):
        archive = Archive(folder, secret, begins=True)
        for attempt in range(ATTEMPTS):
            try:
                taken = _backup(files, archive)
                break
            except _Replaced:
                _settle_what_is_left(files)
                if attempt == ATTEMPTS - 1:
                    raise Refused(_("备份时数据库一直在整理，请稍后再试。")) from None
                time.sleep(attempt)
        _prune(archive, keep, monthly)
        return taken


def _backup(files: Files, archive: Archive) -> Taken:
    earlier = archive.points()
    now = clock.now()
    with Path(files.data).open("rb", buffering=0) as source:
        _check_not_replaced(files, source.fileno())
        entries = known_sums(files.data)
        known, segments = _continued(archive, earlier)
        if not known or [e[:4] for e in entries[: len(known)]] != [e[:4] for e in known]:
            known, segments = [], ()
        fresh = entries[len(known) :]
        damaged: list[str] = []
        count = 0
        if fresh:
            generation = segments[0].partition("/")[0] if segments else f"{now:%Y%m%dT%H%M%S.%fZ}"
            name = f"{generation}/{fresh[0].start:012d}-{fresh[-1].end:012d}"
            archive.part(name, "fs").parent.mkdir(exist_ok=True)
            sync_folder(archive.folder / "data")
            count = _copy_blobs(files, archive, name, _blobs_in(source.fileno(), fresh), damaged)
            if (wrong := _copy_data(source.fileno(), archive, name, fresh)) is not None:
                _check_not_replaced(files, source.fileno())
                text = _(
                    "事务 ${tid} 与校验不符，没有备份；先前的备份完好。请运行 egov scrub。",
                    mapping={"tid": wrong.tid.hex()},
                )
                raise Refused(text)
            segments = (*segments, name)
        _check_not_replaced(files, source.fileno())
        point = Point(
            name=f"{now:%Y%m%dT%H%M%S.%fZ}-{entries[-1].tid.hex()}",
            time=now.isoformat(),
            first=_first(source.fileno(), entries).hex(),
            tid=entries[-1].tid.hex(),
            segments=segments,
        )
    _write(archive, archive.point_path(point.name), json.dumps(asdict(point), indent=1).encode())
    return Taken(point, len(fresh), count, damaged)


def _continued(archive: Archive, earlier: list[Point]) -> tuple[list[Sum], tuple[str, ...]]:
    """What the newest backup holds; nothing where it is damaged, so that this one holds everything itself."""
    try:
        return (archive.sums_of(earlier[-1]), earlier[-1].segments) if earlier else ([], ())
    except Refused as error:
        log.warning("%s", told(error.message))
        return [], ()


def _settle_what_is_left(files: Files) -> None:
    """Finish or undo a pack whose process was killed; one that is running holds the storage's lock."""
    try:
        lock = LockFile(files.data + ".lock")
    except LockError:
        return
    with closing(lock):
        settle(files.data)


def _check_not_replaced(files: Files, fd: int) -> None:
    """Raise _Replaced if a pack has replaced, or is just replacing, the file that is open."""
    is_another = Path(files.data).stat().st_ino != os.fstat(fd).st_ino
    if is_another or Path(files.data + ".pack.sums").exists():
        raise _Replaced


def _first(fd: int, entries: list[Sum]) -> bytes:
    """The last packed transaction, or the very first one."""
    packed = [e.tid for e in entries if os.pread(fd, 1, e.start + 16) == b"p"]
    return packed[-1] if packed else entries[0].tid


def _copy_data(fd: int, archive: Archive, name: str, fresh: list[Sum]) -> Sum | None:
    """Write a segment and read it back; returns the first transaction that is damaged, and then keeps nothing."""
    with archive.vault.writing(archive.part(name, "fs")) as copy:
        for entry in fresh:
            shift = 0
            while chunk := os.pread(fd, min(CHUNK, entry.length - shift), entry.start + shift):
                copy.write(chunk)
                shift += len(chunk)
    with archive.segment(name) as copied:
        for entry in fresh:
            if digest_in(copied, entry.start - fresh[0].start, entry.length) != entry.digest:
                archive.part(name, "fs").unlink()
                return entry
    with archive.vault.writing(archive.part(name, "sums")) as target:
        dump_sums(target, fresh)
    return None


def _blobs_in(fd: int, entries: list[Sum]) -> Iterator[tuple[str, str, tuple[str, int] | None]]:
    """(oid, tid, digest and size) of the blobs that transactions wrote."""
    blobs: list[tuple[str, str]] = []
    expected: dict[bytes, tuple[str, int]] = {}
    for entry in entries:
        for record in records_of(fd, entry):
            if record.is_blob:
                blobs.append((record.oid.hex(), record.tid.hex()))
            elif record.class_name == STORED_FILE and isinstance(state := record.state(), dict):
                expected[state["blob"]] = (state["digest"], state["size"])
    for oid, tid in blobs:
        yield oid, tid, expected.get(bytes.fromhex(oid))


def _copy_blobs(files: Files, archive: Archive, name: str, blobs: Any, damaged: list[str]) -> int:
    layout = FilesystemHelper(files.blobs or "")
    lines = []
    for oid, tid, expected in blobs if files.blobs else ():
        source = Path(layout.getBlobFilename(bytes.fromhex(oid), bytes.fromhex(tid)))
        if not source.exists():
            damaged.append(str(source))
            continue
        digest, size = _copy_blob(archive, source, archive.blob(f"{oid}-{tid}"))
        if expected not in (None, (digest, size)):
            damaged.append(str(source))
        lines.append(f"{oid} {tid} {size} {digest}\n")
    _write(archive, archive.part(name, "blobs"), "".join(lines).encode())
    return len(lines)


def _copy_blob(archive: Archive, source: Path, target: Path) -> tuple[str, int]:
    """Copy a blob into the backup; returns the SHA-256 and size of what was copied."""
    seen, size = sha256(), 0
    with source.open("rb") as original, archive.vault.writing(target) as copy:
        while chunk := original.read(CHUNK):
            seen.update(chunk)
            size += len(chunk)
            copy.write(chunk)
    return seen.hexdigest(), size


def _write(archive: Archive, path: Path, content: bytes) -> None:
    with archive.vault.writing(path) as target:
        target.write(content)


def kept(points: list[Point], keep: int, monthly: int) -> set[str]:
    """The names of the points that stay: the newest `keep` (0: all), and the last of each of `monthly` months."""
    if not keep:
        return {point.name for point in points}
    last_of = {f"{clock.local(point.at):%Y-%m}": point.name for point in points}
    months = sorted(last_of)[-monthly:] if monthly else []
    return {point.name for point in points[-keep:]} | {last_of[month] for month in months}


def _prune(archive: Archive, keep: int, monthly: int) -> None:
    """Remove the points that are not kept, then every file that no point names."""
    known = archive.points()
    staying = kept(known, keep, monthly)
    for path in (archive.folder / "points").iterdir():
        is_key = path == archive.folder / KEPT_KEYS[1]
        if not is_key and (path.suffix != ".json" or path.stem not in staying):
            path.unlink()
    sync_folder(archive.folder / "points")
    segments = {name for point in known if point.name in staying for name in point.segments}
    blobs = {blob.name for name in segments for blob in archive.blobs_of(name)}
    for path in (archive.folder / "blobs").iterdir():
        if path.name not in blobs:
            path.unlink()
    for generation in (archive.folder / "data").iterdir():
        for path in generation.iterdir():
            if f"{generation.name}/{path.stem}" not in segments or path.suffix == ".part":
                path.unlink()
        if not any(generation.iterdir()):
            shutil.rmtree(generation)
