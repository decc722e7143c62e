"""The only source of time: aware UTC inside, the office's zone for people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

OFFICE_ZONE = ZoneInfo("Asia/Shanghai")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_frozen: list[datetime] = []


def now() -> datetime:
    """The present moment as aware UTC datetime."""
    return _frozen[-1] if _frozen else datetime.now(UTC)


def today() -> date:
    """The present day in the office's zone."""
    return now().astimezone(OFFICE_ZONE).date()


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Hold the clock at `at`, process-wide: for tests and for loading dated demo content."""
    _frozen.append(at.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.pop()


def micros(at: datetime) -> int:
    """Microseconds since 1970 of an aware datetime: the key of time-ordered trees."""
    return (at - _EPOCH) // _MICROSECOND


def from_micros(value: int) -> datetime:
    """The aware UTC datetime of a `micros` key."""
    return _EPOCH + timedelta(microseconds=value)


def local(at: datetime) -> datetime:
    """`at` in the office's zone."""
    return at.astimezone(OFFICE_ZONE)


@lru_cache(maxsize=8192)  # every page tells some moments, and most of them another page has told
def stamp(at: datetime | None) -> str:
    """`2026-11-23 09:30` in the office's zone; empty for None."""
    return local(at).isoformat(" ", "minutes")[:16] if at else ""


def day(at: datetime | date | None) -> str:
    """`2026-11-23` in the office's zone; empty for None."""
    if isinstance(at, datetime):
        at = local(at)
    return at.isoformat()[:10] if at else ""
