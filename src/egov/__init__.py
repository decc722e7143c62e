"""egov: one object tree for a government's whole website group."""

from __future__ import annotations

from typing import Any

from egov.app import configure


def main(_global_config: dict[str, str], **settings: Any) -> Any:
    """The WSGI application."""
    return configure(settings).make_wsgi_app()
