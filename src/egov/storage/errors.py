"""Why a database is not opened, copied or trusted."""

from __future__ import annotations

from egov.base.errors import EgovError


class NoDatabase(EgovError):
    """There is no database yet, and nothing says that there ever was one."""


class Refused(EgovError):
    """The files are not what they were when they were last closed; opening them could lose more."""
