"""Fixtures: the world in memory, and the application on it."""

from __future__ import annotations

import pytest
import transaction

from tests.support import world


@pytest.fixture
def database():
    db = world.open_database()
    yield db
    transaction.abort()
    db.close()


@pytest.fixture
def site(database):
    connection = database.open()
    yield world.build(connection.root())
    transaction.abort()
    connection.close()
