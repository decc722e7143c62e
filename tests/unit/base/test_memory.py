"""Memory in large pages: made where the system has them, harmless where not."""

from pathlib import Path

import pytest

from egov.base.memory import gather

CHOICE = Path("/sys/kernel/mm/transparent_hugepage/enabled")
ROLLED_UP = Path("/proc/self/smaps_rollup")


def _in_large_pages():
    lines = ROLLED_UP.read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("AnonHugePages"))


def test_what_a_process_holds_is_laid_in_large_pages():
    if not CHOICE.exists() or "[never]" in CHOICE.read_text():
        pytest.skip("this system has no large pages to give")
    held = [bytes([n % 256]) * 1000 for n in range(20_000)]

    made = gather()

    if not made:
        pytest.skip("this kernel gathers no memory at once (Linux 6.1 does)")
    assert _in_large_pages() >= made * 2048 * 0.9
    assert held == [bytes([n % 256]) * 1000 for n in range(20_000)]


@pytest.mark.parametrize("text", ["", "00400000-00500000 r-xp 00000000 fe:00 12 /usr/bin/python3\n",
                                  "7f0000000000-7f0000001000 rw-p 00000000 00:00 0\n"])  # fmt: skip
def test_nothing_is_done_where_there_is_nothing_to_gather(tmp_path, text):
    maps = tmp_path / "maps"
    maps.write_text(text)
    assert gather(maps) == 0
    assert gather(tmp_path / "no-such-file") == 0
