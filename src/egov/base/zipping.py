"""A ZIP that is sent while it is written: nobody holds it as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from zipfile import ZIP_DEFLATED, ZipFile

_BLOCK = 1 << 15


class Outgoing:
    """What a ZIP is written into; `taken` gives what has come since."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []
        self.size = 0

    def write(self, data: bytes, /) -> int:
        """Take in the next bytes."""
        self._waiting.append(bytes(data))
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """Nothing lies elsewhere."""

    def close(self) -> None:
        """Nothing is open."""

    def taken(self) -> bytes:
        """What was written since the last time."""
        found = b"".join(self._waiting)
        self._waiting, self.size = [], 0
        return found


def zipped(parts: Iterable[tuple[str, Iterable[bytes]]]) -> Iterator[bytes]:
    """A ZIP of named parts, each of which is asked for its bytes when those before it have been sent."""
    outgoing = Outgoing()
    with ZipFile(outgoing, "w", ZIP_DEFLATED) as packed:
        for name, pieces in parts:
            with packed.open(name, "w", force_zip64=True) as part:
                yield outgoing.taken()  # its head: a first byte at once
                for piece in pieces:
                    part.write(piece)
                    if outgoing.size >= _BLOCK:
                        yield outgoing.taken()
    yield outgoing.taken()
