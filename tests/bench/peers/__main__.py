"""`make bench-peers`: egov, Plone and Wagtail do the same work in turn, each in an environment of its own.

In-process calls of each one's WSGI application and its own operations, one thread, on one core (taskset, where there
is one), each with its defaults, on its default storage (FileStorage, SQLite); answers and items a second are of
processor time, so that what else the machine does falls out. No page cache in front of any. With `ARGS=keep` the table
goes into docs/benchmarks.md.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from rich.console import Console
from rich.table import Table

from egov.base import clock

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
PLACE = ROOT / "build/peers"
RESULTS = ROOT / "docs/benchmarks.md"
BEGIN, END = "<!-- peers -->", "<!-- /peers -->"
ITEMS = 300
PEERS = {"plone": "Plone 6.2.2", "wagtail": "Wagtail 8.0.1"}
LESS_IS_BETTER = ("ms", "KB")


def python_of(peer):
    """The Python of a peer's environment, made and filled where it is missing; None with a word where it cannot be."""
    folder, wanted = PLACE / peer, HERE / f"{peer}.txt"
    stamp = folder / "installed.txt"
    python = folder / "bin/python"
    if stamp.exists() and stamp.read_text() == wanted.read_text():
        return python
    print(f"Installing {PEERS[peer]}; this takes a minute or two.")
    try:
        venv.create(folder, clear=True, with_pip=True)
        command = [
            python,
            "-m",
            "pip",
            "--disable-pip-version-check",
            "--quiet",
            "install",
            "--no-deps",
            "-r",
            wanted,
        ]
        subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        told = (getattr(error, "stderr", "") or str(error)).strip().splitlines()
        print(
            f"{PEERS[peer]} could not be installed and is left out: {told[-1] if told else error}"
        )
        return None
    stamp.write_text(wanted.read_text())
    return python


def figures_of(command):
    """The figures of one system's run; None with a word where it failed."""
    core = max(os.sched_getaffinity(0))
    pinned = ["taskset", "-c", str(core)] if shutil.which("taskset") else []
    with tempfile.TemporaryDirectory() as folder:
        command = [*pinned, *command, folder, str(ITEMS)]
        done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        print(f"{command[-3]} failed and is left out:\n{done.stderr[-2000:]}")
        return None
    return json.loads(done.stdout.strip().splitlines()[-1])


def told(value):
    """A figure as people read it."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}"


def times(name, ours, theirs):
    """How many times better we are."""
    ratio = theirs / ours if name.endswith(LESS_IS_BETTER) else ours / theirs
    return "" if name.endswith("bytes") else f"{ratio:.1f} ×"


def rows_of(found):
    """The table's rows: what, egov's figure, then each peer's with our ratio to it."""
    for name, ours in found["egov"].items():
        peers = (found[peer] for peer in PEERS if peer in found)
        yield [
            name,
            told(ours),
            *(part for p in peers for part in (told(p[name]), times(name, ours, p[name]))),
        ]


def keep(heads, rows):
    """Put the table into docs/benchmarks.md, with its day."""
    lines = [f"Measured on {clock.today().isoformat()}, {ITEMS} items.", ""]
    lines += ["| " + " | ".join(cells) + " |" for cells in (heads, ["---"] * len(heads), *rows)]
    text = RESULTS.read_text("utf-8")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    RESULTS.write_text(f"{before}{BEGIN}\n" + "\n".join(lines) + f"\n{END}{after}", "utf-8")


def main():
    """Let all three work, and print the table."""
    found = {
        "egov": figures_of([sys.executable, "-W", "ignore", "-m", "tests.bench.peers.run_egov"])
    }
    for peer in PEERS:
        python = python_of(peer)
        figures = python and figures_of([python, "-W", "ignore", HERE / f"run_{peer}.py"])
        if figures:
            found[peer] = figures
    if found["egov"] is None:
        raise SystemExit(1)
    heads = [
        "what",
        "egov",
        *(head for p in PEERS if p in found for head in (PEERS[p], "egov is better")),
    ]
    rows = list(rows_of(found))
    table = Table(*heads, title=f"The same work, {ITEMS} items, one core each")
    for row in rows:
        table.add_row(*row)
    Console(width=130).print(table, __doc__.split("\n\n")[1])
    if sys.argv[1:] == ["keep"]:
        keep(heads, rows)


main()
