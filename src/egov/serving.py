"""A server's start: the application, its jobs, and what is loaded once the first pages are out."""

from __future__ import annotations

import gc
import logging
from importlib import import_module
from typing import Any

from egov.app import configure, make_app, settle
from egov.base.errors import EgovError
from egov.base.i18n import told
from egov.features.readership.counting import start_counting
from egov.storage.postgres import keeps_checksums
from egov.web.evolving import evolve_meanwhile
from egov.web.jobs import start_jobs

log = logging.getLogger(__name__)

AFTER_FIRST_PAGES = 5.0  # seconds


def serve(_global_config: dict[str, str], **settings: Any) -> Any:
    """The WSGI application; ends the process with a message where the database may not be opened."""
    gc.disable()  # nothing of what a start makes is garbage
    try:
        config = configure(settings)
        application = make_app(config)
        background, database = config.registry.background, config.registry._zodb_databases[""]
        background.at_end(database.close)
        evolve_meanwhile(config.registry)
    except EgovError as error:
        raise SystemExit(f"egov: {told(error.message)}") from None
    finally:
        gc.enable()
    if keeps_checksums(database.storage) is False:
        log.warning(
            "data_checksums is off: PostgreSQL shows damage on its disk as if it were sound"
        )
    start_jobs(config.registry)
    start_counting(config.registry)
    background.later("dictionaries", AFTER_FIRST_PAGES, _load_dictionaries)
    background.attend()
    settle()
    return application


def _load_dictionaries() -> None:
    """What the first to write or to look for something would wait for; they are many objects, which stay."""
    for name in ("egov.base.pinyin", "rjieba"):
        import_module(name)
    settle()
