"""Real servers for trials: a database server and egov processes on it, run by the configurations in etc/."""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote

from webtest import TestApp

from tests.support.world import PASSWORD

PROJECT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
# Whatever went wrong in a process of ours; what the client of a killed server complains of is what is tried.
_FAILED = re.compile(
    r"^\d{4}-.* (?:ERROR|CRITICAL) \[(?!ZEO|ZODB|asyncio).*\n(?:(?!\d{4}-).*\n)*", re.MULTILINE
)
PATIENCE = 90  # seconds for a server to come up; a broken one says so at once


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Servers:
    """A folder with the project's etc/, and the processes that we have started in it, each with a log."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.children: list[subprocess.Popen[bytes]] = []
        shutil.copytree(PROJECT / "etc", folder / "etc")
        (folder / "var").mkdir(exist_ok=True)

    def copy(self, name: str, new: str, *pairs: tuple[str, str]) -> str:
        """A changed copy of a configuration; its path."""
        shutil.copy(self.folder / "etc" / name, self.folder / "etc" / new)
        self.change(new, *pairs)
        return f"etc/{new}"

    def change(self, name: str, *pairs: tuple[str, str]) -> None:
        """Change words of a configuration; each must be there."""
        path = self.folder / "etc" / name
        text = path.read_text("utf-8")
        for old, new in pairs:
            assert old in text, (name, old)
            text = text.replace(old, new)
        path.write_text(text, "utf-8")

    def run(self, *command: str | Path, config: str = "", **options) -> subprocess.Popen[bytes]:
        """Start something of ours in the folder."""
        paths = [str(PROJECT / "src"), str(PROJECT)]
        environment = {**os.environ, "EGOV_CONFIG": config, "PYTHONPATH": ":".join(paths)}
        name = Path(command[0]).name
        with (self.folder / f"{len(self.children):03d}-{name}.log").open("wb") as log:
            child = subprocess.Popen(
                command, cwd=self.folder, env=environment, stdout=log, stderr=log, **options
            )
        self.children.append(child)
        return child

    def egov(self, *args: str, config: str, status: int | None = 0) -> int:
        """Run the command to its end."""
        code = self.run(BIN / "egov", *args, config=config).wait(600)
        assert status in (None, code), self.logs()
        return code

    def wait_for(self, port: int, child: subprocess.Popen[bytes]) -> None:
        """Until somebody answers at a port."""
        deadline = time.monotonic() + PATIENCE
        while not answers(port):
            assert child.poll() is None, f"it ended\n{self.logs()}"
            assert time.monotonic() < deadline, f"nobody answers\n{self.logs()}"
            time.sleep(0.05)

    def logs(self) -> str:
        """What everybody has said, the last of it."""
        return "\n".join(
            f"{p.name}\n{p.read_text('utf-8', 'replace')[-3000:]}"
            for p in sorted(self.folder.glob("*.log"))
        )

    def failures(self) -> list[str]:
        """What the logs tell of requests that failed, with where that was."""
        texts = (path.read_text("utf-8", "replace") for path in sorted(self.folder.glob("*.log")))
        return [found for text in texts for found in _FAILED.findall(text)]

    def stop(self) -> None:
        """End all of them, the last one first."""
        for child in reversed(self.children):
            if child.poll() is None:
                child.terminate()
                try:
                    child.wait(20)
                except subprocess.TimeoutExpired:
                    child.kill()
                    child.wait()


class Zeo:
    """The database server of etc/zeo.conf, and the configuration of the processes on it."""

    config = "etc/cluster.ini"

    def __init__(self, servers: Servers) -> None:
        self.servers, self.port = servers, free_port()
        servers.change("zeo.conf", ("9991", str(self.port)))
        servers.change("cluster.ini", ("9991", str(self.port)))

    def make(self, *init: str) -> None:
        """A database with a site group; the server never makes one."""
        self.servers.egov("init", *init, config="etc/production.ini")
        self.start()

    def start(self) -> None:
        self.child = self.servers.run(BIN / "runzeo", "-C", "etc/zeo.conf")
        self.servers.wait_for(self.port, self.child)

    def through(self, port: int) -> str:
        """The configuration of a process that reaches the server by another port."""
        return self.servers.copy("cluster.ini", "through.ini", (str(self.port), str(port)))

    def kill(self) -> None:
        self.child.send_signal(signal.SIGKILL)
        self.child.wait()

    def restart(self) -> None:
        """As an administrator would."""
        self.child.terminate()
        self.child.wait(PATIENCE)
        self.start()

    def close(self) -> None:
        pass


def postgres_bin() -> Path | None:
    """Where PostgreSQL's programs are: Debian's, or the package pgserver's."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    spec = importlib.util.find_spec("pgserver")
    inside = Path(spec.origin).parent / "pginstall/bin" if spec and spec.origin else None
    return inside if inside and (inside / "initdb").exists() else None


