"""Commands that look after the database on record: who of the machine ran them, and how they ended."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import click
from ZODB.POSException import POSError

from egov.base import clock
from egov.base.errors import EgovError, message_of
from egov.base.i18n import told
from egov.cli.acting import operator
from egov.cli.database import egov_settings, uri
from egov.evolve.running import refuse_before_steps
from egov.operations.commands import record_commands, take_up
from egov.storage.opening import open_database
from egov.storage.typed import Typed, put_down, waiting_files
from egov.storage.upkeep import Work

log = logging.getLogger(__name__)


@contextmanager
def recorded(work: Work | None = None) -> Iterator[Work]:
    """Put the command on record when it has ended, unless it ended well and `told` nothing.

    Where the database is in use it waits beside it until the server takes it up; where it can wait nowhere, it is
    logged.
    """
    work = work or Work("", clock.now(), is_done=True)
    try:
        yield work
    except BaseException as error:
        work.is_done = False
        work.told = work.told or _said(error)
        raise
    finally:
        if work.told or not work.is_done:
            with suppress(click.ClickException):  # no database is named, which could be told
                put_on_record(typed(work), uri(), egov_settings().upkeep_file)


def _said(error: BaseException) -> str:
    said = error.message if isinstance(error, click.ClickException) else message_of(error)
    return told(said) if said else type(error).__name__


def typed(work: Work) -> Typed:
    """The command that runs, as it ended; without its arguments, which may be secret."""
    words = click.get_current_context().command_path.split()[1:]
    outcome = "done" if work.is_done else "failed"
    return Typed(
        clock.stamp(clock.now()), operator(), " ".join(["egov", *words]), outcome, work.told
    )


def put_on_record(typed: Typed, source: str, named: str = "") -> None:
    """Put a command that has ended on record in the database of a URI, now or later."""
    files, waits = waiting_files(source, named), False
    try:
        if files:
            put_down(files[0], typed)
            waits = True
        _write(source, files, typed)
    except (EgovError, OSError, POSError) as error:
        if not waits:
            facts = typed._asdict() | {"not_recorded": str(error)}
            log.warning("command: %s", json.dumps(facts, ensure_ascii=False))


def _write(source: str, files: list[Path], typed: Typed) -> None:
    with closing(open_database(source)) as database:
        with database.transaction() as connection:
            refuse_before_steps(connection.root())
        if files:
            take_up(database, files)
        else:
            record_commands(database, [typed])
