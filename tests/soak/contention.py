"""Two processes with four threads each save and take steps on the same items: what was acknowledged must be there."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from egov.operations.check import check
from egov.operations.setup import ROOT_KEY
from egov.storage.opening import open_database
from tests.soak.processes import start
from tests.soak.worker import uri_of
from tests.support import world

PROCESSES, THREADS = 2, 4
_ZEO = """
%import egov.storage
<zeo>
  address 127.0.0.1:{port}
</zeo>
<safestorage 1>
  path {folder}/Data.fs
  blob-dir {folder}/blobs
</safestorage>
"""


def contend(folder: Path, *, operations: int, items: int) -> tuple[list[str], Counter]:
    """Let two processes work on one database; returns what is wrong afterwards, and what became of the operations."""
    _make(folder, items)
    port = _free_port()
    (folder / "zeo.conf").write_text(_ZEO.format(port=port, folder=folder), "utf-8")
    server = subprocess.Popen([Path(sys.executable).parent / "runzeo", "-C", folder / "zeo.conf"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        _wait_for(port)
        uri = f"zeo://127.0.0.1:{port}?blob_dir={folder}/blobs&shared_blob_dir=1&wait_timeout=20"
        logs = _run(folder, uri, operations)
    finally:
        server.terminate()
        server.wait(20)
    lines = [json.loads(line) for log in logs for line in log.read_text("utf-8").splitlines()]
    return _faults(folder, lines), _told(lines)


def _make(folder: Path, items: int) -> None:
    database = open_database(uri_of(folder), create=True)
    connection = database.open()
    site = world.build(connection.root())
    for number in range(items):
        world.article(site, by="author", title=f"t{number}")
    connection.transaction_manager.commit()
    connection.close()
    database.close()


def _run(folder: Path, uri: str, operations: int) -> list[Path]:
    share = str(operations // PROCESSES)
    logs = [folder / f"log{n}" for n in range(PROCESSES)]
    workers = [
        start(
            "tests.soak.contention_worker",
            uri,
            f"p{n}",
            share,
            str(THREADS),
            str(logs[n]),
            stdin=subprocess.PIPE,
        )
        for n in range(PROCESSES)
    ]
    for worker in workers:
        assert worker.stdout.readline() == b"ready\n"
    for worker in workers:
        worker.stdin.write(b"go\n")
        worker.stdin.flush()
    for worker in workers:
        with worker:
            assert worker.wait(600) == 0
    return logs


def _faults(folder: Path, lines: list[dict]) -> list[str]:
    database = open_database(uri_of(folder))
    connection = database.open()
    try:
        site = connection.root()[ROOT_KEY]
        found = list(check(site))
        for name, item in site["finance"]["news"].items():
            found += _faults_of(name, item, [line for line in lines if line["item"] == name])
        refusals = [line for line in lines if "refused" in line]
        found += [
            f"refused without a word: {line}" for line in refusals if len(line["refused"]) < 8
        ]
        return found
    finally:
        connection.transaction_manager.abort()
        connection.close()
        database.close()


def _faults_of(name: str, item, lines: list[dict]) -> list[str]:
    text = item.work.values["body"]
    saved = [line["mark"] for line in lines if line["do"] == "save" and "done" in line]
    found = [f"{name}: lost {mark}" for mark in saved if text.count(mark) != 1]
    found += [
        f"{name}: {mark} was never acknowledged"
        for mark in set(re.findall(r"\[[^\]]+\]", text)) - set(saved)
    ]
    taken = Counter(line["do"] for line in lines if line["do"] != "save" and "done" in line)
    recorded = Counter(e.action for e in item.log.values() if e.action not in ("edit", "create"))
    if taken != recorded:
        found.append(f"{name}: steps {dict(recorded)} on record, {dict(taken)} acknowledged")
    if (item.draft is None) != (item.draft_state == "") or (item.live is None) != (
        item.live_state == ""
    ):
        found.append(f"{name}: half a step: {item.draft_state!r} {item.live_state!r}")
    return found


def _told(lines: list[dict]) -> Counter:
    return Counter(
        "busy"
        if "busy" in line
        else "refused"
        if "refused" in line
        else "saves"
        if line["do"] == "save"
        else "steps"
        for line in lines
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(port: int) -> None:
    for _attempt in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the database server does not answer")
