"""Questions that found nothing: one file per day beside the index, one line per question, nothing about who asked.

Files and not the database, because visitors' questions must not write into it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from egov.base import clock
from egov.search.words import folded, words

KEPT_DAYS = 90
MAX_BYTES = 512 * 1024  # of a day; what a machine asks beyond that tells nobody anything
_NAME = "missed-"
# Numbers of persons, telephones and accounts, and mail addresses.
_PERSONAL = re.compile(r"@|\d[\d\s-]{6,}")


class Missed(NamedTuple):
    """A question, how often it found nothing, and when last."""

    text: str
    times: int
    last: date


def note(folder: Path, text: str) -> None:
    """Note that a question found nothing, but for one without a word, or that may tell of a person.

    Forgets what is old.
    """
    line = " ".join(folded(text).split())
    if not words(line) or _PERSONAL.search(line):
        return
    path = folder / f"{_NAME}{clock.today()}"
    with suppress(OSError):  # a full disk must not end a search
        is_new = not path.exists()
        with path.open("a", encoding="utf-8", errors="replace") as file:
            if file.tell() < MAX_BYTES:
                file.write(f"{line}\n")
        if is_new:
            _forget(folder)


def missed(folder: Path, *, days: int, limit: int) -> list[Missed]:
    """The questions of the last days that found nothing, the most frequent first."""
    first = clock.today() - timedelta(days=days - 1)
    counts: Counter[str] = Counter()
    last: dict[str, date] = {}
    for day, path in sorted(_files(folder)):
        if day >= first:
            lines = path.read_text("utf-8").splitlines()
            counts.update(lines)
            last |= dict.fromkeys(lines, day)
    return [Missed(text, times, last[text]) for text, times in counts.most_common(limit)]


def _files(folder: Path) -> Iterator[tuple[date, Path]]:
    for path in folder.glob(f"{_NAME}*"):
        with suppress(ValueError):
            yield date.fromisoformat(path.name.removeprefix(_NAME)), path


def _forget(folder: Path) -> None:
    oldest = clock.today() - timedelta(days=KEPT_DAYS)
    for day, path in list(_files(folder)):
        if day < oldest:
            path.unlink(missing_ok=True)
