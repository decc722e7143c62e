"""Commands that ran on this machine, kept beside the database until the audit log takes them up.

A backup, or a page about maintenance, must not wait for the server, which alone may write in its database.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from egov.storage.upkeep import upkeep_file


class Typed(NamedTuple):
    """A command that ended: when, which account of the machine typed it, what it was, how it ended, what it said."""

    at: str
    operator: str
    command: str
    outcome: str
    told: str


def waiting_files(uri: str, named: str = "") -> list[Path]:
    """Where the commands of a database wait: beside the notes of its upkeep, and beside its own files."""
    found = [upkeep_file(uri, named), upkeep_file(uri)]
    return list(dict.fromkeys(path.with_suffix(".commands") for path in found if path))


def put_down(path: Path, typed: Typed) -> None:
    """Keep a command, whole and on the disk, where whoever owns the folder can take it up."""
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        owner = path.parent.stat()
        if os.geteuid() == 0:  # a server seldom runs as root, a timer of the machine often does
            os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
        file.write(json.dumps(typed._asdict(), ensure_ascii=False).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def taking(path: Path) -> Iterator[list[Typed]]:
    """What waits, which is forgotten once the block has ended well; nobody else takes it meanwhile."""
    if not path.exists():
        yield []
        return
    with path.open("r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield [_read(line) for line in file.read().splitlines()]
        file.truncate(0)


def _read(line: bytes) -> Typed:
    """The command of a line; what is none, as where a crash has left half of one, as it stands."""
    try:
        return Typed(**json.loads(line))
    except (ValueError, TypeError):
        return Typed("", "", line.decode("utf-8", "replace"), "failed", "")
