"""The command that imports people: import people."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import click
import transaction

from egov.base.i18n import _, told
from egov.cli.acting import AS, REASON, acting
from egov.cli.database import open_site
from egov.cli.importing import begun, progress
from egov.model.batch import Batch
from egov.model.site import SiteGroup
from egov.operations.batches import begin, kind_of_command, run_here
from egov.operations.people import (
    Line,
    Outcome,
    decoded,
    import_line,
    import_people,
    read_people,
    require_importer,
)
from egov.security.principals import Actor

MOST = 100_000
PEOPLE = "people"
PIECE = 20  # to one commit: each new account costs a slow hash, and its password is told after the commit

kind_of_command(PEOPLE, _("导入人员"))


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Tell what would be done, and do nothing.")
@REASON
@AS
def people(file: Path, dry_run: bool, whom: str | None, reason: str) -> None:
    """Import people from a CSV FILE (docs/import.md); a line is taken whole or not at all.

    A command that was killed goes on where it stood when it is typed again with the same file.
    """
    content = file.read_bytes()
    with open_site() as site, acting(site, whom, reason) as by:
        lines = read_people(decoded(content), most=MOST)
        if dry_run:
            outcomes = import_people(site, lines, by=by, is_trial=True)
            transaction.abort()
            for outcome in outcomes:
                _tell(outcome.line, told(outcome.message))
            refused = sum(outcome.is_refused for outcome in outcomes)
        else:
            refused = _import(site, lines, hashlib.sha256(content).hexdigest(), by)
    click.echo(f"共 {len(lines)} 行，未通过 {refused} 行。" + ("没有保存。" if dry_run else ""))
    if refused:
        raise SystemExit(1)


def _import(site: SiteGroup, lines: list[Line], digest: str, by: Actor) -> int:
    """Import the lines piece by piece, telling of each once it is kept; returns how many were refused."""
    require_importer(by)
    arguments = {"digest": digest}
    batch = begun(site, PEOPLE, by, arguments)
    if batch is None:
        # Neither names nor addresses: what is to be done is which line, what becomes of it no password.
        things = [
            {"title": f"第 {line.number} 行 {line.id}", "at": at} for at, line in enumerate(lines)
        ]
        batch = begin(site, PEOPLE, things, arguments, by=by, most=MOST)
        transaction.commit()
    elif batch.place:
        click.echo(
            f"接着上次中断的地方：前 {batch.place} 行上次已办，新账号的初始密码当时已显示；没有看到的，请重设密码。"
        )
    made: dict[int, Outcome] = {}  # by place; in memory only, for the passwords

    def take(_site: SiteGroup, _batch: Batch, thing: Any, _by: Actor) -> None:
        made[thing["at"]] = import_line(site, lines[thing["at"]], by)

    at = batch.place
    with progress(batch) as shown:
        for place in run_here(site, batch, transaction.manager, by, take, most=PIECE):
            for number in range(at, place):
                problem = batch.outcomes[number].problem
                outcome = made.pop(number, None)
                if problem or outcome is None:
                    _tell(lines[number], told(problem))
                else:
                    _tell(lines[number], told(outcome.message), outcome.password)
            at = place
            shown(place)
    return batch.failed


def _tell(line: Line, message: str, password: str = "") -> None:
    click.echo(
        f"第 {line.number} 行 {line.id}：{message}"
        + (f"，初始密码：{password}" if password else "")
    )
