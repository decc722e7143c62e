"""Checksums of every transaction in Data.fs, kept beside it in Data.fs.sums.

The file is a header and one record of 48 bytes for each transaction, in order. A record is written and
synchronised before its transaction is finished, and marked as finished afterwards: so whatever a crash
leaves behind, it can be told whether the last transaction was acknowledged.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from struct import Struct
from typing import IO, NamedTuple

from egov.base.i18n import _
from egov.storage.errors import Refused

MAGIC = b"FS30"  # how a Data.fs begins
_RECORD = Struct(">8sQQ16s7sc")
_FACTS = Struct(">8sQQ16s")
SIZE = _RECORD.size
_HEADER = b"egov sums 1\n".ljust(SIZE, b"\n")
_VOTED, _FINISHED = b"-", b"f"  # four bits apart
_STATUS = 16  # where a transaction's status byte stands
_CHUNK = 1 << 20


class Sum(NamedTuple):
    """What is known of one transaction: where it stands and the BLAKE2b of its bytes."""

    tid: bytes
    start: int
    length: int
    digest: bytes
    finished: bool = True

    @property
    def end(self) -> int:
        """The position just after the transaction."""
        return self.start + self.length

    def packed(self) -> bytes:
        """The record's bytes, with a check of their own."""
        facts = _FACTS.pack(*self[:4])
        return facts + _check(facts) + (_FINISHED if self.finished else _VOTED)


def _check(facts: bytes) -> bytes:
    return blake2b(facts, digest_size=7).digest()


def unpack(record: bytes) -> Sum | None:
    """The Sum of 48 bytes, or None where they are not what was written."""
    if len(record) != SIZE:
        return None
    tid, start, length, digest, check, state = _RECORD.unpack(record)
    if check != _check(record[: _FACTS.size]) or state not in (_VOTED, _FINISHED):
        return None
    return Sum(tid, start, length, digest, state == _FINISHED)


def digest_of(fd: int, start: int, length: int, status: bytes | None = None) -> bytes:
    """The digest of a range of an open file; `status` stands for the status byte that it will have."""
    seen = blake2b(digest_size=16)
    position, end = start, start + length
    while position < end and (chunk := os.pread(fd, min(_CHUNK, end - position), position)):
        if status is not None and position == start:
            chunk = chunk[:_STATUS] + status + chunk[_STATUS + 1 :]
        seen.update(chunk)
        position += len(chunk)
    return seen.digest() if position == end else b""


def digest_in(source: IO[bytes], start: int, length: int) -> bytes:
    """The digest of a range of a file, whatever kind of file it is."""
    seen, rest = blake2b(digest_size=16), length
    source.seek(start)
    while rest and (chunk := source.read(min(_CHUNK, rest))):
        seen.update(chunk)
        rest -= len(chunk)
    return b"" if rest else seen.digest()


def sums_path(data: str | Path) -> Path:
    """Where the checksums of a Data.fs stand."""
    return Path(f"{data}.sums")


def read_sums(path: Path) -> Iterator[Sum | None]:
    """The records of a sums file in order, None for one that is damaged; an incomplete last one is left out."""
    with path.open("rb") as source:
        yield from sums_in(source)


def sums_in(source: IO[bytes]) -> Iterator[Sum | None]:
    """The same of an open file."""
    source.seek(SIZE)
    while len(record := source.read(SIZE)) == SIZE:
        yield unpack(record)


def dump_sums(target: IO[bytes], sums: Iterable[Sum]) -> None:
    """Write the bytes of a sums file."""
    target.write(_HEADER)
    target.writelines(entry.packed() for entry in sums)


def write_sums(path: Path, sums: list[Sum]) -> None:
    """Write a whole sums file, synchronised, under its name at once."""
    with fresh(path) as target:
        dump_sums(target, sums)


@contextmanager
def fresh(path: Path) -> Iterator[IO[bytes]]:
    """A file that takes its name, synchronised, once it is whole."""
    part = path.with_name(path.name + ".part")
    with part.open("wb") as target:
        yield target
        target.flush()
        os.fsync(target.fileno())
    part.rename(path)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make the names in a folder survive a power cut."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


class SumsReader:
    """The sums file beside a Data.fs as it is now, for reading."""

    def __init__(self, data: str) -> None:
        self.path = sums_path(data)
        self._open(os.O_RDONLY)

    def _open(self, how: int) -> None:
        self._fd = os.open(self.path, how)
        self._count = max(0, os.fstat(self._fd).st_size // SIZE - 1)

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, number: int) -> Sum | None:
        return unpack(os.pread(self._fd, SIZE, (number + 1) * SIZE))

    def place_from(self, tid: bytes) -> int | None:
        """Where the first transaction begins that is not before one; None where a record on the way is damaged."""
        low, high = 0, self._count
        while low < high:
            middle = (low + high) // 2
            entry = self[middle]
            if entry is None:
                return None
            low, high = (middle + 1, high) if entry.tid < tid else (low, middle)
        before = self[low - 1] if low else None
        return before.end if before else None

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._fd)


class SumsFile(SumsReader):
    """The sums file of an open storage: appended to at vote, marked at finish, taken back at abort."""

    def __init__(self, data: str) -> None:
        if not sums_path(data).exists():
            write_sums(sums_path(data), [])
        super().__init__(data)
        self._begin()

    def _open(self, how: int) -> None:
        super()._open(os.O_RDWR)

    def _begin(self) -> None:
        self._kept = self._count
        self.rollback()

    def last(self) -> Sum | None:
        """The newest record; None if there is none or it is damaged."""
        return self[self._count - 1] if self._count else None

    def append(self, entry: Sum) -> None:
        """Add a record that a later `finish` keeps and a `rollback` takes back; raises OSError on a full disk."""
        record = entry.packed()
        if os.pwrite(self._fd, record, (self._count + 1) * SIZE) != SIZE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fdatasync(self._fd)
        self._count += 1

    def extend(self, entries: Iterable[Sum]) -> None:
        """Add finished records."""
        records = b"".join(entry.packed() for entry in entries)
        os.pwrite(self._fd, records, (self._count + 1) * SIZE)
        os.fsync(self._fd)
        self._count += len(records) // SIZE
        self._kept = self._count

    def finish(self) -> None:
        """Mark the last record as acknowledged."""
        os.pwrite(self._fd, _FINISHED, (self._count + 1) * SIZE - 1)
        self._kept = self._count

    def rollback(self) -> None:
        """Forget the record that was not finished."""
        self._count = self._kept
        os.ftruncate(self._fd, (self._count + 1) * SIZE)

    def drop_last(self) -> None:
        """Forget the last record, finished or not."""
        self._kept -= 1
        self.rollback()


def scan(path: str, start: int, end: int) -> Iterator[Sum]:
    """The transactions of a Data.fs between two positions; raises Refused at one that is not whole."""
    with Path(path).open("rb", buffering=0) as source:
        position = start
        while position < end:
            header = os.pread(source.fileno(), 16, position)
            length = int.from_bytes(header[8:16], "big") + 8
            tail = os.pread(source.fileno(), 8, position + length - 8)
            if len(header) < 16 or position + length > end or tail != header[8:16]:
                text = _(
                    "${path} 在位置 ${at} 处的事务不完整。", mapping={"path": path, "at": position}
                )
                raise Refused(text)
            yield Sum(header[:8], position, length, digest_of(source.fileno(), position, length))
            position += length
