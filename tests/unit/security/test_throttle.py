"""Throttling: so many failures within the time lock, and the lock opens by itself."""

from datetime import UTC, datetime, timedelta

from egov.base import clock
from egov.security.throttle import Attempts

START = datetime(2026, 5, 1, 8, tzinfo=UTC)
LIMIT, LOCK = 3, timedelta(minutes=30)


def failures(attempts, *minutes, key="zhang"):
    for minute in minutes:
        with clock.frozen(START + timedelta(minutes=minute)):
            attempts.record_failure(key, LIMIT)


def locked(attempts, minute, key="zhang"):
    with clock.frozen(START + timedelta(minutes=minute)):
        return attempts.locked_until(key, LIMIT, LOCK)


def test_it_takes_the_limit_and_opens_by_itself():
    attempts = Attempts()
    failures(attempts, 0, 1)
    assert locked(attempts, 1) is None

    failures(attempts, 2)

    assert locked(attempts, 2) == START + timedelta(minutes=32)
    assert locked(attempts, 29.9) is not None
    assert locked(attempts, 32) is None


def test_failures_far_apart_do_not_add_up():
    attempts = Attempts()
    failures(attempts, 0, 31, 62)

    assert locked(attempts, 62) is None


def test_accounts_are_counted_apart_and_success_forgets():
    attempts = Attempts()
    failures(attempts, 0, 0, 0)
    assert locked(attempts, 1, "li") is None

    attempts.forget("zhang")
    attempts.forget("zhang")

    assert locked(attempts, 1) is None


def test_only_as_many_as_the_limit_are_kept():
    attempts = Attempts()
    failures(attempts, *range(20))

    assert len(attempts._failures["zhang"]) == LIMIT
