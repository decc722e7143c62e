"""The same work for every system: run by each with its own Python, so with the standard library alone.

A system is an object with `create(title, paragraphs)` (made and published, in one durable commit, in a folder for the
purpose), `catch_up()` (with what it indexes later), `wsgi()`, `paths()` (of a page, the folder, a search), `grant()`
and `rename()` (of the folder), and `size()`.
"""

import gc
import json
import re
import sys
import time
from io import BytesIO
from pathlib import Path

SECONDS = 2.0
WORD = "公告"  # stands by itself: what comes with SQLite finds no word within a Chinese sentence
TIMES = 3


def texts(count):
    """(title, paragraphs) of about 2 KB, no two alike."""
    for number in range(count):
        line = f"为方便群众和企业办理第{number}号事项，现将有关安排公告如下，请相互转告。"
        yield f"第{number}号 {WORD}", [line * 5 for _part in range(3)]


def ask(app, path):
    """The status and the body of a GET request by nobody in particular."""
    path, _mark, query = path.partition("?")
    told = []
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path.encode().decode("latin-1"), "QUERY_STRING": query, "SCRIPT_NAME": "",
        "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "localhost",
        "REMOTE_ADDR": "127.0.0.1", "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr, "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False,
    }  # fmt: skip
    answer = app(environ, lambda status, _headers, _info=None: told.append(status))
    body = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    return told[-1], body


def per_second(app, path):
    """Answers a second of processor time, in one thread."""
    for _turn in range(3):
        ask(app, path)
    count, begun, until = 0, time.process_time(), time.process_time() + SECONDS
    while time.process_time() < until:
        ask(app, path)
        count += 1
    return count / (time.process_time() - begun)


def shortest(function):
    """The shortest of a few runs, in seconds."""
    times = []
    for _turn in range(TIMES):
        begun = time.perf_counter()
        function()
        times.append(time.perf_counter() - begun)
    return min(times)


def run(make):
    """Do all the work with one system and print the figures as JSON, last line; arguments: folder, items."""
    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    system = make(folder)
    items = list(texts(count))
    for item in items[:5]:
        system.create(*item)
    system.catch_up()
    before, begun = system.size(), time.process_time()
    for item in items[5:]:
        system.create(*item)
    system.catch_up()
    made = (count - 5) / (time.process_time() - begun)
    growth = (system.size() - before) / (count - 5)
    figures = {"create and publish, items/s": made, "growth per item, KB": growth / 1000}
    app = system.wsgi()
    gc.collect()
    gc.freeze()
    for name, path in zip(("page", "listing", "search"), system.paths(), strict=True):
        status, body = ask(app, path)
        wanted = f"第{count - 1}号" if name == "page" else rf"号 (?:<\w+>)?{WORD}</"
        found = len(re.findall(wanted, body.decode()))
        if not status.startswith("200") or found < (1 if name == "page" else 5):
            raise SystemExit(f"{name} {path}: {status}, {found} found\n{body.decode()[:3000]}")
        figures[f"{name}, answers/s"] = per_second(app, path)
        figures[f"{name}, bytes"] = len(body)
    figures["grant on the folder, ms"] = shortest(system.grant) * 1000
    figures["rename of the folder, ms"] = shortest(system.rename) * 1000
    print(json.dumps(figures))
