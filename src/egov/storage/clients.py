"""What the client of a database server keeps for itself: nothing on its disk that is not compared when it is read.

Objects are kept in memory. Copies of blobs stand on the disk; each is compared with its SHA-256, and one that is
damaged is dropped, since the server has it whole.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ZEO.cache import ZEC_HEADER_SIZE, ClientCache, magic
from ZEO.ClientStorage import ClientStorage
from ZODB.utils import z64
from zodburi.resolvers import ClientStorageURIResolver

from egov.base.i18n import _
from egov.storage.errors import Refused

_CACHE_BYTES = 20 << 20  # as ZEO's own


class MemoryCache(ClientCache):
    """ZEO's cache in memory instead of a temporary file, which it would read back from the disk as it is there."""

    f: Any

    def __init__(self, size: int) -> None:
        super().__init__(None, size)
        self.f.close()
        self.f = os.fdopen(os.memfd_create("egov-zeo-cache"), "wb+")
        self.f.write(magic + z64)
        self._initfile(ZEC_HEADER_SIZE)


class ZeoResolver(ClientStorageURIResolver):
    """zeo:// URIs: as zodburi reads them, with a cache in memory unless the URI asks for another."""

    def interpret_kwargs(self, kw: dict[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
        """The client's arguments, and the rest."""
        known, rest = super().interpret_kwargs(kw)
        if "client" not in known:
            known["cache"] = MemoryCache(known.get("cache_size", _CACHE_BYTES))
        return known, rest


def refuse_kept_objects(storage: Any) -> None:
    """Raise Refused, and close it, where a storage keeps objects in a file: nobody would see that a byte flipped."""
    cache, options = getattr(storage, "_cache", None), getattr(storage, "_options", None)
    kept = getattr(cache, "path", None) or getattr(options, "cache_local_dir", None)
    if kept:
        storage.close()
        text = _(
            "数据库客户端的缓存文件 ${path} 不能发现损坏，因此不会使用。请去掉 client= 或 cache-local-dir。",
            mapping={"path": str(kept)},
        )
        raise Refused(text)


def drop_copy(storage: Any, path: str) -> bool:
    """Remove a blob's file if it is only a copy of what the server has; whether it was."""
    folder = _copies(storage)
    if folder is None or not Path(path).is_relative_to(folder):
        return False
    Path(path).unlink(missing_ok=True)
    return True


def _copies(storage: Any) -> str | None:
    """The folder where a storage keeps copies of blobs; None where they are the blobs themselves."""
    if isinstance(storage, ClientStorage):
        return None if storage.shared_blob_dir else storage.fshelper.base_dir
    helper: Any = getattr(storage, "blobhelper", None)  # RelStorage's
    return helper.fshelper.base_dir if type(helper).__name__ == "CacheBlobHelper" else None
