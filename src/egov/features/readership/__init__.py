"""Readership: what was read, and whether readers found it useful; numbers only, no word about who it was."""

from __future__ import annotations

from typing import Any


def includeme(config: Any) -> None:
    """Add the readers' answer and the editors' page."""
    config.scan("egov.features.readership")
