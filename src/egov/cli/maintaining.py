"""The command that shows a page about maintenance in place of the site: maintenance."""

from __future__ import annotations

from pathlib import Path

import click

from egov.cli.database import egov_settings
from egov.cli.recording import recorded


def _flag() -> Path:
    told = egov_settings().maintenance_file
    if not told:
        raise click.ClickException("请先在配置文件中设置 egov.maintenance_file。")
    return Path(told)


@click.group()
def maintenance() -> None:
    """Show a page about maintenance in place of the site, at once and in every process."""


@maintenance.command()
@click.argument("words", default="")
def on(words: str) -> None:
    """Begin; WORDS is what people are told, for example until when."""
    flag = _flag()
    with recorded() as work:
        flag.parent.mkdir(parents=True, exist_ok=True)
        flag.write_text(words, "utf-8")
        work.told = words or "开始维护"
    click.echo("网站现在显示维护页面；用 egov maintenance off 恢复。")


@maintenance.command()
def off() -> None:
    """End; the site answers again."""
    flag = _flag()
    with recorded() as work:
        flag.unlink(missing_ok=True)
        work.told = "结束维护"
    click.echo("网站已恢复。")


COMMANDS = (maintenance,)
