"""A folder of backups, as it is read: its points, their transactions and blobs.

    key.json, points/key              the same twice, only where it is sealed (vault)
    points/<time>-<tid>.json          written last: what is not named by a point does not count
    data/<generation>/<start>-<end>.fs, .sums, .blobs
    blobs/<oid>-<tid>

A pack changes Data.fs throughout, so it begins a new generation; blobs are shared by all of them. Nothing that a
backup holds is ever written again. ZODB's repozo knows neither blobs nor checksums, and a kill between its data and
its list leaves a backup that it cannot verify.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import IO

from egov.base.errors import of_machine
from egov.base.i18n import _
from egov.storage.errors import Refused
from egov.storage.records import records_in
from egov.storage.sums import MAGIC, Sum, digest_in, sums_in
from egov.storage.vault import open_vault

CHUNK = 1 << 20


@dataclass(frozen=True)
class Point:
    """One backup: the segments of Data.fs that make it up, and the times between which it can restore."""

    name: str
    time: str  # when it was made
    first: str  # a restore may go back to here: before it the database had been packed
    tid: str  # the newest transaction
    segments: tuple[str, ...]

    @property
    def at(self) -> datetime:
        """When it was made."""
        return datetime.fromisoformat(self.time).astimezone(UTC)


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


class Archive:
    """A folder of backups; `secret` opens one that is sealed, or seals it where a backup `begins` there.

    Raises Refused for a wrong secret, or none; so does whatever reads a file that is missing or not what was written.
    """

    def __init__(self, folder: Path, secret: bytes | None = None, *, begins: bool = False) -> None:
        self.folder = folder
        self.vault = open_vault(folder, secret, begins=begins)

    def point_path(self, name: str) -> Path:
        """Where a point stands."""
        return self.folder / "points" / f"{name}.json"

    def part(self, segment: str, end: str) -> Path:
        """A file of a segment: `fs`, `sums` or `blobs`."""
        return self.folder / "data" / f"{segment}.{end}"

    def blob(self, name: str) -> Path:
        """The file of a blob."""
        return self.folder / "blobs" / name

    def points(self) -> list[Point]:
        """The backups, oldest first."""
        return [self._point(path) for path in sorted((self.folder / "points").glob("*.json"))]

    def _point(self, path: Path) -> Point:
        try:
            facts = json.loads(self._all_of(path))
            return Point(**{**facts, "segments": tuple(facts["segments"])})
        except (ValueError, LookupError, TypeError):
            text = _(
                "备份点 ${path} 已损坏。请把它移到别处再试，其他备份点不受影响。",
                mapping={"path": str(path)},
            )
            raise Refused(text) from None

    def sums_of(self, point: Point) -> list[Sum]:
        """The transactions of a backup; raises Refused where they are not all there, one after the other."""
        entries = [entry for name in point.segments for entry in self.segment_sums(name)]
        whole = [entry for entry in entries if entry]
        ends = [len(MAGIC), *(entry.end for entry in whole)]
        if (
            whole != entries
            or [entry.start for entry in whole] != ends[:-1]
            or [entry.tid.hex() for entry in whole[-1:]] != [point.tid]
            or sum(map(self._size, point.segments)) != ends[-1] - len(MAGIC)
        ):
            raise Refused(_("备份 ${name} 已损坏。", mapping={"name": point.name}))
        return whole

    def segment_sums(self, segment: str) -> list[Sum | None]:
        """The transactions of a segment, None for one whose record is damaged."""
        with self.reading(self.part(segment, "sums")) as source:
            return list(sums_in(source))

    def _size(self, segment: str) -> int:
        with self.segment(segment) as source:
            return source.seek(0, os.SEEK_END)

    def segment(self, name: str) -> IO[bytes]:
        """The bytes of a segment."""
        return self.reading(self.part(name, "fs"))

    def blobs_of(self, segment: str) -> list[BlobLine]:
        """The blobs of a segment."""
        path = self.part(segment, "blobs")
        try:
            words = [line.split() for line in self._all_of(path).decode("ascii").splitlines()]
            return [BlobLine(oid, tid, int(size), digest) for oid, tid, size, digest in words]
        except ValueError:
            raise _damaged(path) from None

    def reading(self, path: Path) -> IO[bytes]:
        """A file of the backup, open."""
        try:
            return self.vault.reading(path)
        except OSError as error:
            raise Refused(of_machine(error).message) from None

    def _all_of(self, path: Path) -> bytes:
        with self.reading(path) as source:
            return source.read()

    def covering(self, to: datetime | None, tid_at: bytes) -> Point:
        """The backup to restore a time from: the first that reaches it without having been packed since.

        Raises Refused where there is none.
        """
        known = self.points()
        if not known:
            raise Refused(_("${path} 中没有备份。", mapping={"path": str(self.folder)}))
        if to is None:
            return known[-1]
        wanted = tid_at.hex()
        for point in known:
            if point.first <= wanted <= point.tid:
                return point
        before = [point for point in known if point.tid <= wanted]
        if not before:
            text = _("${path} 中没有可恢复到这一时间的备份。", mapping={"path": str(self.folder)})
            raise Refused(text)
        return before[-1]

    def verify(self) -> list[str]:
        """Read everything; the files that are not what was written, or missing."""
        points, wrong = self.points(), self.vault.wrong()
        for point in points:
            try:
                self.sums_of(point)
            except Refused:
                wrong.append(f"points/{point.name}.json")
        for name in sorted({name for point in points for name in point.segments}):
            wrong += self._wrong_in(name)
        return wrong

    def _wrong_in(self, segment: str) -> list[str]:
        try:
            named = {name for entry in self._transactions(segment) for name in blobs_in(entry)}
        except Refused:
            return [f"data/{segment}.fs"]
        try:
            listed = self.blobs_of(segment)
        except Refused:
            return [f"data/{segment}.blobs"]
        missing = named.difference(blob.name for blob in listed)
        wrong = sorted(missing) + [blob.name for blob in listed if not self._has(blob)]
        return [f"blobs/{name}" for name in wrong]

    def _transactions(self, segment: str) -> Iterator[bytes]:
        """The bytes of each transaction of a segment, compared with its checksum."""
        entries = self.segment_sums(segment)
        offset = entries[0].start if entries and entries[0] else 0
        with self.segment(segment) as source:
            for entry in entries:
                if entry is None:
                    raise _damaged(self.part(segment, "fs"))
                source.seek(entry.start - offset)
                transaction = source.read(entry.length)  # once: in a sealed backup it is deciphered
                if digest_in(BytesIO(transaction), 0, entry.length) != entry.digest:
                    raise _damaged(self.part(segment, "fs"))
                yield transaction

    def _has(self, blob: BlobLine) -> bool:
        try:
            with self.reading(self.blob(blob.name)) as source:
                seen = sha256()
                while chunk := source.read(CHUNK):
                    seen.update(chunk)
                return seen.hexdigest() == blob.digest
        except Refused:
            return False


def blobs_in(transaction: bytes) -> Iterator[str]:
    """The names, in a backup, of the blobs that a transaction wrote."""
    for record in records_in(transaction):
        if record.is_blob:
            yield f"{record.oid.hex()}-{record.tid.hex()}"


def _damaged(path: Path) -> Refused:
    return Refused(_("备份文件 ${path} 已损坏或被改动。", mapping={"path": str(path)}))
