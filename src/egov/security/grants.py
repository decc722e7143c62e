"""Grant: one role given to one principal on one node."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from egov.base import clock
from egov.base.i18n import Message, _

EVERYONE = "Everyone"
AUTHENTICATED = "Authenticated"
EVERYBODY = frozenset({EVERYONE, AUTHENTICATED})  # principals that name no certain people

# The roles that can be granted, from the least to the most; `owner` is computed, never granted.
ROLE_TITLES: dict[str, Message] = {
    "reader": _("读者"),
    "author": _("撰稿人"),
    "editor": _("编辑"),
    "reviewer": _("审核人"),
    "publisher": _("发布人"),
    "manager": _("管理员"),
}
OWNER_TITLE = _("本人（作者）")


class Grant(NamedTuple):
    """A role for a principal on the node that stores it, and on all below that inherit."""

    principal: str
    role: str
    by: str
    at: datetime
    until: datetime | None = None
    may_delegate: bool = False
    reason: str = ""

    def is_active(self) -> bool:
        """Whether the grant has not ended."""
        return self.until is None or clock.now() < self.until
