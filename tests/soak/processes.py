"""Our own modules as processes that a trial can kill."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]


def start(module: str, *args: str, stdin: int | None = None) -> subprocess.Popen[bytes]:
    """One of our modules as a process of its own."""
    paths = [str(PROJECT / "src"), str(PROJECT), os.environ.get("PYTHONPATH", "")]
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", module, *args],
        env={**os.environ, "PYTHONPATH": ":".join(paths)},
        stdin=stdin,
        stdout=subprocess.PIPE,
        cwd=PROJECT,
    )
