"""Reading blobs so that no byte is given out but as it was stored.

The first time that a file is asked for it is read whole and compared with its SHA-256; from then on each of its blocks
with what the block was then.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from egov.storage.errors import Damaged

BLOCK = 1 << 18
_REMEMBERED = 4096  # files; 8 bytes for each block of them
_MARK = 8


class Stored(NamedTuple):
    """The file of a blob, and what its bytes must be: their SHA-256 and their number."""

    path: str
    digest: str
    size: int


_known: OrderedDict[Stored, bytes] = OrderedDict()
_lock = Lock()


class CheckedBlob:
    """A blob's file, open for reading; raises Damaged, sooner or later, where it is not what was stored."""

    def __init__(self, stored: Stored) -> None:
        self.stored = stored
        self._file = Path(stored.path).open("rb", buffering=0)  # noqa: SIM115  close() is ours
        try:
            self._marks = _known.get(stored) or self._learn()
        except Damaged:
            self.close()
            raise

    @property
    def modified(self) -> float:
        """When the file was written, in seconds."""
        return os.fstat(self._file.fileno()).st_mtime

    def _learn(self) -> bytes:
        seen, marks = sha256(), []
        for number in range(-(-self.stored.size // BLOCK)):
            block = self._read(number)
            seen.update(block)
            marks.append(_mark(block))
        if seen.hexdigest() != self.stored.digest or self._read(len(marks)):
            raise self._damaged(0)
        with _lock:
            _known[self.stored] = learnt = b"".join(marks)
            while len(_known) > _REMEMBERED:
                _known.popitem(last=False)
        return learnt

    def _read(self, number: int) -> bytes:
        return os.pread(self._file.fileno(), BLOCK, number * BLOCK)

    def bytes(self, start: int, stop: int) -> Iterator[bytes]:
        """The bytes between two positions, in pieces."""
        for number in range(start // BLOCK, -(-stop // BLOCK)):
            block = self._read(number)
            if _mark(block) != self._marks[number * _MARK : (number + 1) * _MARK]:
                raise self._damaged(number * BLOCK)
            at = number * BLOCK
            yield block[max(0, start - at) : stop - at]

    def _damaged(self, position: int) -> Damaged:
        return Damaged(position, where="/".join(Path(self.stored.path).parts[-9:]))

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def _mark(block: bytes) -> bytes:
    return sha256(block).digest()[:_MARK]
