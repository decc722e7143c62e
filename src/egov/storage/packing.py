"""The last steps of a pack: verify the packed file, then put it in the place of the old one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ZODB.POSException import POSKeyError

from egov.base.i18n import _
from egov.storage.errors import Refused
from egov.storage.sums import Sum, scan, sums_path, sync_folder, write_sums


def verified_sums(storage: Any, packed: str, index: Any, end: int) -> list[Sum]:
    """Checksums of the packed file, once every object in it is equal to the one in the storage.

    Raises Refused otherwise and removes the packed file.
    """
    sums = list(scan(packed, 4, end))
    with Path(packed).open("rb") as source:
        os.fsync(source.fileno())
        different = [oid for oid, at in index.items() if not _equal(storage, source, oid, at)]
    if different or Path(packed).stat().st_size != end:
        Path(packed).unlink()
        text = _(
            "整理后的数据与原数据不同（${count} 个对象），已放弃整理，原数据没有改动。",
            mapping={"count": len(different)},
        )
        raise Refused(text)
    return sums


def _equal(storage: Any, source: Any, oid: bytes, at: int) -> bool:
    header = storage._read_data_header(at, oid, source)
    if header.plen:
        data = source.read(header.plen)
    else:
        data = storage._loadBack_impl(oid, header.back, fail=False, _file=source)[0]
    try:
        return bool((data, header.tid) == storage.load(oid))
    except POSKeyError:
        return data is None


def swap(path: str, sums: list[Sum]) -> None:
    """Put `path`.pack in the place of `path` and keep that as `path`.old.

    A file stands under `path` at every moment; `guard.settle` finishes a swap that was interrupted.
    """
    folder = Path(path).parent
    write_sums(Path(path + ".pack.sums"), sums)
    Path(path + ".index").unlink(missing_ok=True)
    kept = Path(path + ".old.new")
    kept.unlink(missing_ok=True)
    kept.hardlink_to(path)
    kept.rename(path + ".old")
    sync_folder(folder)
    Path(path + ".pack").rename(path)
    sync_folder(folder)
    Path(path + ".pack.sums").rename(sums_path(path))
    sync_folder(folder)
