"""Connections that a server leaves in the lurch: no answer is lost over it, and nothing broken is used again."""

import pytest
from transaction.interfaces import AlreadyInTransaction, DoomedTransaction, NoTransaction

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


class _Resource:
    """What joins a transaction when something has changed."""

    def __init__(self):
        self.done = []

    def __getattr__(self, name):
        return lambda *_told: self.done.append(name)

    def sortKey(self):  # noqa: N802  the transaction's name for it
        return "resource"


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


@pytest.fixture
def lease():
    return Connections(_Database()).take()


def test_who_only_reads_has_no_transaction_to_commit(lease):
    lease.manager.begin().note("/a/page")
    lease.attend()
    assert not lease.manager.isDoomed()
    lease.manager.commit()
    with pytest.raises(NoTransaction):
        lease.manager.get()


@pytest.mark.parametrize("end", ["commit", "abort"])
def test_what_is_changed_makes_one_that_is_ended_as_it_was_begun(lease, end):
    lease.manager.begin().note("/a/page")
    lease.attend()
    changed = _Resource()
    lease.manager.get().join(changed)
    assert lease.manager.get().description == "/a/page"
    getattr(lease.manager, end)()
    assert ("tpc_finish" in changed.done) == (end == "commit")
    assert ("abort" in changed.done) == (end == "abort")
    lease.manager.begin()  # and the next may begin


def test_a_second_beginning_before_the_end_is_refused(lease):
    lease.manager.begin()
    with pytest.raises(AlreadyInTransaction):
        lease.manager.begin()


def test_what_was_doomed_before_anything_changed_is_never_committed(lease):
    lease.manager.begin()
    lease.manager.doom()
    assert lease.manager.isDoomed()
    with pytest.raises(DoomedTransaction):
        lease.manager.commit()
