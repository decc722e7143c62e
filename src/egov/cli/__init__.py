"""The egov command: thin, over the same operations as the web."""

from __future__ import annotations

from egov.cli.main import main

__all__ = ["main"]
