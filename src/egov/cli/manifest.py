"""What an export has written, and what each file depends on: a small SQLite file in the exported folder.

What is to be done is noted there before it is done, so that an export that was killed goes on where it stopped.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

NAME = ".egov-export.sqlite"
_KEEP = "REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)"
_FORGET = "DELETE FROM files WHERE address = ?"
_OID = 8  # bytes
_EVERYTHING = b"*"
_TABLES = """
CREATE TABLE IF NOT EXISTS files (address TEXT PRIMARY KEY, name TEXT, digest TEXT, leads TEXT, made INTEGER,
  own BLOB, shared TEXT);
CREATE INDEX IF NOT EXISTS names ON files (name);
CREATE TABLE IF NOT EXISTS parts (key TEXT PRIMARY KEY, made INTEGER, read BLOB);
CREATE TABLE IF NOT EXISTS waiting (address TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT);
"""


class File(NamedTuple):
    """One exported file: where it stands, what is in it, what it leads to if it is a redirect, when it was made."""

    address: str
    name: str
    digest: str
    leads: str
    made: int  # the transaction whose state it shows


class Manifest:
    """The files of an export; what is noted is kept with the next `commit`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(folder / NAME)
        self._db.executescript(_TABLES)
        found = self._db.execute("SELECT address, name, digest FROM files")
        self.files: dict[str, tuple[str, str]] = {a: (name, digest) for a, name, digest in found}
        self._noted: list[tuple[str, tuple[Any, ...]]] = []

    def close(self) -> None:
        """Keep what was noted."""
        self.commit()
        self._db.close()

    def commit(self) -> None:
        """Keep what was noted so far."""
        for statement, row in self._noted:
            self._db.execute(statement, row)
        self._noted.clear()
        self._db.commit()

    def _note(self, statement: str, *row: Any) -> None:
        self._noted.append((statement, row))

    def fact(self, name: str) -> str:
        """Something that holds for the whole export."""
        row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def set_fact(self, name: str, value: str) -> None:
        """Note something that holds for the whole export."""
        self._note("REPLACE INTO facts VALUES (?, ?)", name, value)

    def redirects(self) -> list[tuple[str, str]]:
        """The addresses that lead elsewhere, and where."""
        found = self._db.execute(
            "SELECT address, leads FROM files WHERE leads != '' ORDER BY address"
        )
        return found.fetchall()

    def oldest(self) -> int:
        """The oldest transaction whose state a file shows."""
        row = self._db.execute("SELECT min(made) FROM files").fetchone()
        return int(row[0] or 0)

    def keep(self, file: File, own: Iterable[bytes] | None, shared: Iterable[str]) -> None:
        """Note a file and what it depends on: None for everything."""
        read = _EVERYTHING if own is None else b"".join(sorted(own))
        keys = " ".join(sorted(shared))
        self.files[file.address] = file.name, file.digest
        self._note(_KEEP, *file, read, keys)

    def keep_shared(self, key: str, made: int, read: Iterable[bytes]) -> None:
        """Note what was read for something that many files show, and of which transaction its state is.

        Whoever shows it and is not made anew shows the same: all others were found stale before.
        """
        self._note("REPLACE INTO parts VALUES (?, ?, ?)", key, made, b"".join(sorted(read)))

    def forget(self, address: str) -> str:
        """Forget an address; returns its file's name, unless there was none or another address has it too."""
        name, _digest = self.files.pop(address, ("", ""))
        self._note(_FORGET, address)
        self.commit()
        others = self._db.execute("SELECT 1 FROM files WHERE name = ?", (name,)).fetchone()
        return "" if others else name

    def wait(self, addresses: Iterable[str]) -> None:
        """Note what is to be done."""
        for address in addresses:
            self._note("INSERT OR IGNORE INTO waiting VALUES (?)", address)

    def done(self, address: str) -> None:
        """Note that it is done."""
        self._note("DELETE FROM waiting WHERE address = ?", address)

    def waiting(self) -> list[str]:
        """What is still to be done."""
        return [row[0] for row in self._db.execute("SELECT address FROM waiting")]

    def stale(self, changed: Mapping[bytes, int]) -> Iterator[str]:
        """The addresses whose files showed, or may have shown, what has changed since they were made."""
        if not changed:
            return
        parts = self._db.execute("SELECT key, made, read FROM parts")
        stale = {key for key, made, read in parts if _newest(changed, read) > made}
        files = self._db.execute("SELECT address, made, own, shared FROM files")
        for address, made, own, keys in files:
            if _newest(changed, own) > made or not stale.isdisjoint(keys.split()):
                yield address


def _newest(changed: Mapping[bytes, int], read: bytes) -> int:
    """The last transaction that changed something of what was read; 0 for none."""
    if read == _EVERYTHING:
        return max(changed.values())
    oids = (read[at : at + _OID] for at in range(0, len(read), _OID))
    return max((changed[oid] for oid in oids if oid in changed), default=0)
