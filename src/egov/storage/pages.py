"""Reading Data.fs so that no byte is given out but as it was written.

Every page that is read is compared with what is known of it: its mark. That is learnt when the page is written, or read
for the first time, by reading whole the transactions it is part of, whose checksums Data.fs.sums holds. Those decide;
so Data.fs.pages, where the marks are kept from one start to the next, may be missing, old or damaged itself.
"""

from __future__ import annotations

import logging
import os
import sys
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator
from hashlib import blake2b
from pathlib import Path

from egov.storage.errors import Damaged
from egov.storage.sums import MAGIC, Sum, SumsReader

log = logging.getLogger(__name__)

PAGE = 2048  # of most objects one; what is known takes 8 bytes of memory for each
_CHUNK = PAGE << 9
_HEADER = b"egov pages 2048\n"


def _mark(page: bytes) -> int:
    return int.from_bytes(blake2b(page, digest_size=8).digest())


class Pages:
    """What is known of the pages of one Data.fs, up to the end of what is committed."""

    def __init__(self, data: str, sums: SumsReader, end: Callable[[], int]) -> None:
        self._data, self._sums, self.end = data, sums, end
        self._known = _kept(pages_path(data))  # by number; 0: not yet
        self._last = (0, 0, 0)  # of a page that is not full: number, length, mark

    def read(self, fd: int, position: int, count: int) -> bytes:
        """Whole pages, the last one perhaps not full, from that with `position` to that with its last byte.

        Raises Damaged.
        """
        end = self.end()
        stop = min(position + count, end)
        if position >= stop:
            return b""
        number = position // PAGE
        start = number * PAGE
        length = min(-(-stop // PAGE) * PAGE, end) - start
        found = os.pread(fd, length, start)
        known = self._known
        for at in range(0, length, PAGE):
            page = found[at : at + PAGE]
            if number >= len(known) or _mark(page) != known[number]:
                self._check(fd, number, page, min(PAGE, length - at))
            number += 1
        return found

    def _check(self, fd: int, number: int, page: bytes, length: int) -> None:
        """Compare a page that is not full, or not known yet, or not as it was."""
        mark = _mark(page)
        if mark == self._known_of(number, length):
            return
        known = self._learn(fd, number, length)
        if mark != known or len(page) != length:
            raise Damaged(number * PAGE)

    def _known_of(self, number: int, length: int) -> int:
        if length == PAGE:
            return self._known[number] if number < len(self._known) else 0
        return self._last[2] if self._last[:2] == (number, length) else 0

    def _learn(self, fd: int, number: int, length: int) -> int:
        """The mark of a page as it was written; raises Damaged where that cannot be told any more."""
        start, stop = number * PAGE, number * PAGE + length
        parts = [os.pread(fd, len(MAGIC), 0)] if not number else []
        if parts not in ([], [MAGIC]):
            raise Damaged(0)
        parts += [self._whole(fd, entry, start, stop) for entry in self._covering(start, stop)]
        mark = _mark(b"".join(parts))
        if length == PAGE:
            self._keep(number, mark)
        else:
            self._last = (number, length, mark)
        return mark

    def _keep(self, number: int, mark: int) -> None:
        missing = number + 1 - len(self._known)
        if missing > 0:
            self._known.extend(bytes(missing + (number >> 3)))  # grows by an eighth at a time
        self._known[number] = mark

    def _covering(self, start: int, stop: int) -> Iterator[Sum]:
        """The transactions between two positions; raises Damaged where their checksums are."""
        number = bisect_right(range(len(self._sums)), max(start, len(MAGIC)), key=self._start) - 1
        at = max(start, len(MAGIC))
        while at < stop:
            entry = self._sums[number] if 0 <= number < len(self._sums) else None
            if entry is None or not entry.start <= at < entry.end:
                raise Damaged(at)
            yield entry
            at, number = entry.end, number + 1

    def _start(self, number: int) -> int:
        """Where a transaction begins, or the nearest before it whose checksum can be read."""
        while number >= 0 and (entry := self._sums[number]) is None:
            number -= 1
        return entry.start if number >= 0 and entry else 0

    def _whole(self, fd: int, entry: Sum, start: int, stop: int) -> bytes:
        """A transaction's bytes between two positions, once all of it was read as it was written."""
        seen, kept, learnt = blake2b(digest_size=16), [], {}
        at = entry.start
        while at < entry.end:
            chunk = os.pread(fd, min(_CHUNK - at % _CHUNK, entry.end - at), at)
            if not chunk:
                break
            seen.update(chunk)
            kept.append(chunk[max(0, start - at) : max(0, stop - at)])
            for number in range(-(-at // PAGE), (at + len(chunk)) // PAGE):
                learnt[number] = _mark(chunk[number * PAGE - at : (number + 1) * PAGE - at])
            at += len(chunk)
        if seen.digest() != entry.digest:
            raise Damaged(max(start, entry.start), entry.tid)
        for number, mark in learnt.items():
            self._keep(number, mark)
        return b"".join(kept)

    def written(self, fd: int, start: int, end: int) -> None:
        """Learn the pages of what was just committed."""
        number = start // PAGE
        found = os.pread(fd, end - number * PAGE, number * PAGE)
        before = start - number * PAGE
        if before and _mark(found[:before]) != self._known_of(number, before):
            found, number = found[PAGE:], number + 1  # it is learnt when it is read
        for at in range(0, len(found), PAGE):
            page = found[at : at + PAGE]
            if len(page) == PAGE:
                self._keep(number, _mark(page))
            else:
                self._last = (number, len(page), _mark(page))
            number += 1

    def forget(self) -> None:
        """Know nothing any more, as after a start without Data.fs.pages."""
        self._known, self._last = array("Q"), (0, 0, 0)

    def complete(self) -> None:
        """Learn all pages that are not known yet, as far as they are sound."""
        with Path(self._data).open("rb", buffering=0) as source:
            for number in range(self.end() // PAGE):
                if not self._known_of(number, PAGE):
                    try:
                        self._learn(source.fileno(), number, PAGE)
                    except Damaged as error:
                        log.critical("%s: %s", self._data, error)

    def save(self) -> None:
        """Keep what is known for the next start."""
        path = pages_path(self._data)
        fresh = path.with_name(path.name + ".new")
        known = self._known[: self.end() // PAGE]
        if sys.byteorder != "little":
            known.byteswap()
        with fresh.open("wb") as target:
            target.write(_HEADER)
            known.tofile(target)
        fresh.rename(path)

    def close(self) -> None:
        """Let go of the checksums."""
        self._sums.close()


def pages_path(data: str) -> Path:
    """Where the marks of a Data.fs are kept."""
    return Path(f"{data}.pages")


def _kept(path: Path) -> array[int]:
    known = array("Q")
    content = path.read_bytes() if path.exists() else b""
    if content.startswith(_HEADER):
        known.frombytes(content[len(_HEADER) :][: len(content) // 8 * 8 - len(_HEADER)])
        if sys.byteorder != "little":
            known.byteswap()
    return known


def seal(path: str) -> None:
    """Add its checksum to the index of a Data.fs; who reads the index does not see it."""
    with Path(path).open("r+b") as index:
        index.write(blake2b(index.read(), digest_size=16).digest())


def is_sealed(path: str) -> bool:
    """Whether an index is as it was sealed; else it is made anew."""
    content = Path(path).read_bytes() if Path(path).exists() else b""
    return blake2b(content[:-16], digest_size=16).digest() == content[-16:]
