"""Working days: the week, the notices of the State Council, the office's own table."""

import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov.base.errors import Invalid
from egov.base.workdays import after, is_workday, read_table
from tests.support.shared import shared_data


@pytest.mark.parametrize("year", [2025, 2026])
def test_the_notices_of_the_known_years(year):
    notice = json.loads(shared_data(f"holidays_cn/{year}.json").read_text("utf-8"))
    assert notice["days"]
    for told in notice["days"]:
        assert is_workday(date.fromisoformat(told["date"]), {}) is not told["isOffDay"], told


def test_a_make_up_day_a_holiday_and_a_year_without_notice():
    assert is_workday(date(2026, 2, 14), {})  # a Saturday that is worked for the Spring Festival
    assert not is_workday(date(2026, 10, 1), {})
    assert is_workday(date(2031, 1, 6), {})
    assert not is_workday(date(2031, 1, 5), {})


def test_the_office_s_own_table_comes_first():
    table = read_table("2031-01-06 休\n\n2031-01-05 班\n")
    assert not is_workday(date(2031, 1, 6), table)
    assert is_workday(date(2031, 1, 5), table)


@pytest.mark.parametrize("line", ["2031-13-01 休", "2031-01-01", "休 2031-01-01", "2031-01-01 假"])
def test_a_line_that_says_nothing_is_named(line):
    with pytest.raises(Invalid) as refused:
        read_table(f"2031-01-06 休\n{line}")
    assert refused.value.message.mapping == {"line": line}


def test_counting_runs_over_weekends_and_holidays():
    assert after(date(2026, 11, 20), 1, {}) == date(2026, 11, 23)  # Friday to Monday
    assert after(date(2026, 9, 30), 1, {}) == date(2026, 10, 8)
    assert after(date(2026, 11, 20), 0, {}) == date(2026, 11, 20)


@given(
    st.dates(date(2024, 1, 1), date(2035, 1, 1)),
    st.integers(1, 60),
    st.dictionaries(st.dates(date(2024, 1, 1), date(2035, 6, 1)), st.booleans(), max_size=9),
)
def test_as_many_working_days_lie_between_as_were_asked_for(start, count, table):
    end = after(start, count, table)
    days = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert sum(is_workday(day, table) for day in days) == count
    assert is_workday(end, table)
