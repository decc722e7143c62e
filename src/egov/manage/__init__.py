"""The editor's, reviewer's and administrator's face, generic over types."""

from __future__ import annotations

from typing import Any

from egov.manage.errors import error_values
from egov.manage.resuming import AGAIN, FILLED


def includeme(config: Any) -> None:
    """Static files, views, and the surroundings of the error pages."""
    # The addresses in pages carry a version, so that browsers may keep the files.
    config.add_static_view("static/manage", "egov.manage:static", cache_max_age=30 * 24 * 3600)
    config.registry.error_frames["manage"] = error_values
    config.registry.kept_views, config.registry.filled_views = FILLED | AGAIN, FILLED
    config.registry.marks_known = {}  # uid of a site -> what the desk says of its columns
    config.scan("egov.manage")
