"""Faults in real processes: what is acknowledged is there afterwards, whatever happens."""

import pytest

from tests.soak.kills import faults, kill_one
from tests.soak.worker import make


@pytest.mark.parametrize("options", [(), ("pack",)], ids=["commits", "commits and packs"])
def test_nothing_acknowledged_is_lost_when_the_process_is_killed(tmp_path, options):
    make(tmp_path)
    for number in range(5):
        kill_one(tmp_path, f"kill{number}", *options)

        assert faults(tmp_path) == []
    assert (tmp_path / "acknowledged").stat().st_size > 0
