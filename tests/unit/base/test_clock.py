"""Time: aware, held still when asked, shown in the office's zone."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov.base import clock

LATE = datetime(2026, 11, 23, 17, 30, tzinfo=UTC)  # half past one of the next day in the office


def test_now_is_aware_and_goes_on():
    before = datetime.now(UTC)

    assert before <= clock.now() <= clock.now() <= datetime.now(UTC)
    assert clock.now().utcoffset() == timedelta(0)


def test_the_clock_can_be_held_even_twice_and_goes_on_after_an_error():
    other = LATE + timedelta(days=1)
    with clock.frozen(LATE):
        with clock.frozen(other.astimezone(timezone(timedelta(hours=-5)))):
            assert clock.now() == other
        assert clock.now() == LATE
        with pytest.raises(RuntimeError), clock.frozen(other):
            raise RuntimeError
        assert clock.now() == LATE
    assert clock.now() != LATE


def test_the_day_is_the_office_s():
    with clock.frozen(LATE):
        assert clock.today() == date(2026, 11, 24)
    assert clock.stamp(LATE) == "2026-11-24 01:30"
    assert clock.day(LATE) == "2026-11-24"
    assert clock.day(date(2026, 11, 23)) == "2026-11-23"
    assert (clock.stamp(None), clock.day(None)) == ("", "")
    assert clock.local(LATE).utcoffset() == timedelta(hours=8)


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_keys_keep_every_microsecond_and_the_order(one, other):
    assert clock.from_micros(clock.micros(one)) == one
    assert (clock.micros(one) < clock.micros(other)) == (one < other)
