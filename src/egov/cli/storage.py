"""The commands that look after the database's files: scrub, backup, restore, pack, convert."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

import click

from egov.base import clock
from egov.base.errors import EgovError
from egov.cli.database import egov_settings, uri
from egov.cli.recording import put_on_record, recorded, typed
from egov.storage.archive import Archive
from egov.storage.backup import backup as take
from egov.storage.converting import convert as copy_all
from egov.storage.mending import mend
from egov.storage.opening import Files, files_of, open_database
from egov.storage.restore import restore as bring_back
from egov.storage.scrub import Report, accept, when
from egov.storage.scrub import scrub as read_all
from egov.storage.typed import put_down, waiting_files
from egov.storage.upkeep import BACKUP, PACK, SCRUB, Work, noting, upkeep_file

KEPT_BACKUPS = click.Path(exists=True, file_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)


def _read_secret(_ctx: object, _param: object, path: Path | None) -> bytes | None:
    if path is None:
        return None
    secret = path.read_bytes().strip()
    if len(secret) < SHORTEST_SECRET:
        raise click.BadParameter(f"密钥至少要有 {SHORTEST_SECRET} 个字符。")
    return secret


SHORTEST_SECRET = 16
SECRET = click.option(
    "--key-file",
    "secret",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    envvar="EGOV_BACKUP_KEY_FILE",
    callback=_read_secret,
    help="A file with the key or passphrase of a sealed backup (or EGOV_BACKUP_KEY_FILE).",
)


def our_files() -> Files:
    """The database's files; raises ClickException where it has none on this machine."""
    found = files_of(uri())
    if found is None:
        raise click.ClickException("此命令用于 file:// 数据库；其他存储见 docs/deploy.md。")
    return found


@contextmanager
def _noting(what: str) -> Iterator[Work]:
    """Note how a piece of work ends: for the administrator's page and the metrics, and on record."""
    with recorded() as told, noting(upkeep_file(uri(), egov_settings().upkeep_file), what) as work:
        try:
            yield work
        finally:
            told.is_done, told.told = work.is_done, work.told


@click.command()
@click.option(
    "--backup", "folder", type=KEPT_BACKUPS, help="Put back what is damaged from this backup."
)
@click.option(
    "--accept", "accepts", is_flag=True, help="Make the checksums anew from Data.fs as it is."
)
@SECRET
def scrub(folder: Path | None, accepts: bool, secret: bytes | None) -> None:
    """Read every transaction, record and blob, and name what is damaged."""
    files = our_files()
    if accepts:
        with recorded() as work:
            work.told = f"已为 {accept(files)} 个事务重新建立校验。"
            click.echo(work.told)
    with _noting(SCRUB) as work:
        report = read_all(files)
        work.told = (
            f"读取 {report.transactions} 个事务、{report.records} 个记录、{report.blobs} 个文件"
        )
        click.echo(f"{work.told}。")
        if not report.damages:
            click.echo("没有发现损坏。")
            return
        work.is_done = False
        work.told += f"，发现 {len(report.damages)} 处损坏"
        if folder is None:
            _tell_damage(report)
            raise SystemExit(1)
        found = mend(files, report, folder, secret=secret)
        for damage, name in found:
            click.echo(
                f"损坏：{damage}\n  " + (f"已从备份 {name} 取回。" if name else "备份中没有。")
            )
        if read_all(files).damages:
            click.echo(
                "备份中没有的取不回来。可以用 egov restore 把最近的备份恢复到另一目录，"
                "但备份之后的更改会失去。"
            )
            raise SystemExit(1)
        work.is_done = True
        work.told += "，全部从备份取回"
    click.echo("全部取回，校验无误。")


def _tell_damage(report: Report) -> None:
    for damage in report.damages:
        click.echo(f"损坏：{damage}")
    click.echo(
        "停止服务后，用 egov scrub --backup 备份目录 取回；或用 egov restore 恢复到另一目录。"
    )


