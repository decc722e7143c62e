"""What PostgreSQL itself must do so that no damage is read unseen: RelStorage leaves that to it."""

from __future__ import annotations

from typing import Any


def keeps_checksums(storage: Any) -> bool | None:
    """Whether the server of a RelStorage compares the pages that it reads; None where the storage is another."""
    adapter: Any = getattr(storage, "_adapter", None)
    if type(adapter).__name__ != "PostgreSQLAdapter":
        return None

    def ask(_connection: Any, cursor: Any) -> bool:
        cursor.execute("SHOW data_checksums")
        return bool(cursor.fetchone()[0] in ("on", b"on"))

    return bool(adapter.connmanager.open_and_call(ask))