class Postgres:
    """A PostgreSQL of our own on a loopback port, and etc/postgres.conf for it."""

    config = "etc/postgres.ini"

    def __init__(self, servers: Servers) -> None:
        self.servers, self.port, self.bin = servers, free_port(), postgres_bin()
        # Not in pytest's own folders, which its user may not enter.
        self.home = Path(tempfile.mkdtemp(prefix="egov-postgres-"))
        self.data = self.home / "data"
        self.user = {}
        if os.geteuid() == 0:
            person = pwd.getpwnam("postgres")
            self.user = {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}
            os.chown(self.home, person.pw_uid, person.pw_gid)
        dsn = f"dbname='egov' user='egov' host='127.0.0.1' port='{self.port}'"
        servers.change("postgres.conf", ("dbname='egov' user='egov' host='127.0.0.1'", dsn))

    def _do(self, program: str, *args: str) -> None:
        child = self.servers.run(self.bin / program, *args, **self.user)
        assert child.wait(PATIENCE) == 0, self.servers.logs()

    def make(self, *init: str) -> None:
        """A database with a site group."""
        self.begin()
        self.servers.egov("init", *init, config=self.config)

    def begin(self) -> None:
        """The server, with an empty database."""
        self._do(
            "initdb", "-D", str(self.data), "-U", "egov", "-A", "trust", "-E", "UTF8", "--locale=C",
            "--data-checksums", "--no-sync",
        )  # fmt: skip
        self.start()
        self._do("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "egov", "egov")

    def start(self) -> None:
        options = (
            "-D",
            str(self.data),
            "-p",
            str(self.port),
            "-h",
            "127.0.0.1",
            "-k",
            str(self.home),
        )
        self.child = self.servers.run(self.bin / "postgres", *options, **self.user)
        self.servers.wait_for(self.port, self.child)
        ready = (self.bin / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port))
        deadline = time.monotonic() + PATIENCE
        while subprocess.run(ready, check=False).returncode:  # it reads its log again first
            assert time.monotonic() < deadline, self.servers.logs()
            time.sleep(0.05)

    def through(self, port: int) -> str:
        """The configuration of a process that reaches the server by another port."""
        self.servers.copy("postgres.conf", "through.conf", (str(self.port), str(port)))
        return self.servers.copy("postgres.ini", "through.ini", ("postgres.conf#", "through.conf#"))

    def kill(self) -> None:
        """Without a word to anybody; its own children follow by themselves."""
        children = children_of(self.child.pid)
        self.child.send_signal(signal.SIGKILL)
        self.child.wait()
        for pid in children:
            while Path(f"/proc/{pid}").exists():
                time.sleep(0.02)

    def restart(self) -> None:
        """As an administrator would."""
        self.child.send_signal(signal.SIGINT)
        self.child.wait(PATIENCE)
        self.start()

    def stop_comparing(self) -> None:
        """As a server that was set up without checksums."""
        self.child.send_signal(signal.SIGINT)
        self.child.wait(PATIENCE)
        self._do("pg_checksums", "--disable", "-D", str(self.data))
        self.start()

    def close(self) -> None:
        shutil.rmtree(self.home, ignore_errors=True)


def children_of(pid: int) -> list[int]:
    told = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(word) for word in told.split()]


class Cluster:
    """Some egov processes on a database server of a kind (`Zeo` or `Postgres`)."""

    def __init__(self, folder: Path, kind: type, processes: int = 2) -> None:
        self.servers = Servers(folder)
        self.database = kind(self.servers)
        self.ports = [free_port() for _n in range(processes)]
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, *init: str, fill: int = 0) -> None:
        """Make a site group, with so many writers, then start everything."""
        self.database.make("--password", PASSWORD, *init)
        if fill:
            command = (sys.executable, "-W", "ignore", "-m", "tests.soak.office", str(fill))
            child = self.servers.run(*command, config=self.database.config)
            assert child.wait() == 0, self.servers.logs()
        self.processes = [self.serve(port) for port in self.ports]
        for port, child in zip(self.ports, self.processes, strict=True):
            self.servers.wait_for(port, child)

    def serve(self, port: int, config: str = "") -> subprocess.Popen[bytes]:
        """One more process, by a configuration of its own where that is given."""
        config = config or self.database.config
        return self.servers.run(BIN / "pserve", config, f"http_port={port}")

    def stop(self) -> None:
        self.servers.stop()
        self.database.close()

    def person(self, user_id: str = "", port: int | None = None) -> TestApp:
        """Somebody at a browser that asks one process; signed in where an id is given."""
        browser = TestApp(Remote(self.ports if port is None else [port]))
        if user_id:
            form = browser.get("/login").forms[0]
            form["id"], form["password"] = user_id, PASSWORD
            form.submit(status=302)
        return browser


class Remote:
    """A WSGI application that asks servers elsewhere, now one, now another; raises OSError where none answers."""

    def __init__(self, ports: list[int]) -> None:
        self.ports, self.asked = ports, 0

    def __call__(self, environ, start_response):
        port = self.ports[self.asked % len(self.ports)]
        self.asked += 1
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8")
        url = _quoted(path) + (f"?{environ['QUERY_STRING']}" if environ.get("QUERY_STRING") else "")
        headers = {
            key[5:].replace("_", "-"): value
            for key, value in environ.items()
            if key.startswith("HTTP_")
        }
        headers["Host"] = f"127.0.0.1:{port}"
        if environ.get("CONTENT_TYPE"):
            headers["Content-Type"] = environ["CONTENT_TYPE"]
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length) if length else None
        try:
            connection.request(environ["REQUEST_METHOD"], url, body, headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        told = [
            (k, _here(v))
            for k, v in answer.getheaders()
            if k.lower() not in ("connection", "transfer-encoding", "via")
        ]
        start_response(f"{answer.status} {answer.reason}", told)
        return [content]


def _quoted(path: str) -> str:
    return quote(path, safe="/@:!$&'()*+,;=-._~")


def _here(value: str) -> str:
    """An address on another port of this machine, as one of the site."""
    if value.startswith("http://127.0.0.1:"):
        return "http://localhost:80/" + value.split("/", 3)[3]
    return value
