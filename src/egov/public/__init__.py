"""The visitor's face: portal, subsites, sections and items, generic over types."""

from __future__ import annotations

from typing import Any


def includeme(config: Any) -> None:
    """Static files and views."""
    config.add_static_view("static/public", "egov.public:static", cache_max_age=3600)
    config.scan("egov.public")
