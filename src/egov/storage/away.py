"""What an application must know of a database server: that it does not answer, and that it may have news."""

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
    """Whether an error says that the database server cannot be reached; the engines share no class for it."""
    names = {
        cls.__name__ for cls in type(error).__mro__ if cls.__module__.partition(".")[0] in _SAID_BY
    }
    return not names.isdisjoint(_SAID) and "ServerException" not in names  # which it has answered


def is_known_away(database: Any) -> bool:
    """Whether a connection to the database server is known to be lost, without waiting for it."""
    is_connected = getattr(database.storage, "is_connected", None)
    return is_connected is not None and not is_connected()


def hear_news(database: Any) -> None:
    """Wait until this process knows of all that was acknowledged before, by whichever process.

    A ZEO server tells of a commit a moment after it has acknowledged it; its answer to a question comes after all that
    it has told. Other storages are asked at the begin of each transaction. Raises what `is_away` tells.
    """
    ask = getattr(database.storage, "ping", None)
    if ask is not None:
        ask()
