"""The office's own scanner of uploads: a command of the settings, run on each file before anything here reads it."""

from __future__ import annotations

import logging
import shlex
import shutil
import subprocess
from tempfile import NamedTemporaryFile
from typing import Any

from egov.base.i18n import Message, _
from egov.base.settings import Settings

log = logging.getLogger(__name__)

_CLEAN, _FOUND = 0, 1  # what clamdscan, clamscan and their like end with


def harm_in(stream: Any, settings: Settings) -> Message:
    """Why a file is not taken; empty where the scanner finds nothing, or where there is none.

    One that does not end in time, cannot be run or does not know is told apart from one that has found something.
    """
    if not settings.scan_command:
        return ""
    with NamedTemporaryFile() as file:
        shutil.copyfileobj(stream, file)
        file.flush()
        stream.seek(0)
        ended = _run([*shlex.split(settings.scan_command), file.name], settings.scan_seconds)
    if ended == _CLEAN:
        return ""
    if ended == _FOUND:
        return _("安全扫描发现其中有害")
    log.error("scan_command: %s", "no answer in time" if ended is None else f"ended with {ended}")
    return _("现在不能进行安全扫描，请稍后再试；如仍不行，请告诉系统管理员")


def _run(words: list[str], seconds: int) -> int | str | None:
    """How a command ends; None if not in time, a word where it cannot be run."""
    # Without pipes: a child that the scanner leaves behind could hold one open after it was stopped.
    nothing = subprocess.DEVNULL
    try:
        done = subprocess.run(  # noqa: S603  the words are the settings', and a name of our own
            words, stdin=nothing, stdout=nothing, stderr=nothing, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return None
    except OSError as error:
        return str(error)
    return done.returncode
