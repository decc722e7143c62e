"""A folder of backups, as it is read: its points, their transactions and blobs.

    key.json                          only where it is sealed (vault)
    points/<time>-<tid>.json          written last: what is not named by a point does not count
    data/<generation>/<start>-<end>.fs, .sums, .blobs
    blobs/<oid>-<tid>

A pack changes Data.fs throughout, so it begins a new generation; blobs are shared by all of them. Nothing that a
backup holds is ever written again. ZODB's repozo knows neither blobs nor checksums, and a kill between its data and
its list leaves a backup that it cannot verify.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import IO

from egov.base.i18n import _
from egov.storage.errors import Refused
from egov.storage.sums import Sum, digest_in, sums_in
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
    """A folder of backups; `secret` opens one that is sealed. Raises Refused for a wrong secret, or none."""

    def __init__(self, folder: Path, secret: bytes | None = None) -> None:
        self.folder = folder
        self.vault = open_vault(folder, secret)

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
        found = sorted((self.folder / "points").glob("*.json"))
        read = [json.loads(self._all_of(path)) for path in found]
        return [Point(**{**facts, "segments": tuple(facts["segments"])}) for facts in read]

    def sums_of(self, point: Point) -> list[Sum]:
        """The transactions of a backup; raises Refused where they cannot be read."""
        entries = [entry for name in point.segments for entry in self.segment_sums(name)]
        if None in entries:
            raise Refused(_("备份 ${name} 已损坏。", mapping={"name": point.name}))
        return [entry for entry in entries if entry]

    def segment_sums(self, segment: str) -> list[Sum | None]:
        """The transactions of a segment, None for one whose record is damaged."""
        with self.vault.reading(self.part(segment, "sums")) as source:
            return list(sums_in(source))

    def segment(self, name: str) -> IO[bytes]:
        """The bytes of a segment."""
        return self.vault.reading(self.part(name, "fs"))

    def blobs_of(self, segment: str) -> Iterator[BlobLine]:
        """The blobs of a segment."""
        for line in self._all_of(self.part(segment, "blobs")).decode("ascii").splitlines():
            oid, tid, size, digest = line.split()
            yield BlobLine(oid, tid, int(size), digest)

    def _all_of(self, path: Path) -> bytes:
        with self.vault.reading(path) as source:
            return source.read()

    def covering(self, to: datetime | None, tid_at: bytes) -> Point:
        """The backup to restore a time from: the first that reaches it without having been packed since.

        Raises Refused where there is none.
        """
        known = self.points()
        if to is None and known:
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
        """Read everything; the files that are not what was written."""
        segments = sorted({name for point in self.points() for name in point.segments})
        wrong = [f"data/{name}.fs" for name in segments if not self._is_sound(name)]
        for name in segments:
            wrong += [
                f"blobs/{b.name}" for b in self._blobs_or_none(name, wrong) if not self._has(b)
            ]
        return wrong

    def _is_sound(self, segment: str) -> bool:
        try:
            entries = self.segment_sums(segment)
            offset = entries[0].start if entries and entries[0] else 0
            with self.segment(segment) as source:
                return all(
                    entry is not None
                    and digest_in(source, entry.start - offset, entry.length) == entry.digest
                    for entry in entries
                )
        except (OSError, Refused):
            return False

    def _blobs_or_none(self, segment: str, wrong: list[str]) -> list[BlobLine]:
        try:
            return list(self.blobs_of(segment))
        except (OSError, Refused, ValueError):
            wrong.append(f"data/{segment}.blobs")
            return []

    def _has(self, blob: BlobLine) -> bool:
        try:
            with self.vault.reading(self.blob(blob.name)) as source:
                seen = sha256()
                while chunk := source.read(CHUNK):
                    seen.update(chunk)
                return seen.hexdigest() == blob.digest
        except (OSError, Refused):
            return False
