"""Examinations: every public page (audit site), audit records that were handed over (audit check)."""

from __future__ import annotations

from pathlib import Path

import click

from egov.base.errors import Invalid
from egov.base.i18n import told
from egov.cli.acting import AS, REASON, acting
from egov.cli.database import application, open_site
from egov.cli.examining import Examination, Fetch, fetch_from, fetch_within, report
from egov.cli.ipv6 import Reached, reached_by_ipv6
from egov.history.handover import check_handover
from egov.operations.record import set_audit_hash


@click.group()
def audit() -> None:
    """Examinations of the public site and of the audit log."""


@audit.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(file: Path) -> None:
    """Verify a FILE of audit records as it was handed over; needs no database."""
    try:
        found = check_handover(file)
    except Invalid as error:
        raise click.ClickException(told(error.message)) from None
    click.echo(
        f"完好：{found.manifest['records']} 条记录，{found.manifest['site']}，{found.manifest['at']}。"
    )
    click.echo(f"密钥指纹：{found.fingerprint}（请与移交方审计页面上的指纹核对）")


@audit.command(name="hash")
@click.argument("name")
@REASON
@AS
def choose_hash(name: str, whom: str | None, reason: str) -> None:
    """Chain the audit records to come by another hash: sha256, sha512, sha3_256 or sm3."""
    with open_site() as group, acting(group, whom, reason) as by:
        set_audit_hash(group, name, by=by)
    click.echo(f"今后的审计记录用 {name} 校验，以前的仍按原来的核对。")


@audit.command()
@click.argument("url", required=False)
@click.option(
    "--all", "is_whole", is_flag=True, help="Tell what many pages have at each of them, too."
)
def site(url: str | None, is_whole: bool) -> None:
    """Check every public page against the national guideline; of a running site at URL, or of this database."""
    way = Reached()
    if url:
        examined = _examined(fetch_from(url.rstrip("/")), is_running=True)
        way = reached_by_ipv6(url)
        if way.fault:
            examined.found.setdefault("/", []).append(way.fault)
    else:
        with application() as app:
            examined = _examined(fetch_within(app))
    for line in report(examined.found, is_whole=is_whole):
        click.echo(line)
    if way.note:
        click.echo(way.note)
    click.echo(f"已检查 {examined.pages} 个网页，{len(examined.found)} 个有问题。")
    if examined.found or not examined.pages:
        raise SystemExit(1)


def _examined(fetch: Fetch, *, is_running: bool = False) -> Examination:
    examination = Examination(fetch, is_running=is_running)
    examination.run()
    return examination


COMMANDS = (audit,)
