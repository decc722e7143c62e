"""Reading what strangers have made in a process of its own: where it takes for ever, or all memory, nobody else waits.

The process runs a module that calls `serve`. A question is a line of JSON, a word and the number of the bytes that
follow it; the answer is lines of JSON, one for each part, and a list at its end with what went wrong.
"""

from __future__ import annotations

import atexit
import json
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from threading import Lock, Timer

_MOST = 200  # questions to one process: what reads may leak


class Apart:
    """The process, begun when it is first asked and anew after it has ended; one question after another.

    A question may take `seconds` of processor time, or six times that by the clock; all of it `memory` bytes.
    """

    def __init__(self, module: str, seconds: int, memory: int) -> None:
        self.module, self.seconds, self.memory = module, seconds, memory
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._asked = 0
        atexit.register(self.close)

    def ask(self, word: str, content: bytes) -> tuple[list[str], str]:
        """The parts of the answer as far as it came, and what went wrong, if anything; raises OSError if none runs."""
        with self._lock:
            process = self._running()
            timer = Timer(6 * self.seconds, process.kill)
            timer.start()
            wrong = None
            try:
                parts, wrong = _answer(process, word, content)
            finally:
                timer.cancel()
                self._asked += 1
                if wrong is None or self._asked >= _MOST:
                    self._end()
            return parts, "it took too much time or memory" if wrong is None else wrong

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._end()
        words = [sys.executable, "-P", "-m", self.module, str(self.seconds), str(self.memory)]
        pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
        self._asked = 0
        self._process = subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=nothing)  # noqa: S603  our own words
        return self._process

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def _answer(
    process: subprocess.Popen[bytes], word: str, content: bytes
) -> tuple[list[str], str | None]:
    assert process.stdin is not None  # noqa: S101  both are pipes
    assert process.stdout is not None  # noqa: S101
    parts: list[str] = []
    try:
        process.stdin.write(json.dumps([word, len(content)]).encode() + b"\n" + content)
        process.stdin.flush()
        while isinstance(part := json.loads(process.stdout.readline()), str):
            parts.append(part)
    except (OSError, ValueError):  # it has ended, maybe in the middle of a line
        return parts, None
    return parts, part[0]


def serve(work: Callable[[str, bytes], Iterator[str]]) -> None:
    """Answer questions until there are no more; its arguments are the limits of the process that it runs in."""
    seconds, memory = map(int, sys.argv[1:3])
    source, target = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # nothing else is to come between the lines
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _limit(resource.RLIMIT_AS, memory)
    while line := source.readline():
        word, size = json.loads(line)
        content = source.read(size)
        used = resource.getrusage(resource.RUSAGE_SELF)
        _limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + seconds)
        wrong = ""
        try:
            for part in work(word, content):
                target.write(json.dumps(part).encode() + b"\n")
                target.flush()
        except Exception as error:  # noqa: BLE001  whatever a broken file meets in a reader
            wrong = repr(error)
        target.write(json.dumps([wrong]).encode() + b"\n")
        target.flush()


def _limit(kind: int, most: int) -> None:
    highest = resource.getrlimit(kind)[1]
    resource.setrlimit(
        kind, (most if highest == resource.RLIM_INFINITY else min(most, highest), highest)
    )
