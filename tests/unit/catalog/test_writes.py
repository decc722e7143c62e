"""What a change writes: a grant, a rename or a move touches a handful of objects, whatever stands below."""

import pytest
import transaction

from egov.operations.content import create
from egov.operations.rights import grant, set_inheritance
from egov.operations.tree import move, rename
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.support.world import actor


@pytest.fixture
def big(site):
    """A department with 400 items in two sections."""
    for number in range(400):
        where = site["finance"][("news", "notices")[number % 2]]
        create(where, "article", {"title": f"第{number}篇"}, by=SYSTEM_ACTOR, name=f"a{number}")
    transaction.commit()
    return site


def written(site):
    """How many objects the transaction at hand would write, new ones included; commits."""
    before = site._p_jar.db().lastTransaction()
    transaction.commit()
    storage = site._p_jar.db().storage
    last = storage.lastTransaction()
    assert last != before
    iterator = storage.changes if hasattr(storage, "changes") else storage
    for entry in iterator.iterator(last, last):
        return sum(1 for _record in entry)
    raise AssertionError


def test_a_grant_on_a_department_writes_a_handful(big):
    grant(big["finance"], "user:outsider", "editor", by=actor(big, "manager"), reason="工作需要")

    assert written(big) <= 8


def test_stopping_inheritance_writes_a_handful(big):
    set_inheritance(big["finance"], False, by=actor(big, "manager"))

    assert written(big) <= 8


def test_hiding_a_department_writes_a_handful(big):
    advance(big["finance"], "hide", by=actor(big, "manager"))

    assert written(big) <= 8


def test_renaming_and_moving_a_section_write_a_handful(big):
    rename(big["finance"]["news"], "xinwen", by=actor(big, "manager"))
    assert written(big) <= 10

    move(big["finance"]["xinwen"], big["health"], by=SYSTEM_ACTOR)
    assert written(big) <= 16
