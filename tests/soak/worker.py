"""Work that lives to be killed: it commits and packs, and tells a log what was acknowledged.

Every committed entry stands in FOLDER/acknowledged as soon as, and not before, its commit has returned.
"""

from __future__ import annotations

import os
import random
import threading
import time
from hashlib import sha256
from pathlib import Path

import transaction
from BTrees.OOBTree import OOBTree
from ZODB.POSException import POSKeyError

from egov.model.files import StoredFile
from egov.storage.opening import open_database


def uri_of(folder: Path) -> str:
    return f"file://{folder}/Data.fs?blobstorage_dir={folder}/blobs"


def content_of(key: str) -> bytes:
    """What stands under a key: anybody can tell it from the key alone."""
    return sha256(key.encode()).digest() * (1 + int(key.rpartition("-")[2]) % 200)


def make(folder: Path) -> None:
    """An empty database with a tree."""
    database = open_database(uri_of(folder), create=True)
    with database.transaction() as connection:
        connection.root()["entries"] = OOBTree()
        connection.root()["scratch"] = OOBTree()
    database.close()


def write(folder: Path, seed: str, *, packing: bool) -> None:
    """Commit entries until killed; every fourth one is a file."""
    database = open_database(uri_of(folder))
    log = os.open(folder / "acknowledged", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    if packing:
        threading.Thread(target=pack_on_and_on, args=(database,), daemon=True).start()
    chance = random.Random(seed)
    connection = database.open()
    root = connection.root()
    for number in range(10**9):
        key = f"{seed}-{number}"
        content = content_of(key)
        if number % 4 == 0:
            root["entries"][key] = StoredFile(content, f"{key}.bin", "application/octet-stream")
        else:
            root["entries"][key] = content
        root["scratch"] = OOBTree({n: os.urandom(50) for n in range(chance.randrange(100))})
        transaction.commit()
        os.write(log, f"{key}\n".encode())


def pack_on_and_on(database) -> None:
    """Pack away everything that is not needed, again and again."""
    while True:
        database.pack(time.time())
        time.sleep(0.1)


def unlike(folder: Path) -> list[str]:
    """The acknowledged entries that are not in the database as they were written."""
    text = (folder / "acknowledged").read_text() if (folder / "acknowledged").exists() else ""
    keys = text.split("\n")[:-1]
    database = open_database(uri_of(folder))
    try:
        with database.transaction() as connection:
            entries = connection.root()["entries"]
            return [key for key in keys if _read(entries.get(key)) != content_of(key)]
    finally:
        database.close()


def _read(entry) -> bytes | None:
    """The bytes of an entry; None where its file is not there."""
    if isinstance(entry, StoredFile):
        try:
            with entry.open() as source:
                return source.read()
        except POSKeyError:
            return None
    return entry
