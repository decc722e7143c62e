"""What every request begins with: a connection of its own, kept for the next; fixed addresses known at a glance."""

import pytest
import transaction
from pyramid.interfaces import IRoutesMapper
from webob import Request

from egov.web.connections import Connections
from egov.web.rendering import _Names
from tests.support import world


@pytest.fixture
def database():
    database = world.open_database()
    connection = database.open()
    connection.root()["number"] = 1
    transaction.commit()
    connection.close()
    yield database
    database.close()


def _write(database, number):
    manager = transaction.TransactionManager()
    connection = database.open(manager)
    connection.root()["number"] = number
    manager.commit()
    connection.close()


def test_a_connection_is_used_again_and_sees_what_others_wrote_meanwhile(database):
    connections = Connections(database)
    first = connections.take()
    with first.manager:
        assert first.attend().root()["number"] == 1
    connections.give_back(first)
    _write(database, 2)

    again = connections.take()

    assert again.connection is first.connection
    with again.manager:
        assert again.attend().root()["number"] == 2
    connections.give_back(again)


def test_two_requests_at_once_have_two_and_see_the_moment_at_which_each_began(database):
    connections = Connections(database)
    one, two = connections.take(), connections.take()
    one.manager.begin()
    assert one.attend().root()["number"] == 1
    _write(database, 2)
    two.manager.begin()

    assert two.attend().root()["number"] == 2
    assert one.connection.root()["number"] == 1
    for lease in (one, two):
        connections.give_back(lease)


def test_what_a_request_left_undone_is_given_up(database):
    connections = Connections(database)
    lease = connections.take()
    lease.manager.begin()
    lease.attend().root()["number"] = 3
    connections.give_back(lease)

    again = connections.take()

    with again.manager:
        assert again.attend().root()["number"] == 1
    connections.give_back(again)


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/login", "login"), ("/-/health", "health"), ("/manage", "manage"), ("/manage/a/b", "manage"),
        ("/-/node/7", "node"), ("/-/node/x", None), ("/", None), ("", None), ("/finance/news", None),
        ("/loginx", None), ("/favicon.ico", "favicon"), ("/static/web/manage.css", "__static/web/"),
    ],
)  # fmt: skip
def test_fixed_addresses_are_found_and_others_are_not(wsgi, path, route):
    mapper = wsgi.registry.getUtility(IRoutesMapper)
    request = Request.blank(path or "/")
    request.environ["PATH_INFO"] = path

    found = mapper(request)["route"]

    assert (found.name if found is not None else None) == route


def test_names_of_a_macro_are_a_copy():
    names = _Names({"a": 1})
    inner = names.copy()
    inner["a"], inner["b"] = 2, 3

    assert isinstance(inner, _Names)
    assert (names["a"], names.get("b"), list(inner)) == (1, None, ["a", "b"])
    with pytest.raises(LookupError):
        names.get_name("b")
