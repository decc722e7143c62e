"""The command that builds the search index anew: reindex."""

from __future__ import annotations

from datetime import timedelta

import click
from rich.progress import Progress

from egov.base import clock
from egov.cli.database import egov_settings, open_site
from egov.search.index import SearchIndex

KEPT = timedelta(days=30)  # of the journal; an index that is older than that is built anew


@click.command()
def reindex() -> None:
    """Build the search index anew beside the old one, then take it into use; searching goes on meanwhile."""
    folder = egov_settings().search_dir
    if not folder:
        raise click.ClickException("没有设置 egov.search_dir，搜索没有启用。")
    with open_site() as site, Progress() as progress:
        task = progress.add_task("建立索引", total=None)
        try:
            count = SearchIndex(folder).rebuild(
                site, lambda done: progress.update(task, completed=done)
            )
        except BlockingIOError:
            raise click.ClickException("另一个进程正在写索引，请稍后再试。") from None
        site.catalog.journal.forget(clock.micros(clock.now() - KEPT))
    click.echo(f"已为 {count} 项内容建立索引。")


COMMANDS = (reindex,)
