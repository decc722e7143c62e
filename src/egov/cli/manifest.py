"""What an export has written, and what each file depends on: a small SQLite file in the exported folder.

What is to be done is noted there before it is done, so that an export that was killed goes on where it stopped.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Set
from pathlib import Path
from typing import NamedTuple

NAME = ".egov-export.sqlite"
_SHAPE = 2  # of the tables; an export with others begins anew
_MEMORY = 64 << 10  # KiB
_OID = 8  # bytes
_EVERYTHING = b"*"
_TABLES = """
DROP TABLE IF EXISTS files;
DROP TABLE IF EXISTS parts;
DROP TABLE IF EXISTS waiting;
DROP TABLE IF EXISTS facts;
CREATE TABLE files (id INTEGER PRIMARY KEY, address TEXT UNIQUE, name TEXT, twin TEXT, digest TEXT, leads TEXT,
  twin_leads TEXT, own BLOB, shared TEXT);
CREATE INDEX names ON files (name);
CREATE INDEX redirects ON files (address) WHERE leads != '' OR twin_leads != '';
CREATE TABLE parts (key TEXT PRIMARY KEY, own BLOB);
CREATE TABLE reads (what BLOB, reader, PRIMARY KEY (what, reader)) WITHOUT ROWID;
CREATE TABLE waiting (address TEXT PRIMARY KEY);
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT);
"""


class File(NamedTuple):
    """One exported file: where it stands, and its twin in Traditional Chinese; what is in both, and where they lead."""

    address: str
    name: str
    twin: str  # empty for none
    digest: str
    leads: str  # empty but for redirects
    twin_leads: str


_FILE = "SELECT address, name, twin, digest, leads, twin_leads FROM files"


class Manifest:
    """The files of an export; what is noted is kept with the next `commit`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(folder / NAME)
        self._db.execute(f"PRAGMA cache_size = -{_MEMORY}")
        if self._db.execute("PRAGMA user_version").fetchone()[0] != _SHAPE:
            self._db.executescript(f"{_TABLES}PRAGMA user_version = {_SHAPE};")

    def close(self) -> None:
        """Keep what was noted."""
        self.commit()
        self._db.close()

    def commit(self) -> None:
        """Keep what was noted so far."""
        self._db.commit()

    def fact(self, name: str) -> str:
        """Something that holds for the whole export."""
        row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def set_fact(self, name: str, value: str) -> None:
        """Note something that holds for the whole export."""
        self._db.execute("REPLACE INTO facts VALUES (?, ?)", (name, value))

    def file(self, address: str) -> File | None:
        """What is known of an address."""
        row = self._db.execute(f"{_FILE} WHERE address = ?", (address,)).fetchone()
        return File(*row) if row else None

    def count(self) -> int:
        """How many files there are."""
        row = self._db.execute("SELECT count(name) + count(nullif(twin, '')) FROM files").fetchone()
        return int(row[0])

    def addresses(self) -> Iterator[str]:
        """Every address."""
        return (address for (address,) in self._db.execute("SELECT address FROM files"))

    def beginning_with(self, start: str) -> list[str]:
        """The addresses that begin with something."""
        found = self._db.execute(
            "SELECT address FROM files WHERE address BETWEEN ? AND ? || char(1114111)",
            (start, start),
        )
        return [address for (address,) in found]

    def redirects(self) -> list[File]:
        """The files that lead elsewhere."""
        found = self._db.execute(f"{_FILE} WHERE leads != '' OR twin_leads != '' ORDER BY address")
        return [File(*row) for row in found]

    def keep(self, file: File, own: Iterable[bytes] | None, shared: Iterable[str]) -> None:
        """Note a file and what it depends on: None for everything."""
        read, keys = _joined(own), " ".join(sorted(shared))
        row = self._db.execute(
            "SELECT id, own, shared FROM files WHERE address = ?", (file.address,)
        ).fetchone()
        number, *before = row or (None, b"", "")
        cursor = self._db.execute(
            "REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (number, *file, read, keys)
        )
        self._read(cursor.lastrowid, _things(*before), _things(read, keys))

    def keep_shared(self, key: str, own: Iterable[bytes]) -> None:
        """Note what was read for something that many files show.

        Whoever shows it and is not made anew shows the same: all others were found stale before.
        """
        row = self._db.execute("SELECT own FROM parts WHERE key = ?", (key,)).fetchone()
        read = _joined(own)
        self._db.execute("REPLACE INTO parts VALUES (?, ?)", (key, read))
        self._read(key, _things(row[0] if row else b""), _things(read))

    def _read(self, reader: object, before: set[object], now: set[object]) -> None:
        self._db.executemany(
            "DELETE FROM reads WHERE what = ? AND reader = ?", ((w, reader) for w in before - now)
        )
        self._db.executemany(
            "INSERT OR IGNORE INTO reads VALUES (?, ?)", ((w, reader) for w in now - before)
        )

    def forget(self, address: str) -> list[str]:
        """Forget an address; returns the names of its files that no other address has."""
        row = self._db.execute(
            "SELECT id, own, shared, name, twin FROM files WHERE address = ?", (address,)
        ).fetchone()
        if row is None:
            return []
        number, own, shared, name, twin = row
        self._db.execute("DELETE FROM files WHERE id = ?", (number,))
        self._read(number, _things(own, shared), set())
        self.commit()
        if self._db.execute("SELECT 1 FROM files WHERE name = ?", (name,)).fetchone():
            return []
        return [one for one in (name, twin) if one]

    def wait(self, addresses: Iterable[str]) -> None:
        """Note what is to be done."""
        self._db.executemany("INSERT OR IGNORE INTO waiting VALUES (?)", ((a,) for a in addresses))

    def done(self, address: str) -> None:
        """Note that it is done."""
        self._db.execute("DELETE FROM waiting WHERE address = ?", (address,))

    def waiting(self) -> list[str]:
        """What is still to be done."""
        return [row[0] for row in self._db.execute("SELECT address FROM waiting")]

    def stale(self, changed: Set[bytes]) -> set[str]:
        """The addresses whose files show, or may show, something of what has changed."""
        if not changed:
            return set()
        readers = {reader for oid in {*changed, _EVERYTHING} for reader in self._readers(oid)}
        parts = {reader for reader in readers if isinstance(reader, str)}
        files = readers - parts | {reader for key in parts for reader in self._readers(key)}
        found = (
            self._db.execute("SELECT address FROM files WHERE id = ?", (n,)).fetchone()
            for n in files
        )
        return {address for (address,) in found}

    def _readers(self, what: object) -> Iterator[object]:
        found = self._db.execute("SELECT reader FROM reads WHERE what = ?", (what,))
        return (reader for (reader,) in found)


def _joined(oids: Iterable[bytes] | None) -> bytes:
    return _EVERYTHING if oids is None else b"".join(sorted(oids))


def _things(own: bytes, shared: str = "") -> set[object]:
    """The objects and the shared parts that something shows."""
    if own == _EVERYTHING:
        return {own, *shared.split()}
    return {*(own[at : at + _OID] for at in range(0, len(own), _OID)), *shared.split()}
