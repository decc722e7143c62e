"""What is remembered of a full disk: for half a minute reading requests write nothing by the way."""

from __future__ import annotations

import errno
from time import monotonic
from typing import Any

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
SPARING_SECONDS = 30


def note_full(registry: Any) -> None:
    """Remember that the disk is full at present."""
    registry.disk_full_at = monotonic()


def is_sparing(registry: Any) -> bool:
    """Whether the disk was full a moment ago, so that nothing should be written that can wait."""
    at: float | None = getattr(registry, "disk_full_at", None)
    return at is not None and monotonic() - at < SPARING_SECONDS
