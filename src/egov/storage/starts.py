"""Where each start begins to give out object ids: after the start before it, whatever was stored under those.

Clients of a database server that was killed still hold ids that it gave them. A later start that began among them would
give out the same once more, and what is saved under one of them would meet another object of that id.
"""

from __future__ import annotations

import logging
from pathlib import Path
from secrets import randbelow

from egov.storage.sums import fresh

log = logging.getLogger(__name__)

STRETCH = 1 << 20  # ids of a start: more than are ever given out and not stored
_PLACES = 1 << 12  # of which a start takes one by chance where nothing is known of those before


def first_id(path: str, last: int) -> int:
    """The id after which this start begins; `last` is the greatest that was stored. Noted beside a Data.fs before.

    A note that is missing, or a disk that takes no new one, leaves it to chance among some thousand places.
    """
    note = Path(path + ".starts")
    try:
        before = int(note.read_text("ascii"))
    except (OSError, ValueError):
        before = 0
    by_chance = max(before, last) + (randbelow(_PLACES) + 1) * STRETCH
    first = max(before, last) + STRETCH if before else by_chance
    try:
        with fresh(note) as file:
            file.write(b"%d\n" % first)
    except OSError as error:
        log.warning("%s could not be written: %s", note, error)
        return by_chance
    return first
