"""The editor's, reviewer's and administrator's face, generic over types."""

from __future__ import annotations

from typing import Any


def includeme(config: Any) -> None:
    """Static files and views."""
    config.add_static_view("static/manage", "egov.manage:static", cache_max_age=3600)
    config.scan("egov.manage")
