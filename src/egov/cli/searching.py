"""The command that builds the search indexes anew: reindex."""

from __future__ import annotations

from datetime import timedelta

import click
from rich.progress import Progress

from egov.app import settle
from egov.base import clock
from egov.cli.database import egov_settings, open_site
from egov.cli.recording import recorded
from egov.model.site import SiteGroup
from egov.search.index import SearchIndex, working_index

KEPT = timedelta(days=30)  # of the journal; an index that is older than that is built anew


@click.command()
def reindex() -> None:
    """Build the search indexes anew beside the old ones, then take them into use; searching goes on meanwhile."""
    folder = egov_settings().search_dir
    if not folder:
        raise click.ClickException("没有设置 egov.search_dir，搜索没有启用。")
    with recorded() as work, open_site() as site, Progress() as progress:
        settle()
        counts = [
            _rebuilt(index, site, progress, title)
            for index, title in (
                (SearchIndex(folder), "公开内容"),
                (working_index(folder), "管理平台"),
            )
        ]
        site.catalog.journal.forget(clock.micros(clock.now() - KEPT))
        work.told = f"已为 {counts[0]} 项公开内容、管理平台的 {counts[1]} 项内容建立索引。"
    click.echo(work.told)


def _rebuilt(index: SearchIndex, site: SiteGroup, progress: Progress, title: str) -> int:
    task = progress.add_task(title, total=None)
    try:
        return index.rebuild(site, lambda done: progress.update(task, completed=done))
    except BlockingIOError:
        raise click.ClickException("另一个进程正在写索引，请稍后再试。") from None


COMMANDS = (reindex,)
