"""The command that imports people: import people."""

from __future__ import annotations

from pathlib import Path

import click
import transaction

from egov.base.i18n import told
from egov.cli.acting import AS, REASON, acting
from egov.cli.database import open_site
from egov.operations.people import decoded, import_people, read_people

MOST = 100_000


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Tell what would be done, and do nothing.")
@REASON
@AS
def people(file: Path, dry_run: bool, whom: str | None, reason: str) -> None:
    """Import people from a CSV FILE (docs/import.md); a line is taken whole or not at all."""
    with open_site() as site, acting(site, whom, reason) as by:
        lines = read_people(decoded(file.read_bytes()), most=MOST)
        outcomes = import_people(site, lines, by=by)
        if dry_run:
            transaction.abort()
    for outcome in outcomes:
        shown = "" if dry_run or not outcome.password else f"，初始密码：{outcome.password}"
        click.echo(f"第 {outcome.line.number} 行 {outcome.line.id}：{told(outcome.message)}{shown}")
    refused = sum(1 for outcome in outcomes if outcome.is_refused)
    click.echo(f"共 {len(outcomes)} 行，未通过 {refused} 行。" + ("没有保存。" if dry_run else ""))
    if refused:
        raise SystemExit(1)
