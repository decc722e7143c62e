"""Notices of many people, the newest first."""

from datetime import UTC, datetime, timedelta

from egov.model.notices import MANY, Notice, Notices

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)


def _notice(number):
    return Notice(BEGUN + timedelta(seconds=number), "publish", number, "", "", "")


def test_the_newest_are_each_persons_own_and_many_are_counted_no_further():
    notices = Notices()
    for number in range(2 * MANY):
        for user in ("li", "li-2", "lia")[: 3 if number < 3 else 1]:
            notices.add(user, _notice(number))

    assert [n.uid for _key, n in notices.newest("li", 3)] == [199, 198, 197]
    assert [n.uid for _key, n in notices.newest("li-2", 5)] == [2, 1, 0]
    assert notices.newest("l", 5) == []
    assert (notices.unread("li"), notices.unread("lia"), notices.unread("z")) == (MANY, 3, 0)
