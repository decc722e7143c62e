"""The commands: init, import, user, shell, check, and those of the modules beside this one."""

from __future__ import annotations

import code
from pathlib import Path
from typing import Any

import click
import transaction

from egov.base import ids
from egov.base.errors import EgovError, message_of
from egov.base.i18n import told
from egov.cli import (
    accounts,
    auditing,
    exporting,
    generating,
    maintaining,
    rights,
    searching,
    storage,
    upkeep,
)
from egov.cli.acting import console
from egov.cli.database import open_root, open_site
from egov.cli.demo.load import PEOPLE, load_demo
from egov.cli.importing import import_documents
from egov.cli.paths import find
from egov.cli.people import people
from egov.cli.standing import make_standing_pages, teach_search
from egov.evolve.running import mark_new
from egov.model.site import SiteGroup
from egov.operations.accounts import add_user, set_duty
from egov.operations.check import check as check_site
from egov.operations.record import record_site
from egov.operations.rights import grant
from egov.operations.setup import make_site


class Commands(click.Group):
    """Commands that end with the message of an error that a person can cause."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; raises ClickException for an EgovError, or what the machine refuses."""
        try:
            return super().invoke(ctx)
        except (EgovError, OSError) as error:
            message = message_of(error)
            if message is None or isinstance(error, BrokenPipeError):  # `| head`, which click knows
                raise
            raise click.ClickException(told(message)) from None


@click.group(cls=Commands)
def main() -> None:
    """egov: a government's website group in one object tree."""


@main.command()
@click.option("--demo", is_flag=True, help="Fill the site group with a demo city.")
@click.option(
    "--password",
    help="One password for all first accounts, for trials; each gets one of its own if not given.",
)
def init(demo: bool, password: str | None) -> None:
    """Make a site group in an empty database."""
    with open_root(create=True) as root:
        site = make_site(root, {"title": "临江市人民政府" if demo else "新的网站群"})
        mark_new(root)
        if demo:
            password = password or ids.new_password()
            click.echo(f"演示账号的密码（只显示这一次）：{password}")
        made = _first_accounts(site, password)
        teach_search(site)
        if demo and password:
            load_demo(site, password)
            made |= dict.fromkeys(PEOPLE, "")
        elif not password:  # a trial begins empty
            make_standing_pages(site)
    click.echo("已建立网站群。可以登录的用户名：")
    for user_id, first in made.items():
        click.echo(
            f"  {user_id}"
            + (f"  初始密码（只显示这一次，首次登录须更改）：{first}" if first else "")
        )
    click.echo("系统、安全、审计三个管理员的账号请分别交给三个人。")


def _first_accounts(site: SiteGroup, password: str | None) -> dict[str, str]:
    """Four accounts for four people; without a given password each gets one of its own, to be changed at once."""
    by, made = console(), {}
    for user_id, name, duty in (
        ("admin", "网站群管理员", ""),
        ("system-admin", "系统管理员", "system"),
        ("security-admin", "安全管理员", "security"),
        ("audit-admin", "审计管理员", "audit"),
    ):
        made[user_id] = "" if password else ids.new_password()
        first = password or made[user_id]
        user = add_user(site, user_id, name, first, by=by, temporary=not password)
        if duty:
            set_duty(site, user, duty, by=by)
    grant(site, "user:admin", "manager", by=by, may_delegate=True)
    return made


@main.group(name="import")
def import_group() -> None:
    """Bring content and people in."""


import_group.add_command(people)


@import_group.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--into", required=True, help="Path of the section, for example /zwgk/zcwj.")
@click.option(
    "--publish",
    is_flag=True,
    help="Publish at once with the dates of the file, instead of making drafts.",
)
def documents(file: Path, into: str, publish: bool) -> None:
    """Import documents from a JSON Lines FILE (docs/import.md); a line is taken whole or not at all."""
    with open_site() as site:
        report = import_documents(find(site, into), file, publish=publish)
    if report.resumed:
        click.echo(f"接着上次中断的地方：前 {report.resumed} 行上次已办。")
    for line, reason in report.refused:
        click.echo(f"{line}没有导入：{reason}")
    click.echo(f"导入 {report.taken} 条，未导入 {len(report.refused)} 条。")
    if report.refused:
        raise SystemExit(1)


@main.command()
def shell() -> None:
    """A Python prompt with `site`; nothing is kept unless you call commit()."""
    with open_site() as site:

        def commit() -> None:
            record_site(console(), "shell", site)
            transaction.commit()

        code.interact("site: 网站群；commit(): 保存", local={"site": site, "commit": commit})
        transaction.abort()


@main.command()
def check() -> None:
    """Verify the audit chain, the tree and the catalog."""
    with open_site() as site:
        faults = list(check_site(site))
    for fault in faults:
        click.echo(fault)
    click.echo("没有发现问题。" if not faults else f"发现 {len(faults)} 个问题。")
    if faults:
        raise SystemExit(1)


for module in (
    accounts, rights, storage, upkeep, generating, searching, auditing, exporting, maintaining,
):  # fmt: skip
    for command in module.COMMANDS:
        main.add_command(command)
