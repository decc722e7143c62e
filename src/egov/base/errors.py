"""The errors a person can cause; every one carries a message for that person.

EgovError
 ├─ Invalid     what was given cannot be taken; may name the fields
 ├─ Forbidden   the person may not do this
 ├─ NotFound    there is no such thing (or the person may not know of it)
 ├─ Conflict    somebody else was faster; nothing was changed
 ├─ Busy        the server has too much to do just now; nothing was changed
 └─ Unusable    a file or folder of the machine cannot be read or written
"""

from __future__ import annotations

import errno
from collections.abc import Mapping

from egov.base.i18n import Message, _

_REASONS = {
    errno.EACCES: _("没有权限"),
    errno.EPERM: _("没有权限"),
    errno.ENOENT: _("不存在"),
    errno.EEXIST: _("已经存在"),
    errno.ENOTDIR: _("不是目录"),
    errno.EISDIR: _("是目录，不是文件"),
    errno.ENOSPC: _("磁盘已满"),
    errno.EDQUOT: _("磁盘配额已满"),
    errno.EROFS: _("磁盘只能读取"),
    errno.EIO: _("磁盘读写出错"),
}


class EgovError(Exception):
    """Base of all errors with a message for the person who caused them."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message


class Invalid(EgovError):
    """What was given cannot be taken; `fields` maps field names to their messages."""

    def __init__(self, message: Message, fields: Mapping[str, Message] | None = None) -> None:
        super().__init__(message)
        self.fields: dict[str, Message] = dict(fields or {})


class Forbidden(EgovError):
    """The person may not do this; the faces answer as if the thing were missing."""


class NotFound(EgovError):
    """There is no such thing, or the person may not know of it."""


class Conflict(EgovError):
    """The thing was changed by somebody else in between; nothing was written."""


class Busy(EgovError):
    """The server has too much to do just now; nothing was written, and later it will be."""


class Unusable(EgovError):
    """A file or folder of the machine that cannot be read or written as it must be."""


def of_machine(error: OSError) -> Unusable:
    """What an error of the operating system says to the person who gave the command."""
    reason = _REASONS.get(error.errno or 0) or error.strerror or str(error)
    if error.filename is None:
        return Unusable(_("没有做成：${reason}。", mapping={"reason": reason}))
    facts = {"path": str(error.filename), "reason": reason}
    return Unusable(_("没有做成：${path} ${reason}。", mapping=facts))


def message_of(error: BaseException) -> Message | None:
    """What an error says to the person who caused it; None for a fault of the program."""
    if isinstance(error, EgovError):
        return error.message
    return of_machine(error).message if isinstance(error, OSError) else None
