"""The request's connection to the database, kept open from one request to the next.

Opening one and closing it again costs more than most of what a page does. So a connection keeps its transaction
manager; in between it belongs to no transaction, holds nothing of the storage and costs its objects in memory, as in
the database's own pool.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from transaction import Transaction, TransactionManager
from transaction.interfaces import AlreadyInTransaction, NoTransaction

log = logging.getLogger(__name__)


class _Attending(list[Any]):
    """Who is told of a request's transactions: its connection, for which no weak references are needed."""

    add = list.append

    def map(self, tell: Callable[[Any], object]) -> None:
        """Tell each."""
        for one in tuple(self):
            tell(one)


class _Manager(TransactionManager):
    """A manager of explicit transactions that makes one only when something asks for it, as every change does.

    Who only reads has seen the database of one moment all the same, and leaves nothing to commit. Nor does it mind to
    be told to end what has ended: so it is told by a database that is closed, and after every commit.
    """

    _txn: Any

    def __init__(self) -> None:
        super().__init__(explicit=True)
        self._synchs = _Attending()
        self._has_begun = False
        self._note = ""

    def begin(self) -> _Manager:
        """Begin; the connection sees the database as it is now."""
        if self._has_begun:
            raise AlreadyInTransaction
        self._has_begun, self._note = True, ""
        self._synchs.map(lambda synch: synch.newTransaction(None))
        return self

    def note(self, text: str) -> None:
        """What the transaction will say of itself, if there is one."""
        self._note = text

    def get(self) -> Transaction:
        """The transaction, made now if nobody has asked for it before."""
        if self._txn is None:
            if not self._has_begun:
                raise NoTransaction
            self._txn = Transaction(self._synchs, self)
            self._txn.note(self._note)
        return self._txn

    def free(self, txn: Transaction) -> None:
        """Forget a transaction that has ended."""
        super().free(txn)
        self._has_begun = False

    def isDoomed(self) -> bool:  # noqa: N802
        """Whether it was said that nothing may be committed."""
        return self._txn is not None and super().isDoomed()

    def commit(self) -> None:
        """Commit what has changed."""
        if self._txn is None and self._has_begun:
            self._end_reading()
        else:
            super().commit()

    def abort(self) -> None:
        """Give up what has changed, if anything has begun."""
        if self._txn is not None:
            super().abort()
        elif self._has_begun:
            self._end_reading()

    def _end_reading(self) -> None:
        self._has_begun = False
        self._synchs.map(lambda synch: synch.afterCompletion(None))

    def registerSynch(self, synch: Any) -> None:  # noqa: N802
        """Tell a connection of what begins and ends from now on."""
        self._synchs.add(synch)
        if self._has_begun:
            synch.newTransaction(self._txn)

    def unregisterSynch(self, synch: Any) -> None:  # noqa: N802
        """Forget the connection, if it was known."""
        if synch in self._synchs:
            self._synchs.remove(synch)


class Lease:
    """What a request works with; nobody else has it meanwhile."""

    def __init__(self, database: Any) -> None:
        self.manager = _Manager()
        self.connection: Any = None  # until a request asks for the database
        self.root: Any = (
            None  # what traversal begins with: the connection has but one object for it
        )
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
