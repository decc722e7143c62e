"""Why a database is not opened, copied or trusted, and why an object is not given out."""

from __future__ import annotations

from egov.base.errors import EgovError
from egov.base.i18n import Message, _


class NoDatabase(EgovError):
    """There is no database yet, and nothing says that there ever was one."""


class Refused(EgovError):
    """The files are not what they were when they were last closed; opening them could lose more."""


class Damaged(EgovError):
    """What was read is not what was written, so it is not given out.

    It holds nothing but bytes and numbers: a database server sends it to its clients.
    """

    def __init__(
        self, position: int, tid: bytes = b"", oid: bytes = b"", where: str = "Data.fs"
    ) -> None:
        Exception.__init__(self, position, tid, oid, where)
        self.position, self.tid, self.oid, self.where = position, tid, oid, where

    @property
    def message(self) -> Message:  # type: ignore[override]
        """What is damaged, and what to do."""
        return _(
            "数据库中有损坏，没有读出：${what}。请停止服务，运行 egov scrub --backup 备份目录 取回。",
            mapping={"what": str(self)},
        )

    def __str__(self) -> str:
        parts = [f"{self.where} {self.position}"]
        parts += [f"tid 0x{self.tid.hex()}"] if self.tid else []
        parts += [f"oid 0x{self.oid.hex()}"] if self.oid else []
        return " ".join(parts)


def damage_of(error: BaseException) -> Damaged | None:
    """The damage that an error tells of, also where a database server has sent it."""
    if isinstance(error, Damaged):
        return error
    name, told = (*error.args, None, None)[:2]
    if name == f"{Damaged.__module__}.{Damaged.__name__}" and isinstance(told, dict):
        return Damaged(**told)
    return None
