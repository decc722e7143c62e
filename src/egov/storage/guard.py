"""Whether a Data.fs may be opened: never a new one by accident, never one that has lost something."""

from __future__ import annotations

import logging
import os
import shutil
from itertools import count
from pathlib import Path

from egov.base.i18n import _
from egov.storage.errors import NoDatabase, Refused
from egov.storage.pages import pages_path
from egov.storage.sums import MAGIC, SumsFile, digest_of, sums_path, sync_folder

log = logging.getLogger(__name__)

HEADER = 23  # of a transaction: tid, length, status, three lengths
FINISHED_STATUS = (b" ", b"u", b"p")
# What commands leave beside a database also where there is none yet.
_NO_TRACE = (".lock", ".tmp", ".converting", ".commands", ".upkeep")
CHECKED_AT_START = 100  # transactions at the end; `egov scrub` reads them all


def settle(path: str) -> None:
    """Finish or undo a pack that was interrupted; the storage's lock must be held."""
    packed, packed_sums = Path(path + ".pack"), Path(path + ".pack.sums")
    if packed.exists():
        packed.unlink()
        packed_sums.unlink(missing_ok=True)
        log.warning("%s: an interrupted pack was undone", path)
    elif packed_sums.exists():
        # The packed file already stands in its place; its sums had yet to follow.
        Path(path + ".index").unlink(missing_ok=True)
        packed_sums.rename(sums_path(path))
        sync_folder(packed_sums.parent)
        log.warning("%s: an interrupted pack was finished", path)


def _unfinished(path: str) -> Path:
    return Path(path + ".converting")


def mark_unfinished(path: str) -> Path:
    """Note that a Data.fs is only being filled: it does not open until the mark is taken away."""
    mark = _unfinished(path)
    mark.touch()
    sync_folder(mark.parent)
    return mark


def look_for_folder(path: str, *, create: bool) -> None:
    """Make the folder of a database that may be made, for its owner alone; raises NoDatabase where it may not."""
    folder = Path(path).parent
    if create:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    elif not folder.is_dir():
        raise _none(path)


def _none(path: str) -> NoDatabase:
    return NoDatabase(_("还没有数据库 ${path}。请先运行 egov init。", mapping={"path": path}))


def check_before_opening(path: str, blobs: str | None, *, create: bool) -> None:
    """Raise NoDatabase or Refused unless the files are whole; cuts off a last transaction that was never finished."""
    if not create and _unfinished(path).exists():
        text = _("${path} 的转换还没有完成，请再运行一次 egov convert。", mapping={"path": path})
        raise Refused(text)
    if not Path(path).exists() or Path(path).stat().st_size < len(MAGIC):
        _refuse_if_there_was_one(path, blobs)
        if not create:
            raise _none(path)
        return
    _refuse_another_beginning(path)
    if not sums_path(path).exists():
        _refuse_if_there_were_sums(path)
        log.warning("%s has no checksums yet; they are made now", path)
        return
    sums = SumsFile(path)
    try:
        _settle_tail(path, sums)
        _settle_beyond(path, sums)
        _check_tail(path, sums)
    finally:
        sums.close()


def _refuse_if_there_was_one(path: str, blobs: str | None) -> None:
    beside = Path(path).parent.glob(Path(path).name + ".*")
    found = sorted(str(trace) for trace in beside if trace.suffix not in _NO_TRACE)
    if blobs and next(Path(blobs).rglob("*.blob"), None):
        found.append(blobs)
    if found:
        text = _(
            "${path} 不见了或是空的，但 ${found} 表明这里曾有数据库，因此不会新建。"
            "请用 egov restore 从备份恢复；如果是整理中断，${path}.old 是整理前的完整数据库，可以改回原名。",
            mapping={"path": path, "found": "、".join(found)},
        )
        raise Refused(text)


def _refuse_another_beginning(path: str) -> None:
    with Path(path).open("rb") as source:
        if source.read(len(MAGIC)) == MAGIC:
            return
    text = _(
        "${path} 的开头已损坏，或不是数据库，不会打开。请用 egov scrub --backup 或 egov restore 从备份恢复。",
        mapping={"path": path},
    )
    raise Refused(text)


def _refuse_if_there_were_sums(path: str) -> None:
    """Checksums of what stands there now would take for sound whatever has changed since they were lost."""
    if pages_path(path).exists():
        text = _(
            "${path} 的校验文件 ${path}.sums 不见了，不会打开。请找回它，或用 egov restore 从备份恢复；"
            "确信 ${path} 完好的，用 egov scrub --accept 重新建立校验。",
            mapping={"path": path},
        )
        raise Refused(text)


def _settle_tail(path: str, sums: SumsFile) -> None:
    """Decide on a last transaction that was voted on and perhaps not finished."""
    last = sums.last()
    if last is None or last.finished:
        return
    size = Path(path).stat().st_size
    with Path(path).open("rb", buffering=0) as source:
        if digest_of(source.fileno(), last.start, last.length) == last.digest:
            sums.finish()
            return
    sums.drop_last()
    if size > last.start:
        _cut(path, last.start)


def _settle_beyond(path: str, sums: SumsFile) -> None:
    """Cut off what follows the last known transaction, unless another tool of ZODB has finished it.

    After a power cut that may be anything: pages of a transaction that was not even voted on, in any order.
    """
    last = sums.last()
    if last is None and len(sums):
        return  # a damaged record: refused below
    size, at, tid = (
        Path(path).stat().st_size,
        last.end if last else len(MAGIC),
        last.tid if last else b"",
    )
    with Path(path).open("rb", buffering=0) as source:
        while at < size:
            header = os.pread(source.fileno(), HEADER, at)
            end = at + int.from_bytes(header[8:16], "big") + 8
            is_finished = header[16:17] in FINISHED_STATUS and header[:8] > tid
            if not is_finished or os.pread(source.fileno(), 8, end - 8) != header[8:16]:
                break
            at, tid = end, header[:8]
    if at < size:
        _cut(path, at)


def _cut(path: str, at: int) -> None:
    """Shorten the file, keeping what is cut off in a file of its own."""
    aside = next(p for n in count() if not (p := Path(f"{path}.tr{n}")).exists())
    with Path(path).open("r+b") as source, aside.open("wb") as target:
        source.seek(at)
        shutil.copyfileobj(source, target)
        target.flush()
        os.fsync(target.fileno())
        source.truncate(at)
        os.fsync(source.fileno())
    log.warning("%s: a transaction that was never finished was moved to %s", path, aside)


def _check_tail(path: str, sums: SumsFile) -> None:
    with Path(path).open("rb", buffering=0) as source:
        for number in range(max(0, len(sums) - CHECKED_AT_START), len(sums)):
            entry = sums[number]
            if entry is None or (
                digest_of(source.fileno(), entry.start, entry.length) != entry.digest
            ):
                text = _(
                    "${path} 已损坏或比上次短，不会打开。请用 egov scrub 查看损坏之处，"
                    "用 egov scrub --backup 或 egov restore 从备份恢复。",
                    mapping={"path": path},
                )
                raise Refused(text)
