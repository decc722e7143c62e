"""The commands that keep the site group in order: doctor, evolve, jobs."""

from __future__ import annotations

from contextlib import nullcontext

import click
from rich.progress import Progress

from egov.base.i18n import told
from egov.cli.acting import console
from egov.cli.database import egov_settings, open_root, open_site, uri
from egov.cli.recording import recorded
from egov.evolve import rehearsing, running
from egov.operations.check import examine
from egov.operations.check import repair as repair_site
from egov.operations.commands import take_up
from egov.operations.jobs import run_jobs
from egov.storage.opening import Files, files_of
from egov.storage.postgres import keeps_checksums
from egov.storage.references import dangling, missing_blobs, orphaned_blobs, put_aside
from egov.storage.typed import waiting_files
from egov.storage.upkeep import Work
from egov.web.mail import sender_for


@click.command()
@click.option(
    "--repair", "repairs", is_flag=True, help="Put right what can be; each repair is recorded."
)
def doctor(repairs: bool) -> None:
    """Examine references, tree, catalog, audit chain and blobs; the server must be stopped."""
    with recorded() if repairs else nullcontext() as work:
        left = _doctor(work)
    click.echo("没有发现问题。" if not left else f"还有 {left} 个问题。")
    if left:
        raise SystemExit(1)


def _doctor(work: Work | None) -> int:
    """Examine, and repair where that is work; returns how much is left."""
    left, repairs = 0, work is not None
    with open_site() as site:  # holds the lock, so that what is found below is not being written
        files = files_of(uri())
        if repairs:
            done, remaining = repair_site(site, by=console())
            for finding in done:
                click.echo(f"已修复：{finding.what}")
        else:
            remaining = list(examine(site))
        for finding in remaining:
            hint = "" if finding.repair else "（需要从备份恢复）"
            click.echo(f"问题：{finding.what}{hint}")
        if keeps_checksums(site._p_jar.db().storage) is False:
            click.echo(
                "注意：PostgreSQL 没有启用 data_checksums，磁盘上改变的字节会被当作正确内容读出。"
                "请停止 PostgreSQL，运行 pg_checksums --enable。"
            )
        left += len(remaining)
        left += _examine_files(files, repairs=repairs) if files else 0
    if work is not None:
        work.is_done, work.told = not left, f"还有 {left} 个问题" if left else "没有问题"
    return left


def _examine_files(files: Files, *, repairs: bool) -> int:
    """Name what is wrong in the files; returns how much of it stays."""
    left = 0
    for record, oid in dangling(files):
        left += 1
        what = f"{record.class_name} 0x{record.oid.hex()} → 0x{oid.hex()}"
        click.echo(f"问题：引用的对象不存在：{what}（需要从备份恢复）")
    for path in missing_blobs(files):
        left += 1
        click.echo(f"问题：文件不见了：{path}（用 egov scrub --backup 备份目录 取回）")
    for path in list(orphaned_blobs(files)):
        if repairs:
            click.echo(f"已移走无人引用的文件：{put_aside(files, path)}")
        else:
            left += 1
            click.echo(f"问题：无人引用的文件：{path}")
    return left


@click.command()
def jobs() -> None:
    """Do what is due: publish, take down, remind, write letters, sweep; where the server's own thread is turned off."""
    with recorded() as work, open_site() as site:
        database = site._p_jar.db()
        settings = egov_settings()
        take_up(database, waiting_files(uri(), settings.upkeep_file))
        done = run_jobs(database, settings, sender_for(settings))
        told = f"已办理 {done} 项到期事项。"
        if done:  # a timer that found nothing to do would fill the log
            work.told = told
    click.echo(told)


@click.command()
@click.option(
    "--dry-run", is_flag=True, help="Do it all in a copy of what changes, and keep none of it."
)
def evolve(dry_run: bool) -> None:
    """Do the upgrade steps that a newer egov brings; may be stopped and goes on where it was."""
    with recorded() as work, open_root(evolving=True) as root, Progress() as bars:
        database = root._p_jar.db()
        tasks = {
            step.number: bars.add_task(f"{step.number} {told(step.title)}", total=1.0)
            for step in running.waiting(root)
        }

        def tell(now: running.Progress) -> None:
            bars.update(tasks[now.step.number], completed=now.part)

        run = rehearsing.rehearse if dry_run else running.evolve
        done = run(database, tell, by=console())
        if done and not dry_run:
            work.told = f"完成 {len(done)} 个升级步骤"
    if not done:
        click.echo("没有要做的升级步骤。")
    for result in done:
        click.echo(
            f"{'试做' if dry_run else '完成'}：{result.step.number} {told(result.step.title)}（{result.things} 项）"
        )
    if done and dry_run:
        click.echo("以上只是试做，什么也没有保存。")


COMMANDS = (doctor, evolve, jobs)
