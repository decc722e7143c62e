"""Fixtures: people at browsers."""

from dataclasses import replace

import pytest

from tests.support.people import DESKTOP, Person


@pytest.fixture
def person(browser, server):
    people = []

    def one(user_id="", size=DESKTOP):
        people.append(Person(browser, server, size))
        return people[-1].signs_in(user_id) if user_id else people[-1]

    yield one
    assert [c for p in people for c in p.complaints] == []


@pytest.fixture
def mailed(wsgi):
    """The application writes letters."""
    wsgi.registry.egov = replace(wsgi.registry.egov, mail_host="x", base_url="https://egov.example")
