"""Audit records sent on to another log, so that who can change this database cannot make them undone.

To a file of lines, or to the machine's own log (syslog, journal), which sends them on. Each record goes out at least
once, after those before it in its chain; how far it has come stands in the database, and moves only after a record is
out. So a crash in between repeats some, and loses none: each line says its chain and digest.
"""

from __future__ import annotations

import fcntl
import logging
import os
import socket
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

from persistent import Persistent

from egov.base.settings import Settings
from egov.history.handover import as_json
from egov.model.btrees import UidTree
from egov.model.site import SiteGroup

log = logging.getLogger(__name__)

PIECE = 500  # records to one commit
_ATTEMPTS = 5
_SOCKET = "unix:"
_PRIORITY = 13 * 8 + 6  # RFC 5424: the log of audits, for information
_SECONDS = 10


class Forwarded(Persistent):
    """How far each chain has been sent on."""

    def __init__(self) -> None:
        self.until = UidTree()  # number of a strand -> moment of its last record that is out


def forward(site: SiteGroup, manager: Any, settings: Settings) -> int:
    """Send on what is new; returns how much. What cannot be sent now stays for the next round, and is logged."""
    sent = 0
    while settings.audit_forward:
        piece = 0
        try:
            for attempt in manager.attempts(_ATTEMPTS):
                with attempt:
                    piece = _send_piece(site, settings.audit_forward)
        except OSError as error:
            log.error("audit records are not sent on to %s: %s", settings.audit_forward, error)  # noqa: TRY400
            break
        sent += piece
        site._p_jar.cacheGC()
        if piece < PIECE:
            break
    return sent


def _send_piece(site: SiteGroup, target: str) -> int:
    known: Forwarded = site.register("forwarded", Forwarded)
    waiting = list(islice(site.audit.after(known.until), PIECE))
    if waiting:
        lines = [as_json(passed.record, strand=passed.strand) for passed in waiting]
        if target.startswith(_SOCKET):
            _to_socket(target.removeprefix(_SOCKET), lines)
        else:
            _to_file(Path(target), lines)
        known.until.update({passed.strand: passed.key for passed in waiting})
    return len(waiting)


def _to_file(path: Path, lines: Iterable[bytes]) -> None:
    """Append, whole and on the disk; half a line that a crash left stays a line of its own."""
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # of processes that send at the same time
        if file.tell() and os.pread(file.fileno(), 1, file.tell() - 1) != b"\n":
            file.write(b"\n")
        file.writelines(line + b"\n" for line in lines)
        file.flush()
        os.fsync(file.fileno())


def _to_socket(path: str, lines: Iterable[bytes]) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as way:
        way.settimeout(_SECONDS)
        way.connect(path)
        for line in lines:
            way.send(b"<%d>egov-audit: %s" % (_PRIORITY, line))
