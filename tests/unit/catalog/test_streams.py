"""Streams: several read as one, written by several people at once, given up when nothing stands in them."""

import itertools
from datetime import timedelta

import pytest
import transaction
from hypothesis import example, given
from hypothesis import strategies as st
from transaction import TransactionManager
from ZODB.POSException import ConflictError

from egov.base import clock
from egov.base.settings import Settings
from egov.catalog.stream import Stream, hour_of, newest_first, oldest_first, together
from egov.operations.check import examine, repair
from egov.operations.content import create
from egov.operations.jobs import run_jobs
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.support.world import actor, article

HOUR = 3_600_000_000
SHELF = ("work", "draft", "article")

moves = st.lists(st.tuples(st.booleans(), st.integers(0, 3), st.integers(-9, -1)), max_size=60)


@given(moves)
def test_streams_read_as_one_are_their_entries_in_order(moves):
    streams, known = [Stream() for _n in range(4)], {}
    for uid, (is_added, number, key) in enumerate(moves, start=1):
        if is_added:
            known[number, streams[number].add(key, uid)] = uid
        elif (number, key) in known:
            streams[number].remove(key)
            del known[number, key]

    wanted = sorted((key, uid) for (_number, key), uid in known.items())
    assert list(together(streams)) == wanted
    assert list(oldest_first(streams)) == sorted((-key, uid) for key, uid in wanted)
    assert [stream.size for stream in streams] == [len(stream.dates) for stream in streams]


keys = st.integers(-4 * HOUR, 2 * HOUR) | st.sampled_from((-HOUR, 0, HOUR))
places = st.lists(st.tuples(st.lists(keys, max_size=6), st.integers(0, 2)), max_size=6)


@given(places, st.integers(1, 12))
@example([([0], 0), ([1], 0)], 1)  # at the full hour, and just before it
@example([([1 - HOUR], 0), ([-HOUR], 0)], 2)
@example([([-HOUR, 1 - HOUR], 0), ([-HOUR], 0)], 2)
def test_of_many_places_those_are_loaded_whose_hour_has_come(wanted, limit):
    uids, streams = itertools.count(1), []
    for entries, _late in wanted:
        streams.append(Stream())
        for key in entries:
            streams[-1].add(key, next(uids))
    hours = [
        max(map(hour_of, stream.dates), default=0) + late
        for stream, (_entries, late) in zip(streams, wanted, strict=True)
    ]
    loaded = []

    def load(place):
        loaded.append(place)
        return streams[place[1]] if streams[place[1]].size else None

    rows = newest_first(((hour, ("", number)) for number, hour in enumerate(hours)), load)
    seen = list(itertools.islice(rows, limit))

    assert seen == sorted(pair for s in streams for pair in s.dates.items())[:limit]
    if len(seen) == limit:
        assert all(hours[number] >= hour_of(seen[-1][0]) for _shelf, number in loaded)


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=20), st.integers(1, 6))
def test_of_what_bears_full_hours_no_more_is_loaded_than_is_shown(hours, limit):
    loaded = []

    def load(place):
        loaded.append(place)
        stream = Stream()
        for uid in (1, 2):
            stream.add(-hours[place] * HOUR, uid)
        return stream

    seen = list(
        itertools.islice(newest_first(zip(hours, itertools.count(), strict=False), load), limit)
    )

    assert len(loaded) <= len(seen)


@pytest.fixture
def both(site):
    """The same stream as two people have it before them, and what either of them commits with."""
    article(site)
    transaction.commit()
    domain, database = site["finance"]["news"].uid, site._p_jar.db()
    managers = TransactionManager(), TransactionManager()
    connections = [database.open(manager) for manager in managers]
    sites = [connection.root()["site"] for connection in connections]
    yield [
        (s.catalog, s.catalog.stream(SHELF, domain), m)
        for s, m in zip(sites, managers, strict=True)
    ]
    for connection, manager in zip(connections, managers, strict=True):
        manager.abort()
        connection.close()


