"""What the benches share."""

from __future__ import annotations

from time import perf_counter


def p95(function, runs=40):
    """The 95th percentile in milliseconds."""
    times = []
    for _run in range(runs):
        begun = perf_counter()
        function()
        times.append((perf_counter() - begun) * 1000)
    return sorted(times)[int(runs * 0.95) - 1]
