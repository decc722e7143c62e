"""Connections that a server leaves in the lurch: no answer is lost over it, and nothing broken is used again."""

import pytest

from egov.web.connections import Connections


class _Lost(Exception):
    pass


class _Connection:
    """As ZODB's does: it tells the manager of itself, then asks the server."""

    def __init__(self, pool, manager, *, opens=True, ends=True):
        self.opens, self.ends = opens, ends
        pool.append(self)
        manager.registerSynch(self)

    def newTransaction(self, _transaction):  # noqa: N802  the manager's name for it
        if not self.opens:
            raise _Lost

    def beforeCompletion(self, _transaction):  # noqa: N802
        pass

    def afterCompletion(self, _transaction):  # noqa: N802
        if not self.ends:
            raise _Lost


class _Database:
    def __init__(self, **how):
        self.how, self.opened = how, []

    def open(self, manager):
        return _Connection(self.opened, manager, **self.how)


def test_one_that_could_not_be_opened_is_asked_again():
    database = _Database(opens=False)
    connections = Connections(database)
    lease = connections.take()
    lease.manager.begin()
    with pytest.raises(_Lost):
        lease.attend()
    connections.give_back(lease)
    database.how = {}
    again = connections.take()
    assert again is lease
    again.manager.begin()
    assert again.attend() is database.opened[-1]
    connections.give_back(again)


def test_one_that_cannot_be_ended_is_given_up(caplog):
    database = _Database(ends=False)
    connections = Connections(database)
    lease = connections.take()
    lease.manager.begin()
    lease.attend()
    connections.give_back(lease)
    assert connections.take() is not lease
    assert "a connection is given up" in caplog.text
