"""Blobs whose transaction is under way: noted before they take their place, and taken away where it never ended.

A process that is killed between a vote and its end leaves them behind, and no transaction would ever name them again.
The note is not synchronised: what a power cut leaves behind for want of it, `egov doctor` finds.
"""

from __future__ import annotations

import logging
from os.path import relpath  # which spells both alike, also where one holds `..`
from pathlib import Path

from egov.storage.sums import sync_folder

log = logging.getLogger(__name__)

_TID_DIGITS = 16


class Underway:
    """The note beside a Data.fs; one transaction at a time."""

    def __init__(self, path: str, blobs: str) -> None:
        self._note = Path(path + ".underway")
        self._blobs = Path(blobs)
        self._has_noted = self._note.exists()

    def settle(self, last: bytes) -> None:
        """Take away what belongs to a transaction after the last one that was finished."""
        if not self._has_noted:
            return
        for name in self._note.read_text("utf-8", errors="replace").splitlines():
            blob = self._blobs / name
            if _tid_of(blob) > last and blob.is_file():
                blob.unlink()
                sync_folder(blob.parent)
                log.warning("%s: of a transaction that was never finished, taken away", blob)
        self.forget()

    def note(self, blob: str) -> None:
        """A blob is about to take its place."""
        self._has_noted = True
        with self._note.open("a", encoding="utf-8") as note:
            note.write(f"{relpath(blob, self._blobs)}\n")

    def forget(self) -> None:
        """The transaction has ended, one way or the other."""
        if self._has_noted:
            self._note.unlink(missing_ok=True)
            self._has_noted = False


def _tid_of(blob: Path) -> bytes:
    """The transaction that a blob's name tells; empty for a name that was only half written."""
    name = blob.name
    if blob.suffix != ".blob" or len(blob.stem) != _TID_DIGITS + 2:
        return b""
    try:
        return bytes.fromhex(name[2 : 2 + _TID_DIGITS])
    except ValueError:
        return b""
