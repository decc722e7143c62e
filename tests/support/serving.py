"""Servers for tests: an application, or a folder of files, on a free loopback port."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from waitress import wasyncore
from waitress.server import create_server


@contextmanager
def serving(application) -> Iterator[str]:
    """A WSGI application's address while it is served."""
    running = create_server(application, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{running.effective_port}"
    # In its own thread, with the browsers' open connections: the loop ends when none is left.
    running.trigger.pull_trigger(lambda: wasyncore.close_all(running._map, ignore_all=True))
    running.task_dispatcher.shutdown()
    thread.join(5)
    assert not thread.is_alive()


class _Quiet(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_args) -> None:
        pass


@contextmanager
def serving_files(folder: Path) -> Iterator[str]:
    """The address of a folder while a plain web server serves it."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as running:
        running.daemon_threads = True
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join(5)
