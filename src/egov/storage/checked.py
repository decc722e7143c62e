"""FileStorage's ways to its file, each reading through what is known of the file's pages."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Any

from ZODB.FileStorage.FileStorage import FileIterator, FilePool, FileStorageFormatError
from ZODB.FileStorage.fspack import FileStoragePacker

from egov.storage.errors import Damaged
from egov.storage.pages import PAGE, Pages
from egov.storage.sums import SumsReader

_FIRST = 4  # where the first transaction stands


class WholeFile(FileIO):
    """An unbuffered file whose write writes everything or raises: nothing is left to fail later."""

    def __init__(self, path: str, pages: Pages) -> None:
        super().__init__(path, "r+b")
        self._pages = pages

    def write(self, data: Any) -> int:
        """Write all bytes; raises OSError when the disk is full."""
        rest = memoryview(data)
        while rest:
            done = super().write(rest)
            if not done:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            rest = rest[done:]
        return len(data)

    def read(self, size: Any = -1) -> bytes:
        """So many bytes of what is committed; raises Damaged."""
        at = self.tell()
        found = self._pages.read(self.fileno(), at, size)[at % PAGE :][:size]
        self.seek(at + len(found))
        return found


class CheckedFile:
    """A file open for reading what is committed; every read raises Damaged."""

    __slots__ = ("_at", "_file", "_found", "_pages", "_start")

    def __init__(self, file: Any, pages: Pages) -> None:
        self._file, self._pages = file, pages
        self._at = self._start = 0
        self._found = b""  # whole pages, which begin at _start

    @property
    def name(self) -> str:
        """The path."""
        return str(self._file.name)

    def seek(self, position: int, whence: int = os.SEEK_SET) -> int:
        """Go to a position, from the beginning or from the end of what is committed."""
        self._at = position if whence == os.SEEK_SET else self._pages.end() + position
        return self._at

    def tell(self) -> int:
        """Where it stands."""
        return self._at

    def read(self, size: int) -> bytes:
        """The next bytes, fewer at the end."""
        at = self._at
        stop = at + size
        if not self._start <= at < stop <= self._start + len(self._found):
            self._fetch(at, size)
        start = self._start
        read = self._found[at - start : stop - start]
        self._at += len(read)
        return read

    def _fetch(self, at: int, size: int) -> None:
        """Have the pages of a stretch at hand; what stands there already is not read once more."""
        behind = self._start + len(self._found)
        if self._start <= at < behind and not behind % PAGE:
            kept = at - at % PAGE
            more = self._pages.read(self._file.fileno(), behind, at + size - behind)
            self._found = self._found[kept - self._start :] + more
            self._start = kept
        else:
            self._found = self._pages.read(self._file.fileno(), at, size)
            self._start = at - at % PAGE

    def forget(self) -> None:
        """Let go of what was read."""
        self._found = b""

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


class CheckedPool(FilePool):
    """The files from which objects are loaded."""

    def __init__(self, path: str, pages: Pages) -> None:
        super().__init__(path)
        self.pages = pages

    @contextmanager
    def get(self) -> Iterator[CheckedFile]:
        """One of them, once nobody writes; as FilePool does, whose files are plain ones."""
        with self._cond:
            while self.writers:
                self._cond.wait()
            if self.closed:
                raise ValueError("closed")
            if self._files:
                file = self._files.pop()
            else:
                source = Path(self.name).open("rb", buffering=0)  # noqa: SIM115  the pool closes it
                file = CheckedFile(source, self.pages)
            self._out.append(file)
        try:
            yield file
        finally:
            file.forget()
            self._out.remove(file)
            self._files.append(file)
            if self.writers and not self._out:
                with self._cond:
                    self._cond.notify_all()


class _Checking:
    """Wraps the file that FileStorage's own readers open for themselves, as often as they do."""

    _pages: Pages
    _checked: CheckedFile | None = None

    @property
    def _file(self) -> CheckedFile | None:
        return self._checked

    @_file.setter
    def _file(self, file: Any) -> None:
        self._checked = None if file is None else CheckedFile(file, self._pages)


class CheckedIterator(_Checking, FileIterator):
    """Transactions in order, of the file as it is now: a pack may put another in its place meanwhile."""

    def __init__(self, path: str, end: int, start: bytes | None, stop: bytes | None) -> None:
        sums = SumsReader(path)
        self._pages = Pages(path, sums, lambda: end)
        # FileIterator goes from one transaction to the next, from the beginning or from the end.
        place = sums.place_from(start) if start else None
        try:
            super().__init__(path, start if place is None else None, stop, place or _FIRST)
        except FileStorageFormatError:
            self.close()
            raise Damaged(0) from None

    def close(self) -> None:
        """Let go of the files."""
        if self._checked is not None:
            self._pages.close()
        super().close()


class CheckedPacker(_Checking, FileStoragePacker):
    """A pack that copies nothing that is damaged: it would be found no more under the checksum that it had then."""

    def __init__(self, storage: Any, referencesf: Any, stop: bytes, gc: bool) -> None:
        self._pages = storage.pages
        super().__init__(storage, referencesf, stop, gc)


def pack_checked(storage: Any, referencesf: Any, stop: bytes, gc: bool) -> tuple[int, Any] | None:
    """FileStorage's packer; raises Damaged."""
    packer = CheckedPacker(storage, referencesf, stop, gc)
    try:
        position = packer.pack()
        return None if position is None else (position, packer.index)
    finally:
        packer.close()
