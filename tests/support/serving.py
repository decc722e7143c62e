"""Servers for tests: an application, or a folder of files, on a free loopback port."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from waitress import wasyncore
from waitress.server import create_server


@contextmanager
def serving(application, **facts) -> Iterator[str]:
    """A WSGI application's address while it is served; `facts` are waitress's settings."""
    server = create_server(application, **{"host": "127.0.0.1", "port": 0, "threads": 4, **facts})
    with running(server):
        yield f"http://127.0.0.1:{server.effective_port}"


@contextmanager
def running(server) -> Iterator[None]:
    """A server of waitress while it runs in a thread of its own."""
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        # First those who answer: one that is done rings at the loop's trigger, which must be there still.
        server.task_dispatcher.shutdown()
        # In its own thread, with the browsers' open connections: the loop ends when none is left.
        with suppress(OSError):  # an earlier ring may let it end before this one
            server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map, ignore_all=True))
        thread.join(5)
        assert not thread.is_alive()


class _Quiet(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_args) -> None:
        pass


@contextmanager
def serving_files(folder: Path) -> Iterator[str]:
    """The address of a folder while a plain web server serves it."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        running.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join(5)
