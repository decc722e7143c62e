"""What a process takes of the machine's memory: large pages of it where there are any, and no more than it needs.

What one page of the site needs lies on two thousand pages of memory of 4 KiB: more than a processor remembers the
places of, so that every request finds them anew. In pages of 2 MiB it is some dozens.
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

_LARGE = 2 << 20
_YOUNG = 50_000  # objects, until cycles are looked for
_SPARED_EVERY = 500  # objects, until those not used lately are given up
Thing = TypeVar("Thing")
# Advice of Linux (madvise(2)): may lie in large pages from now on; and shall at once, since 6.1.
_MAY, _SHALL = 14, 25


def gather(maps: Path = Path("/proc/self/maps")) -> int:
    """Lay this process's own memory in large pages; returns how many were made, none where a system has no such thing.

    Where nothing stands, nothing is taken: only what is in use already is laid together.
    """
    try:
        lines = maps.read_text().splitlines()
        advise = ctypes.CDLL(None, use_errno=True).madvise
    except (OSError, AttributeError):
        return 0
    advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    return sum(_gathered(advise, *area) for line in lines if (area := _own(line)) is not None)


def _own(line: str) -> tuple[int, int] | None:
    """The whole large pages of an area that belongs to no file and can be written."""
    span, rights, _offset, _device, _inode, *name = line.split()
    if not rights.startswith("rw") or name not in ([], ["[heap]"]):
        return None
    begin, end = (int(at, 16) for at in span.split("-"))
    begin, end = -(-begin // _LARGE) * _LARGE, end // _LARGE * _LARGE
    return (begin, end) if begin < end else None


def _gathered(advise: Any, begin: int, end: int) -> int:
    if advise(begin, end - begin, _MAY):
        return 0
    return sum(not advise(at, _LARGE, _SHALL) for at in range(begin, end, _LARGE))


@contextmanager
def seldom_collected() -> Iterator[None]:
    """While much is made and let go of at once, cycles are looked for seldom: that goes through all that is kept."""
    usual = gc.get_threshold()
    gc.set_threshold(max(usual[0], _YOUNG), *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def spared(connection: Any, things: Iterable[Thing]) -> Iterator[Thing]:
    """The things one after the other; objects that a database connection loaded for those before are given up again."""
    for number, thing in enumerate(things, start=1):
        if number % _SPARED_EVERY == 0 and connection is not None:
            connection.cacheGC()
        yield thing
