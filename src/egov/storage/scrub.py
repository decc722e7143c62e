"""Reading everything there is and comparing it with its checksums; mending from a backup."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ZODB.blob import FilesystemHelper
from ZODB.TimeStamp import TimeStamp

from egov.base.i18n import _
from egov.storage.errors import NoDatabase, Refused
from egov.storage.opening import Files
from egov.storage.records import STORED_FILE, Record, path_to, record_of, records_of, referrers
from egov.storage.sums import MAGIC, Sum, digest_of, read_sums, scan, sums_path, write_sums


@dataclass(frozen=True)
class Damage:
    """Something that is not as it was written; oid, class and path as far as they can be told."""

    what: str  # header, sums, transaction, tail, blob
    tid: bytes = b""
    oid: bytes = b""
    class_name: str = ""
    path: str = ""
    detail: str = ""

    def __str__(self) -> str:
        parts = [self.what]
        if self.tid:
            parts.append(f"tid 0x{self.tid.hex()} ({when(self.tid)})")
        if self.oid:
            parts.append(f"oid 0x{self.oid.hex()} {self.class_name or '?'} {self.path or '?'}")
        return ": ".join(filter(None, (", ".join(parts), self.detail)))


@dataclass
class Report:
    """What a scrub has read and what it found."""

    transactions: int = 0
    records: int = 0
    blobs: int = 0
    damages: list[Damage] = field(default_factory=list)


def when(tid: bytes) -> str:
    """The time of a transaction, `2026-11-23 09:30:01` UTC."""
    return str(TimeStamp(tid))[:19]


def known_sums(data: str) -> list[Sum]:
    """The finished transactions of a Data.fs; raises NoDatabase without one, Refused if its sums cannot be read."""
    if not Path(data).exists():
        raise NoDatabase(_("还没有数据库 ${path}。请先运行 egov init。", mapping={"path": data}))
    if not sums_path(data).exists():
        text = _(
            "${path} 没有校验文件 ${path}.sums。启动服务会说明怎么办。", mapping={"path": data}
        )
        raise Refused(text)
    entries = list(read_sums(sums_path(data)))
    if None in entries:
        text = _("校验文件 ${path}.sums 已损坏，请先运行 egov scrub。", mapping={"path": data})
        raise Refused(text)
    return [entry for entry in entries if entry and (entry.finished or _is_whole(data, entry))]


def _is_whole(data: str, entry: Sum) -> bool:
    with Path(data).open("rb", buffering=0) as source:
        return digest_of(source.fileno(), entry.start, entry.length) == entry.digest


def scrub(files: Files) -> Report:
    """Read every transaction, record and blob; works while the server runs. Raises as known_sums does without one."""
    report = Report()
    if not Path(files.data).exists() or not sums_path(files.data).exists():
        known_sums(files.data)
    entries = list(read_sums(sums_path(files.data)))
    with Path(files.data).open("rb", buffering=0) as source:
        fd = source.fileno()
        if os.pread(fd, 4, 0) != MAGIC:
            report.damages.append(Damage("header", detail="Data.fs does not begin as it must"))
        sound = list(_sound(fd, entries, report))
        _check_tail(fd, entries, report)
        expected: dict[bytes, tuple[str, int]] = {}
        blobs: list[Record] = []
        for entry in filter(None, entries):
            for record in records_of(fd, entry):
                report.records += 1
                if record.is_blob:
                    blobs.append(record)
                elif record.class_name == STORED_FILE:
                    expected |= kept_digests(record.state())
        _check_blobs(files, blobs, expected, report)
        if any(damage.oid for damage in report.damages):
            _name_places(fd, sound, report)
    return report


def kept_digests(state: Any) -> dict[bytes, tuple[str, int]]:
    """What a StoredFile says of its blobs, the picture's smaller widths too; nothing where its record is damaged."""
    if not isinstance(state, dict):
        return {}
    told = [(0, state.get("blob"), state.get("digest"), state.get("size"))]
    for name in ("smaller", "modern"):
        made = state.get(name)
        made = made if isinstance(made, tuple) else ()
        told += [entry for entry in made if isinstance(entry, tuple) and len(entry) == 4]
    return {
        oid: (digest, size)
        for _width, oid, digest, size in told
        if isinstance(oid, bytes) and isinstance(digest, str) and isinstance(size, int)
    }


def _sound(fd: int, entries: list[Sum | None], report: Report) -> Iterator[Sum]:
    end = len(MAGIC)
    for number, entry in enumerate(entries):
        if entry is None or end not in (-1, entry.start):
            report.damages.append(Damage("sums", detail=f"record {number} of Data.fs.sums"))
        if entry is None:
            end = -1
            continue
        end = entry.end
        if digest_of(fd, entry.start, entry.length) == entry.digest:
            report.transactions += 1
            yield entry
        elif entry.finished or number < len(entries) - 1:
            known = [
                Damage("transaction", entry.tid, r.oid, r.class_name) for r in records_of(fd, entry)
            ]
            report.damages.extend(known or [Damage("transaction", entry.tid)])


def _check_tail(fd: int, entries: list[Sum | None], report: Report) -> None:
    """What stands after the last known transaction: nothing, or one that is not finished."""
    if not entries or entries[-1] is None:
        return
    status = os.pread(fd, 1, entries[-1].end + 16)
    if entries[-1].finished and status not in (b"", b"c"):
        text = f"unknown bytes after position {entries[-1].end}"
        report.damages.append(Damage("tail", detail=text))


def _check_blobs(
    files: Files, blobs: list[Record], expected: dict[bytes, tuple[str, int]], report: Report
) -> None:
    if not files.blobs:
        return
    layout = FilesystemHelper(files.blobs)
    for record in blobs:
        report.blobs += 1
        path = Path(layout.getBlobFilename(record.oid, record.tid))
        if not path.exists():
            detail = f"{path} is missing"
        elif record.oid in expected and file_digest(path) != expected[record.oid]:
            detail = f"{path} is not what was stored"
        else:
            continue
        report.damages.append(
            Damage("blob", record.tid, record.oid, record.class_name, detail=detail)
        )


def file_digest(path: Path) -> tuple[str, int]:
    """SHA-256 and size of a file, as StoredFile keeps them."""
    with path.open("rb") as source:
        digest = hashlib.file_digest(source, "sha256")
        return digest.hexdigest(), source.tell()


def _name_places(fd: int, sound: list[Sum], report: Report) -> None:
    current = {record.oid: entry for entry in sound for record in records_of(fd, entry)}
    parents = referrers(fd, sound)
    for number, damage in enumerate(report.damages):
        if damage.oid:
            at = damage.oid if damage.oid in current else parents.get(damage.oid, damage.oid)
            path = path_to(fd, current, at, parents)
            name = damage.class_name
            if damage.oid in current and not name:
                known = record_of(fd, current[damage.oid], damage.oid)
                name = known.class_name if known else ""
            report.damages[number] = Damage(
                damage.what, damage.tid, damage.oid, name, path, damage.detail
            )


def accept(files: Files) -> int:
    """Take Data.fs as it stands for sound and make its checksums anew; returns the number of transactions.

    The server must be stopped. Raises Refused where the file's own structure is broken.
    """
    sums = list(scan(files.data, len(MAGIC), Path(files.data).stat().st_size))
    write_sums(sums_path(files.data), sums)
    return len(sums)