def test_people_who_write_in_one_stream_at_once_are_brought_together(both):
    (_, one, first), (_, other, second) = both
    known = list(one.dates.items())
    one.add(-4, 8)
    first.commit()
    second.begin()
    one.add(-5_000_000_000_000_000, 7)
    other.add(-6, 9)
    other.remove(-4)

    first.commit()
    second.commit()

    first.begin()
    assert one.size == 3
    assert list(one.dates.items()) == [(-5_000_000_000_000_000, 7), *known, (-6, 9)]


def fill_and_give_up(both):
    """Let one give up the stream, which is empty, while the other fills it; neither has committed."""
    (catalog, one, first), (_, other, second) = both
    one.remove(next(iter(one.dates)))
    first.commit()
    second.begin()
    assert catalog.give_up_empty(clock.now() + timedelta(days=1)) == 1
    other.add(-6, 9)
    return one, first, second


def test_an_entry_is_never_put_into_a_stream_that_is_given_up_at_this_moment(both):
    _one, first, second = fill_and_give_up(both)

    first.commit()
    with pytest.raises(ConflictError):
        second.commit()
    second.abort()


def test_a_stream_that_somebody_fills_at_this_moment_is_not_given_up(both):
    one, first, second = fill_and_give_up(both)

    second.commit()
    with pytest.raises(ConflictError):
        first.commit()
    first.abort()

    assert list(one.dates.items()) == [(-6, 9)]


def streams(site):
    return {
        (shelf[1], domain)
        for shelf in site.catalog.shelves_of("work")
        for domain in site.catalog.shelves[shelf]
    }


def test_what_goes_through_states_at_once_leaves_no_empty_streams(site):
    section = site["health"]["notices"]
    values = {"title": "公告", "body": "<p>文</p>", "source": "局"}
    for _number in range(3):
        item = create(section, "article", values, by=SYSTEM_ACTOR)
        for step in ("submit", "approve", "publish"):
            advance(item, step, by=SYSTEM_ACTOR)

    assert [state for state, domain in streams(site) if domain == section.uid] == ["published"]


def test_once_a_day_what_has_long_been_empty_is_given_up(site, monkeypatch):
    item = article(site)
    transaction.commit()
    advance(item, "submit", by=actor(site, "author"))
    transaction.commit()
    home, database = site["finance"]["news"].uid, site._p_jar.db()
    run = lambda: run_jobs(database, Settings())  # noqa: E731

    def states():
        transaction.begin()
        return {state for state, domain in streams(site) if domain == home}

    run()
    assert states() == {"draft", "pending"}
    later = clock.now() + timedelta(days=8)
    monkeypatch.setattr(clock, "now", lambda: later)
    run()
    assert states() == {"pending"}
    assert list(examine(site)) == []

    advance(item, "return", by=actor(site, "manager"), comment="改")
    transaction.commit()
    assert list(examine(site)) == []


def test_a_stream_of_an_earlier_version_is_read_and_written_anew(site):
    from BTrees.Length import Length

    item = article(site)
    stream = site.catalog.stream(SHELF, site["finance"]["news"].uid)
    for state in (
        {"dates": stream.dates, "count": Length(stream.size)},
        (stream.dates, stream.size, stream.dates.minKey()),
    ):
        earlier = Stream.__new__(Stream)
        earlier.__setstate__(state)

        assert earlier.__getstate__() == stream.__getstate__()
        assert list(earlier.dates.values()) == [item.uid]
        with pytest.raises(ConflictError):
            stream._p_resolveConflict(state, stream.__getstate__(), stream.__getstate__())


def test_a_miscounted_stream_is_found_and_put_right(site):
    article(site)
    stream = site.catalog.stream(SHELF, site["finance"]["news"].uid)
    stream.size = 5

    (fault,) = [finding.what for finding in examine(site)]
    assert "miscounted" in fault
    repair(site, by=SYSTEM_ACTOR)

    assert stream.size == 1
    assert list(examine(site)) == []
