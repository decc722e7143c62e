"""The commands of accounts: user."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table

from egov.base import clock, ids
from egov.cli.acting import AS, REASON, acting, console
from egov.cli.database import egov_settings, open_site
from egov.operations.accounts import add_user, set_password
from egov.operations.credentials import disable_dormant


@click.group()
def user() -> None:
    """Accounts."""


@user.command("add")
@click.argument("user_id")
@click.argument("name")
@click.option("--password")
@REASON
@AS
def add(user_id: str, name: str, password: str | None, whom: str | None, reason: str) -> None:
    """Make an account; without --password one is made and shown once."""
    chosen = password or ids.new_password()
    with open_site() as site, acting(site, whom, reason) as by:
        add_user(site, user_id, name, chosen, by=by, temporary=not password)
    click.echo(f"已建立账号 {user_id}。" + ("" if password else f"密码（只显示这一次）：{chosen}"))


@user.command()
@click.argument("user_id")
@click.option("--password")
@REASON
@AS
def passwd(user_id: str, password: str | None, whom: str | None, reason: str) -> None:
    """Set a password and end the person's sessions."""
    chosen = password or ids.new_password()
    with open_site() as site, acting(site, whom, reason) as by:
        account = site.directory.user(user_id)
        if account is None:
            raise click.ClickException(f"没有账号 {user_id}。")
        set_password(site, account, chosen, by=by, temporary=not password)
    click.echo(
        f"已更改 {user_id} 的密码。" + ("" if password else f"新密码（只显示这一次）：{chosen}")
    )


@user.command("disable-dormant")
def close_dormant() -> None:
    """Close the accounts that nobody has used for `egov.dormant_days`; for a daily timer, which needs no --as."""
    with open_site() as site:
        for account in disable_dormant(site, egov_settings().dormant_days, by=console()):
            click.echo(f"已停用长期未使用的账号 {account.id}。")


@user.command("list")
def list_users() -> None:
    """All accounts."""
    table = Table("用户名", "姓名", "职责", "停用", "上次登录")
    with open_site() as site:
        for account in site.directory.users.values():
            duties = ",".join(sorted(account.duties))
            closed = "是" if account.disabled else ""
            table.add_row(account.id, account.name, duties, closed, clock.stamp(account.last_login))
    Console().print(table)


COMMANDS = (user,)
