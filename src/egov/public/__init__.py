"""The visitor's face: portal, subsites, sections and items, generic over types."""

from __future__ import annotations

from typing import Any

from egov.public.errors import error_values
from egov.public.home import filled_blocks


def includeme(config: Any) -> None:
    """Static files, views, the surroundings of the error pages, and which blocks are filled, for the back office."""
    # The addresses in pages carry a version, so that browsers may keep the files.
    config.add_static_view("static/public", "egov.public:static", cache_max_age=30 * 24 * 3600)
    config.registry.error_frames["public"] = error_values
    config.registry.filled_blocks = filled_blocks
    config.scan("egov.public")
