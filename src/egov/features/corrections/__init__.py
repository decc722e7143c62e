"""Find an error (我要纠错): any reader tells of a mistake, the editors of that site see to it."""

from __future__ import annotations

from typing import Any


def includeme(config: Any) -> None:
    """Add the form and the editors' page."""
    config.scan("egov.features.corrections")
