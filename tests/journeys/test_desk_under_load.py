"""The desk under load and under kill -9, in small; `make soak ARGS=desk` does the whole."""

from tests.soak.contention import contend
from tests.soak.desk import desk_faults, kill_desk
from tests.soak.desk_worker import make


def test_nothing_is_lost_or_half_done_when_many_work_on_the_same(tmp_path):
    faults, told = contend(tmp_path, operations=240, items=8)

    assert faults == []
    assert told["saves"] > 10
    assert told["steps"] > 10
    assert sum(told.values()) == 240


def test_a_set_is_wholly_in_or_out_whenever_the_process_is_killed(tmp_path):
    make(tmp_path)
    for number in range(4):
        kill_desk(tmp_path, f"k{number}")
        assert desk_faults(tmp_path)[0] == []
