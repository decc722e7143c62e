"""Subscriptions by mail: to what is new in a site or section, or for a question."""

from __future__ import annotations

from typing import Any


def includeme(config: Any) -> None:
    """Add the forms for readers and the page for who answers for the addresses."""
    config.scan("egov.features.subscriptions")
