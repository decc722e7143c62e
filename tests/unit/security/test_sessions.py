"""Sessions: their limits, and what the database keeps of them."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from egov.base import clock
from egov.security.sessions import Sessions

START = datetime(2026, 5, 1, 8, tzinfo=UTC)
IDLE, ABSOLUTE = timedelta(minutes=30), timedelta(hours=8)
MOMENT = timedelta(microseconds=1)


@pytest.fixture
def sessions():
    return Sessions()


def begun(sessions, user_id="zhang", at=START, **told):
    with clock.frozen(at):
        return sessions.start(user_id, **told)


def test_the_token_finds_the_session_and_is_not_kept(sessions):
    token, session = begun(sessions, address="127.0.0.1", agent="x" * 300)

    assert sessions.find(token) is session
    assert sessions.find(token + "x") is None
    assert sessions.find(session.key) is None
    assert session.key == hashlib.sha256(token.encode()).hexdigest()
    assert token not in str(vars(session))
    assert (session.user_id, session.address, len(session.agent)) == ("zhang", "127.0.0.1", 200)


def test_no_two_sessions_share_a_secret(sessions):
    made = [begun(sessions) for _ in range(50)]

    assert len({token for token, _s in made}) == len({s.csrf for _t, s in made}) == 50


@pytest.mark.parametrize(
    ("after", "live"),
    [(timedelta(0), True), (IDLE - MOMENT, True), (IDLE, False), (timedelta(days=9), False)],
)
def test_an_idle_session_ends(sessions, after, live):
    _token, session = begun(sessions)

    with clock.frozen(START + after):
        assert session.is_live(IDLE, ABSOLUTE) is live


def test_a_busy_session_goes_on_to_the_absolute_limit_and_no_further(sessions):
    _token, session = begun(sessions)
    moment = START
    while moment + timedelta(minutes=20) < START + ABSOLUTE:
        moment += timedelta(minutes=20)
        with clock.frozen(moment):
            assert session.is_live(IDLE, ABSOLUTE)
            session.touch()

    with clock.frozen(START + ABSOLUTE - MOMENT):
        session.touch()
        assert session.is_live(IDLE, ABSOLUTE)
    with clock.frozen(START + ABSOLUTE):
        assert not session.is_live(IDLE, ABSOLUTE)


def test_being_seen_is_written_once_a_minute(sessions):
    _token, session = begun(sessions)
    with clock.frozen(START + timedelta(seconds=59)):
        session.touch()
    assert session.seen == START
    with clock.frozen(START + timedelta(seconds=60)):
        session.touch()
    assert session.seen == START + timedelta(seconds=60)


def test_a_person_s_sessions_are_told_newest_first_and_ended_one_by_one(sessions):
    _t, old = begun(sessions)
    token, new = begun(sessions, at=START + timedelta(hours=1))
    begun(sessions, "li")
    assert sessions.of_user("zhang") == [new, old]

    sessions.end(new)
    sessions.end(new)

    assert sessions.find(token) is None
    assert sessions.of_user("zhang") == [old]
    assert len(sessions.of_user("li")) == 1


def test_sweeping_removes_what_was_not_seen_since(sessions):
    begun(sessions)
    _t, fresh = begun(sessions, at=START + timedelta(hours=2))

    assert sessions.sweep(START + timedelta(hours=1)) == 1
    assert sessions.of_user("zhang") == [fresh]
    assert sessions.sweep(START + timedelta(hours=1)) == 0