@click.command()
@click.argument("folder", type=FOLDER)
@click.option("--keep", type=click.IntRange(min=1), help="Keep only so many of the newest backups.")
@click.option(
    "--keep-monthly",
    "monthly",
    type=click.IntRange(min=0),
    default=0,
    help="With --keep: also keep the last backup of each of so many months.",
)
@click.option("--check", "checks", is_flag=True, help="Read all backups there and verify them.")
@SECRET
def backup(
    folder: Path, keep: int | None, monthly: int, checks: bool, secret: bytes | None
) -> None:
    """Add to FOLDER what is new since its last backup; the server may run."""
    with _noting(BACKUP) as work:
        try:
            taken = take(our_files(), folder, keep=keep or 0, monthly=monthly, secret=secret)
        except EgovError:
            if checks and folder.exists():  # what was kept before matters the more
                _read_back(folder, secret)
            raise
        work.told = f"备份 {taken.transactions} 个事务、{taken.blobs} 个文件"
        click.echo(f"{work.told}，备份点 {taken.point.name}。")
        for path in taken.damaged:
            click.echo(f"损坏的文件：{path}")
        wrong = _read_back(folder, secret) if checks else []
        if checks and not wrong:
            work.told += "，已全部读回核对"
        if taken.damaged or wrong:
            work.told += f"，{len(taken.damaged) + len(wrong)} 个文件已损坏"
            raise SystemExit(1)


def _read_back(folder: Path, secret: bytes | None) -> list[str]:
    wrong = Archive(folder, secret).verify()
    for path in wrong:
        click.echo(f"备份中损坏：{path}")
    if not wrong:
        click.echo("备份已全部读回，校验无误。")
    return wrong


@click.command()
@click.argument("folder", type=KEPT_BACKUPS)
@click.option("--into", type=FOLDER, required=True, help="A folder that does not exist yet.")
@click.option(
    "--to",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"]),
    help="The time to restore, as in the office; the newest if not given.",
)
@SECRET
def restore(folder: Path, into: Path, to: datetime | None, secret: bytes | None) -> None:
    """Bring the database back from FOLDER as it was at a time; the one in use is not touched."""
    moment = to.replace(tzinfo=clock.OFFICE_ZONE) if to else None
    with recorded() as work:
        done = bring_back(folder, into, to=moment, secret=secret)
        work.told = f"已从备份 {done.point.name} 恢复到 {into}"
        ours = f"{done.transactions} 个事务、{done.blobs} 个文件，截至 {when(done.tid)}（UTC）。"
        # What was brought back tells of it itself, once it is opened.
        put_down(waiting_files(f"file://{into.absolute()}/Data.fs")[0], typed(work))
        if done.missing:
            work.is_done = False
    click.echo(f"{work.told}：\n{ours}")
    for name in done.missing:
        click.echo(f"备份中没有这个文件：{name}")
    if done.missing:
        raise SystemExit(1)


@click.command()
@click.option("--days", type=click.IntRange(min=0), default=30, show_default=True)
def pack(days: int) -> None:
    """Drop what was deleted or replaced more than DAYS ago; Data.fs.old stays as it was before."""
    with _noting(PACK) as work, closing(open_database(uri())) as database:
        before = database.getSize()
        database.pack(days=days)
        work.told = f"整理完成：{before:,} → {database.getSize():,} 字节"
    click.echo(f"{work.told}。")


@click.command()
@click.argument("source")
@click.argument("target")
def convert(source: str, target: str) -> None:
    """Copy the database of the URI SOURCE into the empty one of TARGET, and compare both."""
    with recorded() as work:
        done = copy_all(source, target)
        work.told = f"已转换 {done.transactions} 个事务、{done.objects} 个对象、{done.blobs} 个文件，比较无误。"
        put_on_record(typed(work), target)
    click.echo(work.told)


COMMANDS = (scrub, backup, restore, pack, convert)
