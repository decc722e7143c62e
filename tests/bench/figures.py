"""What the benches share."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter


def p95(function, runs=40, clock=perf_counter):
    """The 95th percentile in milliseconds."""
    times = []
    for _run in range(runs):
        begun = clock()
        function()
        times.append((clock() - begun) * 1000)
    return sorted(times)[int(runs * 0.95) - 1]


def most_memory():
    """The most that this process has had in memory, in MB; `getrusage` would tell of the one that began it, too."""
    told = Path("/proc/self/status").read_text().partition("VmHWM:")[2]
    return int(told.split()[0]) / 1024
