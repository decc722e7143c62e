"""`make soak`: every fault 200 times; nothing acknowledged may be lost, no damage may go unseen.

make soak                          all trials
make soak ARGS="pack tail"         some of them
make soak ARGS="zeo --times 50"    fewer times
make soak ARGS="load --times 30"   minutes of mixed load with faults, on ZEO; load-postgres on PostgreSQL
make soak ARGS="rights --times 2000"   so many stories of people who try to raise their rights
"""

from __future__ import annotations

import logging
import sys
import tempfile
import time
from pathlib import Path

from tests.soak import servers
from tests.soak.desk import desk
from tests.soak.rights import rights
from tests.soak.trials import TRIALS

TIMES = 200
ALL = {
    **TRIALS,
    "desk": desk,
    "rights": rights,
    "zeo": servers.zeo,
    "postgres": servers.postgres,
    "load": servers.mixed,
    "load-postgres": servers.mixed_on_postgres,
}


def main(words: list[str]) -> int:
    """Run the trials that are named; returns the number of faults."""
    logging.getLogger().addHandler(
        logging.NullHandler()
    )  # that a transaction was cut off is what we try
    times = TIMES
    if "--times" in words:
        at = words.index("--times")
        times = int(words[at + 1])
        words = words[:at] + words[at + 2 :]
    wrong: list[str] = []
    for name in words or [name for name in ALL if not name.startswith("load")]:
        begun = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="egov-soak-") as folder:
            found = ALL[name](Path(folder), times)
        seconds = time.monotonic() - begun
        print(
            f"{name:10} {times:5} times  {len(found):3} faults  {seconds:6.0f} s  {ALL[name].__doc__}"
        )
        print("".join(f"    {line}\n" for line in found[:20]), end="", flush=True)
        wrong += found
    return min(len(wrong), 255)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
