"""Killing workers at random moments and looking at what they leave."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from egov.storage.backup import backup
from egov.storage.opening import files_of
from egov.storage.scrub import scrub
from tests.soak.worker import unlike, uri_of

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


def kill_one(folder: Path, seed: str, *options: str) -> None:
    """Start a worker, kill it within the first second of its work, wait until it is gone."""
    worker = start("tests.soak.worker", str(folder), seed, *options)
    with worker:
        assert worker.stdout.readline() == b"ready\n"
        time.sleep(random.Random(seed).uniform(0, 0.8))
        worker.send_signal(signal.SIGKILL)


def kill_backup(folder: Path, target: Path, seed: str) -> None:
    """Kill a process that takes backups of a database in which another one writes and packs."""
    backup(files_of(uri_of(folder)), target)  # one that must stay usable
    with start("tests.soak.worker", str(folder), seed, "pack") as writer:
        assert writer.stdout.readline() == b"ready\n"
        kill_one(folder, seed, "backup", str(target))
        writer.send_signal(signal.SIGKILL)


def faults(folder: Path) -> list[str]:
    """Everything that is wrong with a database after a kill: opened as the server would, read as a scrub does."""
    lost = [f"lost: {key}" for key in unlike(folder)]
    return lost + [str(damage) for damage in scrub(files_of(uri_of(folder))).damages]
