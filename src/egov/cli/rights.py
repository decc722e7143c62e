"""The commands of rights: rights, grant, revoke; and rescue, for when nobody of the site can help."""

from __future__ import annotations

from typing import Any

import click
from rich.console import Console
from rich.table import Table

from egov.base import clock, ids
from egov.base.i18n import told
from egov.cli.acting import AS, REASON, acting, console
from egov.cli.database import open_site
from egov.cli.paths import find_node
from egov.model.node import Node, path_of
from egov.model.site import SiteGroup
from egov.operations.delegation import Held, reach_of
from egov.operations.rescue import rescue_administrator, rescue_management
from egov.operations.rights import (
    end_meant,
    grant,
    offered,
    principal_meant,
    revocable,
    revoke,
)
from egov.security.grants import ROLE_TITLES

YES = click.option("--yes", is_flag=True, help="Do it without asking once more.")


@click.command()
@click.argument("path", default="/")
def rights(path: str) -> None:
    """What is granted at PATH and below, to whom, until when, by whom and why."""
    table = Table("位置", "给谁", "角色", "截止", "可再授权", "授权人", "原因")
    with open_site() as site:
        for node in site.catalog.ruled_below(find_node(site, path)):
            for held in (Held(node, given) for given in node.grants):
                table.add_row(*_cells(site, held))
    Console(width=None).print(table)


def _cells(site: SiteGroup, held: Held) -> list[str]:
    node, given = held
    until = clock.day(given.until) + ("" if given.is_active() else "（已到期）")
    title_of = site.directory.title_of
    return [
        path_of(node), _named(site, given.principal), f"{told(ROLE_TITLES[given.role])} {given.role}",
        until, "是" if given.may_delegate else "", title_of(f"user:{given.by}"), given.reason,
    ]  # fmt: skip


def _named(site: SiteGroup, principal: str) -> str:
    title = site.directory.title_of(principal)
    return principal if title == principal else f"{title}（{principal}）"


@click.command(name="grant")
@click.argument("path")
@click.argument("who")
@click.argument("role", type=click.Choice(list(ROLE_TITLES)))
@click.option(
    "--until", default="", metavar="YYYY-MM-DD", help="The last day; for ever if not given."
)
@click.option("--may-delegate", is_flag=True, help="Let them hand it on.")
@REASON
@AS
@YES
def give(path: str, who: str, role: str, yes: bool, whom: str | None, **said: Any) -> None:
    """Grant WHO (a name, an id, user:…, group:… or unit:…) a ROLE at PATH and below, as the page does."""
    with open_site() as site, acting(site, whom, said["reason"]) as by:
        node, principal = find_node(site, path), principal_meant(site.directory, who)
        facts = {"by": by, **said, "until": end_meant(said["until"])}
        made = offered(node, principal, role, **facts)
        click.echo(
            f"把 {path_of(node)} 的角色“{told(ROLE_TITLES[role])}”授予{_named(site, principal)}。"
        )
        _ask(node, [principal], [], yes=yes)
        grant(node, principal, role, **facts)
    click.echo("已授权" + (f"，到 {clock.day(made.until)} 为止。" if made.until else "。"))


@click.command(name="revoke")
@click.argument("path")
@click.argument("who")
@click.argument("role", type=click.Choice(list(ROLE_TITLES)))
@REASON
@AS
@YES
def take(path: str, who: str, role: str, yes: bool, whom: str | None, reason: str) -> None:
    """Take a ROLE at PATH back from WHO, with all that was handed on from it."""
    with open_site() as site, acting(site, whom, reason) as by:
        node, principal = find_node(site, path), principal_meant(site.directory, who)
        falls = revocable(node, principal, role, by=by)
        click.echo(
            f"收回{_named(site, principal)}在 {path_of(node)} 的角色“{told(ROLE_TITLES[role])}”。"
        )
        _ask(node, [principal, *(held.grant.principal for held in falls)], falls, yes=yes)
        revoke(node, principal, role, by=by)
    click.echo(f"已收回 {1 + len(falls)} 项授权。")


def _ask(node: Node, principals: list[str], falls: list[Held], *, yes: bool) -> None:
    reach = reach_of(node, principals)
    people = "所有人" if reach.people is None else f"{reach.people:,} 人"
    click.echo(f"涉及 {reach.items:,} 项内容、{people}。")
    for where, given in falls:
        click.echo(f"同时失效：{path_of(where)} {given.principal} {given.role}（{given.by} 授予）")
    if not yes:
        click.confirm("确定吗？", abort=True)


@click.group()
def rescue() -> None:
    """For when nobody of the site can help: done by the console itself, and told to the audit administrators."""


@rescue.command()
@click.argument("user_id")
@REASON
def administrator(user_id: str, reason: str) -> None:
    """Let the system administrator USER_ID in again, with a new password and without a second factor."""
    password = ids.new_password()
    with open_site() as site:
        user = site.directory.user(user_id)
        if user is None:
            raise click.ClickException(f"没有账号 {user_id}。")
        rescue_administrator(site, user, password, by=console(), reason=reason)
    click.echo(f"{user_id} 的新密码（只显示这一次，首次登录须更改）：{password}")
    click.echo("已告知审计管理员。")


@rescue.command()
@click.argument("who")
@REASON
def manager(who: str, reason: str) -> None:
    """Let WHO manage the whole site group, where nobody does any more."""
    with open_site() as site:
        principal = principal_meant(site.directory, who)
        rescue_management(site, principal, by=console(), reason=reason)
        click.echo(f"{_named(site, principal)}现在管理整个网站群。已告知审计管理员。")


COMMANDS = (rights, give, take, rescue)
