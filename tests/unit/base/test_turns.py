"""Turns at what needs much memory."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event, Lock

import pytest

from egov.base.errors import Busy
from egov.base.turns import Turns


def test_no_more_goes_on_at_once_than_may():
    turns, lock, sizes = Turns(10, 1, 60), Lock(), []
    most = 0

    def work(size):
        nonlocal most
        with turns.of(size):
            with lock:
                sizes.append(size)
                most = max(most, sum(sizes))
            with lock:
                sizes.remove(size)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, [2, 3, 5, 7, 10] * 100))

    assert most <= 10
    with turns.of(10):
        pass


def test_who_is_not_let_in_is_told_so_and_what_is_small_goes_past():
    turns = Turns(10, 1, 0)
    with turns.of(6):
        with pytest.raises(Busy), turns.of(5):
            pass
        with turns.of(4), turns.of(1):
            pass
    with turns.of(20):  # alone, whatever its size
        pass


def test_who_waits_comes_in_when_another_goes_even_after_an_error():
    turns, is_in = Turns(10, 1, 60), Event()

    def work():
        with turns.of(10):
            is_in.set()

    with ThreadPoolExecutor(1) as pool:
        with suppress(KeyError), turns.of(6):
            pool.submit(work)
            raise KeyError
        assert is_in.wait(60)


def test_a_large_one_is_not_overtaken():
    turns, entered, begun = Turns(10, 1, 60), [], Event()

    def work(size):
        with turns.of(size):
            entered.append(size)

    with ThreadPoolExecutor(2) as pool:
        with turns.of(6):
            large = pool.submit(work, 10)
            while not turns._waiting:
                begun.wait(0.001)
            small = pool.submit(work, 3)
            while len(turns._waiting) < 2:
                begun.wait(0.001)
        large.result(60), small.result(60)

    assert entered == [10, 3]
