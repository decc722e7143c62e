"""The bench beside Plone and Wagtail: egov's own share works, whatever becomes of the others'."""

import json
import subprocess
import sys

from tests.bench import __main__ as bench
from tests.bench.million import _judged


def test_egovs_share_of_the_work_gives_every_figure(tmp_path):
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "tests.bench.peers.run_egov",
        str(tmp_path),
        "15",
    ]

    figures = json.loads(subprocess.check_output(command, text=True).splitlines()[-1])

    assert {name.split(",")[0] for name in figures} == {
        "create and publish", "growth per item", "page", "listing", "search", "grant on the folder",
        "rename of the folder",
    }  # fmt: skip
    assert all(value > 0 for value in figures.values())


def test_a_curve_is_judged_by_its_end_and_by_the_line_shown():
    same, more = [20, 20, 20], [5, 20, 20]
    assert _judged("item, objects loaded", [10, 11, 12], same) == ("log n a line", True)
    assert _judged("item, objects loaded", [10, 100, 1000], same) == ("log n a line", False)
    assert _judged("list, objects loaded", [50, 200, 390], more) == ("log n a line", True)
    assert _judged("list, objects loaded", [50, 200, 410], more) == ("log n a line", False)
    assert _judged("start to first page, s", [1, 2, 6], same) == ("≤ 5", False)
    assert _judged("manage: desk, ms", [10, 20, 99], same) == ("≤ 100", True)


def test_every_bench_can_begin():
    for module in (bench.cluster, bench.exporting, bench.large, bench.million, bench.search):
        assert callable(module.measure)
