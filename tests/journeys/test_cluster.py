"""Two application processes on one ZEO server: what one writes the other shows, and a session holds on both."""

import os
import re
import socket
import subprocess
import sys
import time
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest
from bs4 import BeautifulSoup

from tests.support.world import PASSWORD

BIN = Path(sys.executable).parent
INI = """
[app:main]
use = egg:egov
zodbconn.uri = zeo://127.0.0.1:{zeo}?blob_dir={folder}/blobs&shared_blob_dir=1&wait_timeout=20
[server:main]
use = egg:waitress#main
listen = 127.0.0.1:%(http_port)s
"""
ZEO = """
<zeo>
  address 127.0.0.1:{zeo}
</zeo>
<filestorage 1>
  path {folder}/Data.fs
  blob-dir {folder}/blobs
</filestorage>
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Cluster:
    """A ZEO server and two egov processes, each with a log in the folder."""

    def __init__(self, folder):
        self.folder = folder
        self.zeo, self.ports = free_port(), (free_port(), free_port())
        self.children = []
        (folder / "egov.ini").write_text(INI.format(zeo=self.zeo, folder=folder), "utf-8")
        (folder / "zeo.conf").write_text(ZEO.format(zeo=self.zeo, folder=folder), "utf-8")

    def start(self):
        self._run("runzeo", "-C", "zeo.conf")
        self._answers(self.zeo)
        init = self._run("egov", "init", "--demo", "--password", PASSWORD)
        assert init.wait(120) == 0, self.logs()
        for port in self.ports:
            self._run("pserve", "egov.ini", f"http_port={port}")
        for port in self.ports:
            self._answers(port)

    def _run(self, command, *args):
        environment = {**os.environ, "EGOV_CONFIG": "egov.ini"}
        with (self.folder / f"{len(self.children)}-{command}.log").open("wb") as log:
            child = subprocess.Popen(
                [BIN / command, *args], cwd=self.folder, env=environment, stdout=log, stderr=log
            )
        self.children.append(child)
        return child

    def _answers(self, port):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        pytest.fail(f"nobody answers\n{self.logs()}")

    def logs(self):
        return "\n".join(f"{p.name}\n{p.read_text('utf-8')}" for p in self.folder.glob("*.log"))

    def stop(self):
        for child in reversed(self.children):
            if child.poll() is None:
                child.terminate()
                child.wait(20)


class Person:
    """Somebody whose browser asks now one process, now the other, with the same cookies."""

    def __init__(self):
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()))

    def get(self, port, path):
        return self._ask(port, path, None)

    def post(self, port, form_page, path, **values):
        """Send a form with the token of the page that it stands on."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get(port, form_page)[1])[1]
        return self._ask(port, path, urlencode({"csrf_token": token, **values}).encode())

    def _ask(self, port, path, data):
        try:
            answer = self.opener.open(f"http://127.0.0.1:{port}{path}", data, timeout=30)
        except HTTPError as error:
            return error.code, error.read().decode()
        except URLError as error:
            pytest.fail(str(error))
        return answer.status, answer.read().decode()


@pytest.fixture
def cluster(tmp_path):
    running = Cluster(tmp_path)
    try:
        running.start()
        yield running
    finally:
        running.stop()


def test_written_on_one_and_read_on_the_other(cluster):
    one, two = cluster.ports
    editor, visitor = Person(), Person()
    editor.post(one, "/login", "/login", id="chenzg", password=PASSWORD)
    assert "工作台" in editor.get(two, "/manage")[1]

    form = "/manage/czj/gzdt/@@settings"
    told = {"column_type": "工作动态", "update_days": "14", "layout": "list"}
    editor.post(one, form, form, title="财政新闻", description="新的说明", **told)

    for port in (one, two):
        status, page = visitor.get(port, "/czj/gzdt")
        assert (status, BeautifulSoup(page, "html.parser").h1.text) == (200, "财政新闻")

    editor.post(two, "/manage", "/logout")
    for port in (one, two):
        assert "登录管理平台" in editor.get(port, "/manage")[1]
