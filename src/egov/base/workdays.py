"""Working days: weekends, the yearly holiday notice of the State Council, and what the office itself decides.

The notices until 2026 come with `chinesecalendar`; later years, and local days, stand in the office's own table.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import chinese_calendar

from egov.base.errors import Invalid
from egov.base.i18n import _

OFF, ON = "休", "班"
_ONE_DAY = timedelta(days=1)
_SATURDAY = 5


def read_table(text: str) -> dict[date, bool]:
    """Whether one works on each day of a table with a line for each, `2027-01-01 休` or `2027-02-07 班`.

    Raises Invalid naming the first line that is not so.
    """
    table: dict[date, bool] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        day, _space, word = line.partition(" ")
        try:
            table[date.fromisoformat(day)] = {OFF: False, ON: True}[word.strip()]
        except (ValueError, KeyError):
            raise Invalid(
                _("节假日表中这一行的写法不对：“${line}”。", mapping={"line": line[:40]})
            ) from None
    return table


def is_workday(day: date, table: Mapping[date, bool]) -> bool:
    """Whether the office works on a day; its own table comes before the notice, the notice before the week."""
    if day in table:
        return table[day]
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:  # a year whose notice is not known yet
        return day.weekday() < _SATURDAY


def after(start: date, count: int, table: Mapping[date, bool]) -> date:
    """The day that is `count` working days after a day, which itself does not count (1 is the next working day)."""
    day = start
    while count > 0:
        day += _ONE_DAY
        count -= is_workday(day, table)
    return day
