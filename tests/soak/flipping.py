"""Damage on the disk under a server that is in use: what it answers is right or refused, and a scrub finds it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import quote, urlsplit

import transaction

from egov.app import configure, make_app
from egov.model.files import StoredFile
from egov.model.node import path_of
from egov.operations.content import edit
from egov.operations.workflow import advance
from egov.storage.opening import files_of, open_database
from egov.storage.scrub import scrub
from egov.storage.sums import SIZE, read_sums
from egov.web.urls import file_url
from tests.soak.worker import uri_of
from tests.support import world
from tests.support.serving import serving

ARTICLES = 12
PAGES = ("/", "/finance", "/finance/news", "/finance/news/@@feed.xml", "/@@sitemap")


def _make(home: Path) -> list[str]:
    """A site with articles, each with a file; returns the addresses."""
    database = open_database(uri_of(home), create=True)
    connection = database.open()
    site = world.build(connection.root())
    transaction.commit()
    items = []
    for number in range(ARTICLES):
        file = StoredFile(f"{number},".encode() * 9_000 * number, f"{number}.csv", "text/csv")
        item = world.article(site, title=f"第{number}号")
        values = {
            **item.work.values,
            "attachments": (file,),
            "body": f"<p>{'正文' * 99 * number}</p>",
        }
        edit(item, values, by=world.actor(site, "author"))
        for step, who in (("submit", "author"), ("approve", "reviewer"), ("publish", "publisher")):
            advance(item, step, by=world.actor(site, who))
        transaction.commit()
        items.append((item, file))
    addresses = [*PAGES, *(quote(path_of(item)) for item, _file in items)]
    addresses += [quote(file_url(item, file)) for item, file in items]
    connection.close()
    database.close()
    return addresses


@contextmanager
def _served(folder: Path, home: Path) -> Iterator[tuple[str, object]]:
    """The address of a server that keeps no page, and its database."""
    settings = {"zodbconn.uri": uri_of(home), "egov.search_dir": str(folder / "search")}
    config = configure({**settings, "egov.page_cache_mb": "0", "egov.visits_seconds": "0"})
    database = config.registry._zodb_databases[""]
    with serving(make_app(config)) as address:
        yield address, database
    database.close()


def _read(address: str, path: str) -> tuple[int, bytes]:
    """Status and body; 0 where the connection breaks off."""
    connection = HTTPConnection(urlsplit(address).netloc, timeout=60)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (HTTPException, OSError):
        return 0, b""
    finally:
        connection.close()


def _damage(home: Path, chance: random.Random) -> tuple[Path, bytes, str]:
    """Flip a bit somewhere, in a header, in the sums or in a blob, or leave zeros; returns the file as it was."""
    data, sums = home / "Data.fs", home / "Data.fs.sums"
    kind = chance.choice(["anywhere", "anywhere", "header", "zeros", "sums", "blob"])
    blobs = [path for path in sorted((home / "blobs").rglob("*.blob")) if path.stat().st_size]
    path = {"sums": sums, "blob": chance.choice(blobs)}.get(kind, data)
    sound = path.read_bytes()
    at = chance.randrange(SIZE if path == sums else 0, len(sound))
    if kind == "header":  # a transaction's, and that of its first record
        entry = chance.choice([entry for entry in read_sums(sums) if entry])
        at = entry.start + chance.randrange(23 + 42)
    long = min(512, len(sound) - at // 512 * 512)
    path.chmod(0o600)
    with path.open("r+b") as target:
        if kind == "zeros" and sound[at // 512 * 512 :][:long] != bytes(long):
            target.seek(at // 512 * 512)
            target.write(bytes(long))
        else:
            target.seek(at)
            target.write(bytes([sound[at] ^ 1 << chance.randrange(8)]))
    return path, sound, f"{kind}, {path.name} at {at}"


def trial(folder: Path, times: int) -> list[str]:
    """A flipped bit or a page of zeros under a server: never served over HTTP, and found by a scrub."""
    home, wrong, chance = folder / "var", [], random.Random(3)
    home.mkdir()
    addresses, refused = _make(home), 0
    with _served(folder, home) as (address, database):
        sound = {path: _read(address, path) for path in addresses}
        wrong += [f"{path}: {status}" for path, (status, _body) in sound.items() if status != 200]
        for turn in range(times):
            path, content, told = _damage(home, chance)
            database.cacheMinimize()
            if turn % 2:  # as after a start
                database.storage.pages.forget()
            found = {path: _read(address, path) for path in addresses}
            refused += any(status in (0, 500) for status, _body in found.values())
            wrong += [
                f"turn {turn}: {told}: {status} {path}"
                for path, (status, body) in found.items()
                if (status, body) != sound[path] and status not in (0, 500)
            ]
            if not scrub(files_of(uri_of(home))).damages:
                wrong.append(f"turn {turn}: {told} was not found")
            with path.open("r+b") as target:
                target.write(content)
        database.cacheMinimize()
        again = {path: _read(address, path) for path in addresses}
        wrong += [f"{path}: not as before" for path in addresses if again[path] != sound[path]]
    print(f"{refused} of {times} were met by a reader, and refused")
    return wrong if refused else ["nobody met any damage"]
