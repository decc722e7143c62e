"""What was done for the database, when, and how it ended."""

from datetime import UTC, datetime, timedelta

import pytest

from egov.base import clock
from egov.storage.archive import Point
from egov.storage.backup import kept
from egov.storage.errors import Refused
from egov.storage.upkeep import BACKUP, SCRUB, last_works, noting, upkeep_file

NOON = datetime(2026, 11, 25, 4, tzinfo=UTC)


def test_how_it_ended_is_noted_and_when_it_last_ended_well(tmp_path):
    path = tmp_path / "upkeep"
    with clock.frozen(NOON), noting(path, BACKUP) as work:
        work.told = "五个事务"
    with clock.frozen(NOON + timedelta(days=1)), pytest.raises(Refused), noting(path, BACKUP):
        raise Refused("磁盘已满")
    with noting(path, SCRUB) as work:
        work.is_done = False

    known = last_works(path)

    assert (known[BACKUP].is_done, known[BACKUP].told) == (False, "磁盘已满")
    assert known[BACKUP].done_at == NOON
    assert known[BACKUP].at == NOON + timedelta(days=1)
    assert (known[SCRUB].is_done, known[SCRUB].done_at) == (False, None)


def test_a_file_that_cannot_be_read_is_as_good_as_none(tmp_path):
    path = tmp_path / "upkeep"
    for content in ("", "[]", "{", '{"backup": {}}', '{"backup": 1}'):
        path.write_text(content)
        assert last_works(path) == {}
    with noting(path, BACKUP):
        pass
    assert last_works(path)[BACKUP].is_done
    assert last_works(None) == {}


def test_where_it_stands():
    assert str(upkeep_file("file:///srv/Data.fs?blobstorage_dir=x")) == "/srv/Data.fs.upkeep"
    assert str(upkeep_file("zeo://127.0.0.1:9991", "/srv/upkeep")) == "/srv/upkeep"
    assert upkeep_file("zeo://127.0.0.1:9991") is None


def test_the_newest_stay_and_the_last_of_each_month():
    days = [
        datetime(2026, month, day, tzinfo=UTC) for month in (8, 9, 10, 11) for day in (1, 10, 20)
    ]
    points = [Point(f"{day:%m-%d}", day.isoformat(), "", "", ()) for day in days]

    assert kept(points, 0, 0) == {point.name for point in points}
    assert kept(points, 2, 0) == {"11-10", "11-20"}
    assert kept(points, 2, 3) == {"11-10", "11-20", "10-20", "09-20"}
    assert kept(points, 1, 99) == {"11-20", "10-20", "09-20", "08-20"}
