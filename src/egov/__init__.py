"""egov: one object tree for a government's whole website group."""

from __future__ import annotations

from typing import Any

from egov.app import configure, make_app
from egov.base.errors import EgovError
from egov.base.i18n import told
from egov.web.jobs import start_jobs


def main(_global_config: dict[str, str], **settings: Any) -> Any:
    """The WSGI application; ends the process with a message where the database may not be opened."""
    try:
        config = configure(settings)
        application = make_app(config)
    except EgovError as error:
        raise SystemExit(f"egov: {told(error.message)}") from None
    start_jobs(config.registry)
    return application
