"""Backups: what Data.fs has grown by since the last one, its blobs, and a point that names it all.

    DIR/points/<time>-<tid>.json      written last: what is not named by a point does not count
    DIR/data/<generation>/<start>-<end>.fs, .sums, .blobs
    DIR/blobs/<oid>-<tid>

A pack changes Data.fs throughout, so it begins a new generation; blobs are shared by all of them. Nothing that a
backup holds is ever written again. ZODB's repozo knows neither blobs nor checksums, and a kill between its data and
its list leaves a backup that it cannot verify.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from zc.lockfile import LockError, LockFile
from ZODB.blob import FilesystemHelper

from egov.base import clock
from egov.base.i18n import _
from egov.storage.errors import Refused
from egov.storage.guard import settle
from egov.storage.opening import Files
from egov.storage.records import STORED_FILE, records_of
from egov.storage.scrub import known_sums
from egov.storage.sums import Sum, digest_of, read_sums, sync_folder, write_sums

ATTEMPTS = 3  # a pack may replace Data.fs while it is copied
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Point:
    """One backup: the segments of Data.fs that make it up, and the times between which it can restore."""

    name: str
    time: str  # when it was made
    first: str  # a restore may go back to here: before it the database had been packed
    tid: str  # the newest transaction
    segments: tuple[str, ...]


@dataclass(frozen=True)
class BlobLine:
    """A blob of a segment, with the digest that it had when it was copied."""

    oid: str
    tid: str
    size: int
    digest: str

    @property
    def name(self) -> str:
        """Its file in the backup."""
        return f"{self.oid}-{self.tid}"


@dataclass
class Taken:
    """What a backup has done."""

    point: Point
    transactions: int
    blobs: int
    damaged: list[str]


class _Replaced(Exception):
    """Data.fs was packed while it was being copied."""


def points(folder: Path) -> list[Point]:
    """The backups in a folder, oldest first."""
    found = sorted((folder / "points").glob("*.json"))
    read = [json.loads(path.read_text("utf-8")) for path in found]
    return [Point(**{**facts, "segments": tuple(facts["segments"])}) for facts in read]


def sums_of(folder: Path, point: Point) -> list[Sum]:
    """The transactions of a backup; raises Refused where they cannot be read."""
    entries = [e for name in point.segments for e in read_sums(_segment(folder, name, "sums"))]
    if None in entries:
        raise Refused(_("备份 ${name} 已损坏。", mapping={"name": point.name}))
    return [entry for entry in entries if entry]


def blobs_of(folder: Path, name: str) -> Iterator[BlobLine]:
    """The blobs of a segment."""
    for line in _segment(folder, name, "blobs").read_text("ascii").splitlines():
        oid, tid, size, digest = line.split()
        yield BlobLine(oid, tid, int(size), digest)


def segment_file(folder: Path, name: str) -> Path:
    """The bytes of a segment."""
    return _segment(folder, name, "fs")


def _segment(folder: Path, name: str, end: str) -> Path:
    return folder / "data" / f"{name}.{end}"


def backup(files: Files, folder: Path, *, keep: int = 0) -> Taken:
    """Add a backup to a folder and keep the newest `keep` (0: all); works while the server runs.

    Raises NoDatabase, and Refused where what is to be copied is damaged, with the earlier backups untouched.
    """
    for name in ("points", "data", "blobs"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    try:
        lock = LockFile(str(folder / "lock"))
    except LockError:
        raise Refused(_("另一个备份正在写入 ${path}。", mapping={"path": str(folder)})) from None
    with closing(lock):
        for attempt in range(ATTEMPTS):
            try:
                taken = _backup(files, folder)
                break
            except _Replaced:
                _settle_what_is_left(files)
                if attempt == ATTEMPTS - 1:
                    raise Refused(_("备份时数据库一直在整理，请稍后再试。")) from None
                time.sleep(attempt)
        _prune(folder, keep)
        return taken


def _backup(files: Files, folder: Path) -> Taken:
    earlier = points(folder)
    now = clock.now()
    with Path(files.data).open("rb", buffering=0) as source:
        _check_not_replaced(files, source.fileno())
        entries = known_sums(files.data)
        known = sums_of(folder, earlier[-1]) if earlier else []
        segments = earlier[-1].segments if earlier else ()
        if not known or [e[:4] for e in entries[: len(known)]] != [e[:4] for e in known]:
            known, segments = [], ()
        fresh = entries[len(known) :]
        damaged: list[str] = []
        count = 0
        if fresh:
            generation = segments[0].partition("/")[0] if segments else f"{now:%Y%m%dT%H%M%S.%fZ}"
            name = f"{generation}/{fresh[0].start:012d}-{fresh[-1].end:012d}"
            count = _copy_blobs(files, folder, name, _blobs_in(source.fileno(), fresh), damaged)
            if (wrong := _copy_data(source.fileno(), folder, name, fresh)) is not None:
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
    _write(folder / "points" / f"{point.name}.json", json.dumps(asdict(point), indent=1).encode())
    return Taken(point, len(fresh), count, damaged)


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


def _copy_data(fd: int, folder: Path, name: str, fresh: list[Sum]) -> Sum | None:
    """Write a segment; returns the first transaction that is damaged, and then keeps nothing."""
    target = _segment(folder, name, "fs")
    target.parent.mkdir(exist_ok=True)
    part = target.with_suffix(".part")
    offset = fresh[0].start
    with part.open("w+b") as copy:
        for entry in fresh:
            shift = 0
            while chunk := os.pread(fd, min(_CHUNK, entry.length - shift), entry.start + shift):
                copy.write(chunk)
                shift += len(chunk)
        copy.flush()
        os.fsync(copy.fileno())
        for entry in fresh:
            if digest_of(copy.fileno(), entry.start - offset, entry.length) != entry.digest:
                return entry
    write_sums(_segment(folder, name, "sums"), fresh)
    part.rename(target)
    sync_folder(target.parent)
    sync_folder(folder / "data")
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


def _copy_blobs(files: Files, folder: Path, name: str, blobs: Any, damaged: list[str]) -> int:
    layout = FilesystemHelper(files.blobs or "")
    lines = []
    for oid, tid, expected in blobs if files.blobs else ():
        source = Path(layout.getBlobFilename(bytes.fromhex(oid), bytes.fromhex(tid)))
        if not source.exists():
            damaged.append(str(source))
            continue
        digest, size = copy_file(source, folder / "blobs" / f"{oid}-{tid}")
        if expected not in (None, (digest, size)):
            damaged.append(str(source))
        lines.append(f"{oid} {tid} {size} {digest}\n")
    sync_folder(folder / "blobs")
    target = _segment(folder, name, "blobs")
    target.parent.mkdir(exist_ok=True)
    _write(target, "".join(lines).encode())
    return len(lines)


def copy_file(source: Path, target: Path) -> tuple[str, int]:
    """Copy a file, synchronised, under its name at once; returns the SHA-256 and size of what was copied."""
    part = target.with_name(target.name + ".part")
    seen, size = sha256(), 0
    with source.open("rb") as original, part.open("wb") as copy:
        while chunk := original.read(_CHUNK):
            seen.update(chunk)
            size += len(chunk)
            copy.write(chunk)
        copy.flush()
        os.fsync(copy.fileno())
    part.rename(target)
    return seen.hexdigest(), size


def _write(path: Path, content: bytes) -> None:
    part = path.with_name(path.name + ".part")
    with part.open("wb") as target:
        target.write(content)
        target.flush()
        os.fsync(target.fileno())
    part.rename(path)
    sync_folder(path.parent)


def _prune(folder: Path, keep: int) -> None:
    """Remove the oldest points beyond `keep`, then every file that no point names."""
    known = points(folder)
    for point in known[:-keep] if keep else []:
        (folder / "points" / f"{point.name}.json").unlink()
    sync_folder(folder / "points")
    segments = {name for point in points(folder) for name in point.segments}
    blobs = {blob.name for name in segments for blob in blobs_of(folder, name)}
    for path in (folder / "blobs").iterdir():
        if path.name not in blobs:
            path.unlink()
    for generation in (folder / "data").iterdir():
        for path in generation.iterdir():
            if f"{generation.name}/{path.stem}" not in segments or path.suffix == ".part":
                path.unlink()
        if not any(generation.iterdir()):
            shutil.rmtree(generation)


def covering(folder: Path, to: datetime | None, tid_at: bytes) -> Point:
    """The backup to restore a time from: the first that reaches it without having been packed since.

    Raises Refused where there is none.
    """
    known = points(folder)
    if to is None and known:
        return known[-1]
    wanted = tid_at.hex()
    for point in known:
        if point.first <= wanted <= point.tid:
            return point
    before = [point for point in known if point.tid <= wanted]
    if not before:
        text = _("${path} 中没有可恢复到这一时间的备份。", mapping={"path": str(folder)})
        raise Refused(text)
    return before[-1]
