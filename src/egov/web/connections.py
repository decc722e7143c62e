"""The request's connection to the database, kept open from one request to the next.

Opening one and closing it again costs more than most of what a page does. So a connection keeps its transaction
manager; in between it belongs to no transaction, holds nothing of the storage and costs its objects in memory, as in
the database's own pool.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Any

from transaction import TransactionManager
from transaction.interfaces import NoTransaction

log = logging.getLogger(__name__)


class _Manager(TransactionManager):
    """A manager of explicit transactions that does not mind to be told to end what has ended.

    So it is told by a database that is closed, and after every transaction that was committed.
    """

    def abort(self) -> None:
        """Give up the transaction, if there is one."""
        with suppress(NoTransaction):
            super().abort()

    def unregisterSynch(self, synch: Any) -> None:  # noqa: N802
        """Forget the connection, if it was known."""
        if self.registeredSynchs():
            super().unregisterSynch(synch)


class Lease:
    """What a request works with; nobody else has it meanwhile."""

    def __init__(self, database: Any) -> None:
        self.manager = _Manager(explicit=True)
        self.connection: Any = None  # until a request asks for the database
        self._database = database

    def attend(self) -> Any:
        """The connection, which sees the database as it is now, in the transaction that has begun."""
        if self.connection is None:
            self.connection = self._database.open(self.manager)
        else:
            self.manager.registerSynch(self.connection)
        return self.connection

    def end(self) -> None:
        """Give up what was not committed."""
        self.manager.abort()
        # All that there are: a connection that could not be opened has told of itself before it failed.
        self.manager.clearSynchs()

    def loads(self) -> int:
        """How many objects the request has loaded; counted once."""
        return self.connection.getTransferCounts(True)[0] if self.connection is not None else 0


class Connections:
    """What is free in a process; there are as many as requests were ever answered at once."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._free: list[Lease] = []  # the last first: it has what was just read in memory

    def take(self) -> Lease:
        """A lease for a request."""
        try:
            return self._free.pop()
        except IndexError:
            return Lease(self._database)

    def give_back(self, lease: Lease) -> None:
        """Take a lease back; one that cannot be ended is not used again, and whoever had it has an answer already."""
        try:
            lease.end()
        except Exception as error:  # noqa: BLE001  whatever a lost server's client says
            log.warning("a connection is given up: %r", error)
        else:
            self._free.append(lease)
