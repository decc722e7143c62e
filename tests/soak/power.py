"""Power that fails at any moment: what was written since the last synchronisation is there, or not, or in part.

Every write, cut and synchronisation of Data.fs, Data.fs.sums, blobs and their folders is recorded while a storage
works. Then a disk is put together as a power cut could have left it at any point of the record, and opened: what had
been acknowledged by then must be there. A file is there for sure only when all folders on the way to it were
synchronised.
"""

from __future__ import annotations

import importlib
import os
import random
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

from ZODB import DB, blob

from egov.base.errors import EgovError
from egov.model.files import StoredFile
from egov.storage import engine, sums
from tests.soak.worker import content_of, make, unlike

SECTOR = 512
filestorage = importlib.import_module(
    "ZODB.FileStorage.FileStorage"
)  # the package's name for it is the class


class Step(NamedTuple):
    """Something that happened to a file, or an acknowledgement."""

    what: str  # write, cut, sync, made (a blob, under its name), acknowledged
    name: str
    at: int = 0
    data: bytes = b""


class Recorder:
    """Watches a storage's files and folders."""

    def __init__(self, home: Path) -> None:
        self.home, self.steps = home, []

    def _name(self, fd: int) -> str:
        return str(Path(f"/proc/self/fd/{fd}").readlink().relative_to(self.home))

    def watching(self, monkey) -> None:
        """Put ourselves between the engine and the operating system."""
        recorder, steps = self, self.steps

        class Watched(engine.WholeFile):
            def write(self, data):
                steps.append(Step("write", "Data.fs", self.tell(), bytes(data)))
                return super().write(data)

            def truncate(self, size=None):
                steps.append(Step("cut", "Data.fs", self.tell() if size is None else size))
                return super().truncate(size)

        def pwrite(fd, data, at):
            steps.append(Step("write", recorder._name(fd), at, bytes(data)))
            return os.pwrite(fd, data, at)

        def ftruncate(fd, size):
            steps.append(Step("cut", recorder._name(fd), size))
            return os.ftruncate(fd, size)

        def synced(fd):
            fd = fd if isinstance(fd, int) else fd.fileno()
            os.fsync(fd)
            steps.append(Step("sync", recorder._name(fd)))

        ours = SimpleNamespace(
            **{name: getattr(os, name) for name in dir(os) if not name.startswith("__")}
        )
        ours.pwrite, ours.ftruncate, ours.fsync, ours.fdatasync = pwrite, ftruncate, synced, synced
        rename = blob.rename_or_copy_blob

        def made(old, new, *args, **more):
            rename(old, new, *args, **more)
            if Path(new).suffix == ".blob":
                name = str(Path(new).relative_to(self.home))
                steps.append(Step("made", name, data=Path(new).read_bytes()))

        monkey(engine, "WholeFile", Watched)
        monkey(engine, "os", ours)
        monkey(sums, "os", ours)
        monkey(blob, "rename_or_copy_blob", made)
        monkey(filestorage, "fsync", synced)


def record(home: Path, commits: int) -> list[Step]:
    """Let a storage commit, and give up now and then, while it is watched."""
    recorder, undo = Recorder(home), []

    def monkey(module, name, value) -> None:
        undo.append((module, name, getattr(module, name)))
        setattr(module, name, value)

    recorder.watching(monkey)
    chance = random.Random(6)
    try:
        database = DB(engine.SafeStorage(f"{home}/Data.fs", f"{home}/blobs"))
        for number in range(commits):
            key = f"power-{number}"
            with database.transaction() as connection:
                content = content_of(key)
                if number % 4 == 0:
                    connection.root()["entries"][key] = StoredFile(content, key, "x/y")
                else:
                    connection.root()["entries"][key] = content
                connection.root()["scratch"][0] = os.urandom(chance.randrange(5000))
            recorder.steps.append(Step("acknowledged", key))
        database.close()
    finally:
        for module, name, value in undo:
            setattr(module, name, value)
    return recorder.steps


def left_behind(
    steps: list[Step], start: dict[str, bytes], chance: random.Random
) -> dict[str, bytes]:
    """The two files after a power cut at the end of these steps."""
    files = {name: bytearray(content) for name, content in start.items()}
    for name, content in files.items():
        mine = [step for step in steps if step.name == name]
        last_sync = max((n for n, step in enumerate(mine) if step.what == "sync"), default=-1)
        for number, step in enumerate(mine):
            if number > last_sync and chance.random() < 0.5:
                continue  # it never reached the disk
            data = step.data
            if number > last_sync and step.what == "write" and chance.random() < 0.3:
                data = data[: chance.randrange(0, len(data) + 1, SECTOR) or len(data) // 2]
            if step.what == "cut":
                del content[step.at :]
            elif step.what == "write" and data:
                content.extend(bytes(max(0, step.at - len(content))))  # a hole reads as zeros
                content[step.at : step.at + len(data)] = data
    return {name: bytes(content) for name, content in files.items()}


def blobs_left_behind(steps: list[Step], chance: random.Random) -> dict[str, bytes]:
    """The blobs after it; one whose bytes were not synchronised may be empty or of zeros."""
    made: dict[str, Step] = {}
    entries: dict[Path, bool] = {}  # names in folders: whether they are there for sure
    whole: set[str] = set()
    for step in steps:
        if step.what == "made":
            made[step.name] = step
            for path in (Path(step.name), *Path(step.name).parents[:-2]):
                entries.setdefault(path, False)
        elif step.what == "sync":
            whole.update({step.name} & made.keys())
            entries.update({path: True for path in entries if str(path.parent) == step.name})
    found = {}
    for name, step in made.items():
        on_the_way = (Path(name), *Path(name).parents[:-2])
        if all(entries[path] or chance.random() < 0.5 for path in on_the_way):
            lost = chance.choice([step.data, b"", bytes(len(step.data))])
            found[name] = step.data if name in whole else lost
    return found


def trial(folder: Path, times: int) -> list[str]:
    """Power cuts at random points; what was acknowledged before must be there, and the storage must open."""
    home, wrong, chance = folder / "var", [], random.Random(7)
    home.mkdir()
    make(home)
    start = {name: (home / name).read_bytes() for name in ("Data.fs", "Data.fs.sums")}
    steps = record(home, 60)
    for turn in range(times):
        until = chance.randrange(1, len(steps) + 1)
        cut = folder / "cut"
        (cut / "blobs").mkdir(parents=True)
        shutil.copy(home / "blobs/.layout", cut / "blobs")
        left = left_behind(steps[:until], start, chance) | blobs_left_behind(steps[:until], chance)
        for name, content in left.items():
            (cut / name).parent.mkdir(parents=True, exist_ok=True)
            (cut / name).write_bytes(content)
        keys = [step.name for step in steps[:until] if step.what == "acknowledged"]
        (cut / "acknowledged").write_text("".join(f"{key}\n" for key in keys))
        try:
            wrong += [f"turn {turn}: lost {key}" for key in unlike(cut)]
        except EgovError as error:
            wrong.append(f"turn {turn}: {error.message.interpolate()}")
        shutil.rmtree(cut)
    return wrong
