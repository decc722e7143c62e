"""The commands that look after the database's files: scrub, backup, restore, pack, convert."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from egov.base import clock
from egov.cli.database import uri
from egov.storage.backup import backup as take
from egov.storage.converting import convert as copy_all
from egov.storage.mending import mend
from egov.storage.opening import Files, files_of, open_database
from egov.storage.restore import restore as bring_back
from egov.storage.restore import verify
from egov.storage.scrub import accept, when
from egov.storage.scrub import scrub as read_all

FOLDER = click.Path(file_okay=False, path_type=Path)


def our_files() -> Files:
    """The database's files; raises ClickException where it has none on this machine."""
    found = files_of(uri())
    if found is None:
        raise click.ClickException("此命令用于 file:// 数据库；其他存储见 docs/deploy.md。")
    return found


@click.command()
@click.option("--backup", "folder", type=FOLDER, help="Put back what is damaged from this backup.")
@click.option(
    "--accept", "accepts", is_flag=True, help="Make the checksums anew from Data.fs as it is."
)
def scrub(folder: Path | None, accepts: bool) -> None:
    """Read every transaction, record and blob, and name what is damaged."""
    files = our_files()
    if accepts:
        click.echo(f"已为 {accept(files)} 个事务重新建立校验。")
    report = read_all(files)
    click.echo(
        f"读取 {report.transactions} 个事务、{report.records} 个记录、{report.blobs} 个文件。"
    )
    if not report.damages:
        click.echo("没有发现损坏。")
        return
    if folder is None:
        for damage in report.damages:
            click.echo(f"损坏：{damage}")
        click.echo(
            "停止服务后，用 egov scrub --backup 备份目录 取回；或用 egov restore 恢复到另一目录。"
        )
        raise SystemExit(1)
    found = mend(files, report, folder)
    for damage, name in found:
        click.echo(f"损坏：{damage}\n  " + (f"已从备份 {name} 取回。" if name else "备份中没有。"))
    if read_all(files).damages:
        raise SystemExit(1)
    click.echo("全部取回，校验无误。")


@click.command()
@click.argument("folder", type=FOLDER)
@click.option("--keep", type=click.IntRange(min=1), help="Keep only so many of the newest backups.")
@click.option("--check", "checks", is_flag=True, help="Read all backups there and verify them.")
def backup(folder: Path, keep: int | None, checks: bool) -> None:
    """Add to FOLDER what is new since its last backup; the server may run."""
    taken = take(our_files(), folder, keep=keep or 0)
    click.echo(f"备份 {taken.point.name}：{taken.transactions} 个事务、{taken.blobs} 个文件。")
    for path in taken.damaged:
        click.echo(f"损坏的文件：{path}")
    wrong = verify(folder) if checks else []
    for path in wrong:
        click.echo(f"备份中损坏：{path}")
    if taken.damaged or wrong:
        raise SystemExit(1)


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--into", type=FOLDER, required=True, help="A folder that does not exist yet.")
@click.option(
    "--to",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"]),
    help="The time to restore, as in the office; the newest if not given.",
)
def restore(folder: Path, into: Path, to: datetime | None) -> None:
    """Bring the database back from FOLDER as it was at a time; the one in use is not touched."""
    done = bring_back(folder, into, to=to.replace(tzinfo=clock.OFFICE_ZONE) if to else None)
    click.echo(f"已从备份 {done.point.name} 恢复到 {into}：")
    click.echo(f"{done.transactions} 个事务、{done.blobs} 个文件，截至 {when(done.tid)}（UTC）。")


@click.command()
@click.option("--days", type=click.IntRange(min=0), default=30, show_default=True)
def pack(days: int) -> None:
    """Drop what was deleted or replaced more than DAYS ago; Data.fs.old stays as it was before."""
    database = open_database(uri())
    before = database.getSize()
    try:
        database.pack(days=days)
        click.echo(f"整理完成：{before:,} → {database.getSize():,} 字节。")
    finally:
        database.close()


@click.command()
@click.argument("source")
@click.argument("target")
def convert(source: str, target: str) -> None:
    """Copy the database of the URI SOURCE into the empty one of TARGET, and compare both."""
    done = copy_all(source, target)
    click.echo(
        f"已转换 {done.transactions} 个事务、{done.objects} 个对象、{done.blobs} 个文件，比较无误。"
    )


COMMANDS = (scrub, backup, restore, pack, convert)
