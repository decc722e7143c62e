"""When backup, scrub and pack were last done, and how they ended: a small file beside the database.

Not in the database, because a backup and a scrub run beside the server, which alone may write there.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic

from egov.base import clock
from egov.base.errors import message_of
from egov.base.i18n import told
from egov.storage.opening import files_of
from egov.storage.sums import sync_folder

log = logging.getLogger(__name__)

BACKUP, SCRUB, PACK = "backup", "scrub", "pack"
READING = "reading"  # by whoever asks for a page; noted only where damage was found
WORKS = (BACKUP, SCRUB, PACK)


@dataclass
class Work:
    """The last time that a piece of work was done."""

    what: str
    at: datetime  # when it ended
    seconds: float = 0.0
    is_done: bool = False  # False: it failed, or found something wrong
    told: str = ""  # what it said
    done_at: datetime | None = None  # the last time it ended well


def upkeep_file(uri: str, named: str = "") -> Path | None:
    """Where the notes of a database stand: the file that the settings name, or beside its Data.fs."""
    if named:
        return Path(named)
    files = files_of(uri)
    return Path(files.data + ".upkeep") if files else None


def last_works(path: Path | None) -> dict[str, Work]:
    """What is known, by the name of the work; nothing where the file is missing or cannot be read."""
    try:
        entries = json.loads(path.read_text("utf-8")) if path else {}
        return {what: _work(what, facts) for what, facts in entries.items()}
    except (OSError, ValueError, TypeError, AttributeError, LookupError):
        return {}


def _work(what: str, facts: dict[str, object]) -> Work:
    done = facts.get("done_at")
    return Work(
        what,
        datetime.fromisoformat(str(facts["at"])),
        float(str(facts["seconds"])),
        bool(facts["is_done"]),
        str(facts["told"]),
        datetime.fromisoformat(str(done)) if done else None,
    )


@contextmanager
def noting(path: Path | None, what: str) -> Iterator[Work]:
    """Note how a piece of work ends: well unless it raises, or `is_done` is set to False by who does it."""
    work = Work(what, clock.now(), is_done=True)
    begun = monotonic()
    try:
        yield work
    except BaseException as error:
        work.is_done = False
        said = message_of(error)
        work.told = told(said) if said else work.told or repr(error)
        raise
    finally:
        work.at, work.seconds = clock.now(), round(monotonic() - begun, 3)
        if path is not None:
            try:
                _keep(path, work)
            except OSError as error:  # which must not hide how the work itself ended
                log.warning("how %s ended is not noted: %s", what, error)


def _keep(path: Path, work: Work) -> None:
    known = last_works(path)
    before = known.get(work.what)
    work.done_at = work.at if work.is_done else before.done_at if before else None
    known[work.what] = work
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    entries = {what: asdict(entry) for what, entry in known.items()}
    with part.open("w", encoding="utf-8") as target:
        json.dump(entries, target, ensure_ascii=False, indent=1, default=datetime.isoformat)
        target.flush()
        os.fsync(target.fileno())
    part.rename(path)
    sync_folder(path.parent)
