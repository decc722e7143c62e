"""A line between two programs that can be slow: what one of them says is kept back for a while."""

from __future__ import annotations

import socket
import threading


class Relay:
    """Listens on a loopback port and passes everything on to another; `hold` keeps back what comes from there."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._flows, self._spoken = threading.Event(), threading.Event()
        self._flows.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def hold(self) -> None:
        """From now on nothing arrives from there."""
        self._flows.clear()
        self._spoken.clear()

    def wait_until_asked(self, seconds: float) -> None:
        """Until somebody asks something there, which is passed on, or so long."""
        self._spoken.wait(seconds)

    def release(self) -> None:
        """Pass on what was kept back, in its order."""
        self._flows.set()

    def close(self) -> None:
        self.release()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _address = self._listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self._target))
            for source, sink, kept in ((near, far, False), (far, near, True)):
                threading.Thread(target=self._pass, args=(source, sink, kept), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket, kept: bool) -> None:
        try:
            while data := source.recv(65536):
                if kept:
                    self._flows.wait()
                sink.sendall(data)
                if not kept:
                    self._spoken.set()
        except OSError:
            pass
        finally:
            for one in (source, sink):
                one.close()
