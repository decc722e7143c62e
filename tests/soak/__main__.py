"""`make soak`: kill a writing, packing, backed-up database again and again; nothing acknowledged may be lost."""

from __future__ import annotations

import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

from egov.storage.archive import Archive
from egov.storage.opening import files_of
from egov.storage.restore import restore
from egov.storage.scrub import scrub
from egov.storage.sums import read_sums
from tests.soak.contention import contend
from tests.soak.desk import desk_faults, kill_desk
from tests.soak.desk_worker import make as make_desk
from tests.soak.kills import faults, kill_backup, kill_one
from tests.soak.worker import make, uri_of

KILLS = 200


def main() -> int:
    """Run KILLS rounds (or as many as the first argument says); returns the number of faults.

    `desk` tries the editorial desk instead: many at once on the same, then KILLS kills of one that publishes sets.
    """
    if sys.argv[1:2] == ["desk"]:
        return try_desk(int(sys.argv[2]) if len(sys.argv) > 2 else KILLS)
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else KILLS
    found: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        home, target = Path(name) / "var", Path(name) / "backup"
        home.mkdir()
        make(home)
        for number in range(kills):
            if number % 4 == 3:
                kill_backup(home, target, f"round{number}")
                found += [f"backup: {path}" for path in Archive(target).verify()]
            else:
                kill_one(home, f"round{number}", *(["pack"] if number % 2 else []))
            found += faults(home)
            print(f"\r{number + 1} kills, {len(found)} faults", end="", flush=True)
        acknowledged = len((home / "acknowledged").read_text().splitlines())
        restore(target, Path(name) / "restored")
        found += map(str, scrub(files_of(uri_of(Path(name) / "restored"))).damages)
        small = Path(name) / "small"
        small.mkdir()
        make(small)
        kill_one(small, "small")
        found += faults(small)
        flips, missed = flip_bytes(small)
    print(
        f"\n{acknowledged} acknowledged commits, {flips} flipped bytes, {missed} of them not found"
    )
    print("\n".join(found) or "Nothing was lost.")
    return min(len(found) + missed, 255)


def try_desk(kills: int) -> int:
    """1,000 saves and steps of two processes with eight threads on 50 items; then the kills; returns the faults."""
    with tempfile.TemporaryDirectory() as name:
        found, told = contend(Path(name), operations=1000, items=50)
    print(f"{dict(told)}, {len(found)} faults")
    seen: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        make_desk(Path(name))
        for number in range(kills):
            kill_desk(Path(name), f"k{number}")
            faults_now, seen = desk_faults(Path(name), whole=number % 20 == 19)
            found += faults_now
            print(f"\r{number + 1} kills, {len(found)} faults, {dict(seen)}", end="", flush=True)
    print()
    print("\n".join(found) or "Every set is wholly in or wholly out.")
    return min(len(found), 255)


def flip_bytes(home: Path) -> tuple[int, int]:
    """Flip bytes of Data.fs one by one; returns how many, and how many of them a scrub did not find."""
    data = home / "Data.fs"
    end = [entry for entry in read_sums(home / "Data.fs.sums") if entry][-1].end
    chance, missed = random.Random(0), 0
    for at in (places := chance.sample(range(end), 200)):
        with data.open("r+b") as target:
            target.seek(at)
            byte = target.read(1)
            target.seek(at)
            target.write(bytes([byte[0] ^ 1 << chance.randrange(8)]))
            target.flush()
            missed += not scrub(files_of(uri_of(home))).damages
            target.seek(at)
            target.write(byte)
    return len(places), missed


if __name__ == "__main__":
    sys.exit(main())
