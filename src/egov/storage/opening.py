"""Opening the database that a URI names; `file://` means the safe storage."""

from __future__ import annotations

import re
import shutil
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from zc.lockfile import LockError
from ZConfig import ConfigurationError, SchemaResourceError
from ZODB import DB
from ZODB.broken import find_global
from ZODB.DemoStorage import DemoStorage
from ZODB.MappingStorage import MappingStorage
from ZODB.POSException import POSKeyError
from ZODB.utils import load_current, z64
from zodburi import resolve_uri

from egov.base.errors import of_machine
from egov.base.i18n import _
from egov.storage.away import is_away
from egov.storage.clients import ZeoResolver, refuse_kept_objects
from egov.storage.engine import SafeStorage
from egov.storage.errors import NoDatabase, Refused


class _Database(DB):
    """A database that looks for a class once, and not with every object that is loaded."""

    def classFactory(self, _connection: Any, module: str, name: str) -> Any:  # noqa: N802
        return _class_of(module, name)


@cache
def _class_of(module: str, name: str) -> Any:
    return find_global(module, name)


class Files(NamedTuple):
    """Where a `file://` database lives."""

    data: str
    blobs: str | None


def files_of(uri: str) -> Files | None:
    """The files that a `file://` URI names; None for any other storage."""
    found = re.match(r"file://([^?]*)(?:\?(.*))?", uri)
    if not found:
        return None
    return Files(found.group(1), dict(parse_qsl(found.group(2) or "")).get("blobstorage_dir"))


def open_database(
    uri: str, name: str = "", databases: dict[str, Any] | None = None, *, create: bool = False
) -> Any:
    """The ZODB database of a URI; only with `create` is one made.

    Raises NoDatabase where there is none, Refused where the files are not whole.
    """
    storage, options = open_storage(uri, create=create)
    scratch = isinstance(storage, MappingStorage | DemoStorage)
    if not (create or scratch) and not has_root(storage):
        storage.close()
        raise NoDatabase(_("数据库是空的。请先运行 egov init。"))
    options["database_name"] = name
    return _Database(storage, databases=databases, **options)


def open_storage(uri: str, *, create: bool = False) -> tuple[Any, dict[str, Any]]:
    """The storage of a URI and the options for its database; raises as open_database does."""
    factory, options = _resolved(uri)
    files = files_of(uri)
    try:
        storage = SafeStorage(*files, create=create) if files else factory()
    except LockError:
        text = _("数据库正被另一个进程使用。请先停止它，或改用 zeo://（见 docs/deploy.md）。")
        raise Refused(text) from None
    except Exception as error:
        if isinstance(error, OSError) and files:
            raise of_machine(error) from None
        if not is_away(error):
            raise
        text = _(
            "数据库服务没有应答：${error}",
            mapping={"error": str(error).strip() or type(error).__name__},
        )
        raise Refused(text) from None
    refuse_kept_objects(storage)
    return storage, options


def _resolved(uri: str) -> tuple[Any, dict[str, Any]]:
    try:
        factory, options = resolve_uri(uri)
        if uri.startswith("zeo://"):
            factory, _rest = ZeoResolver()(uri)
    except SchemaResourceError as error:
        facts = {"package": str(error.package)}
        text = _("数据库的配置要用的 ${package} 没有安装，见 docs/deploy.md。", mapping=facts)
        raise Refused(text) from None
    except (ConfigurationError, LookupError, TypeError, ValueError) as error:
        text = _("配置中的数据库地址不能用：${error}", mapping={"error": str(error)})
        raise Refused(text) from None
    return factory, options


def has_root(storage: Any) -> bool:
    """Whether there is anything in a storage."""
    try:
        load_current(storage, z64)
    except POSKeyError:
        return False
    return True


def remove(files: Files) -> None:
    """Take away a database that was just made and could not be filled."""
    for end in ("", ".sums", ".pages", ".index", ".lock", ".tmp"):
        Path(files.data + end).unlink(missing_ok=True)
    if files.blobs:
        shutil.rmtree(files.blobs, ignore_errors=True)
