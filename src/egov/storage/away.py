"""Telling that a database server does not answer from an error of ours; the engines share no class for it."""

from __future__ import annotations

from typing import Any

_SAID_BY = frozenset({"ZEO", "relstorage", "psycopg2"})
_SAID = frozenset(
    {
        "ClientDisconnected", "ClientStorageError", "DisconnectedException", "InterfaceError",
        "OperationalError", "ReplicaClosedException", "StorageDisconnectedDuringCommit",
    }
)  # fmt: skip


def is_away(error: BaseException) -> bool:
    """Whether an error says that the database server cannot be reached."""
    names = {
        cls.__name__ for cls in type(error).__mro__ if cls.__module__.partition(".")[0] in _SAID_BY
    }
    return not names.isdisjoint(_SAID) and "ServerException" not in names  # which it has answered


def is_known_away(database: Any) -> bool:
    """Whether a connection to the database server is known to be lost, without waiting for it."""
    is_connected = getattr(database.storage, "is_connected", None)
    return is_connected is not None and not is_connected()
