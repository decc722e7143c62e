"""Writing in a transaction of its own, beside the request's: what must stay whatever becomes of that one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import transaction

from egov.model.site import SiteGroup
from egov.operations.setup import ROOT_KEY

_ATTEMPTS = 5


def write_apart(registry: Any, write: Callable[[SiteGroup], object]) -> None:
    """Do something to the site group and commit it; raises what the storage does, OSError for a full disk."""
    manager = transaction.TransactionManager()
    connection = registry._zodb_databases[""].open(manager)
    try:
        for attempt in manager.attempts(_ATTEMPTS):
            with attempt:
                write(connection.root()[ROOT_KEY])
    finally:
        manager.abort()
        connection.close()
