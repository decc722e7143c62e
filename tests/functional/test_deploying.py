"""What docs/deploy.md and etc/ tell an office to do, done."""

import configparser
import re
import shutil
import ssl
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from http.client import HTTPSConnection
from pathlib import Path

import pytest
import transaction
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from waitress import wasyncore
from waitress.server import create_server

from tests.support.cluster import answers, free_port
from tests.support.world import PASSWORD

PROJECT = Path(__file__).parents[2]


def test_the_systemd_units_are_right(tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze here")
    units = []
    for unit in (PROJECT / "etc/systemd").iterdir():
        copy = tmp_path / unit.name
        text = unit.read_text().replace("/srv/egov/.venv/bin", str(Path(sys.executable).parent))
        copy.write_text(text)
        units.append(copy)

    told = subprocess.run(
        ["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False
    )

    assert [
        line for line in told.stderr.splitlines() if str(tmp_path) in line or "egov" in line
    ] == []


def certificate(folder):
    """A certificate for nobody else than this test."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "www.example.gov.cn")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "egov.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "egov.key").write_bytes(private)


@pytest.fixture
def behind(wsgi):
    """The application as etc/production.ini serves it, on a free port."""
    object.__setattr__(wsgi.registry.egov, "secure_cookies", True)
    ini = configparser.ConfigParser(interpolation=None)
    ini.read(PROJECT / "etc/production.ini", "utf-8")
    facts = {
        name: value
        for name, value in ini["server:main"].items()
        if name.startswith(("trusted", "clear"))
    }
    running = create_server(wsgi, host="127.0.0.1", port=0, threads=2, **facts)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    yield running.effective_port
    running.trigger.pull_trigger(lambda: wasyncore.close_all(running._map, ignore_all=True))
    running.task_dispatcher.shutdown()
    thread.join(5)


@pytest.fixture
def nginx(behind, tmp_path):
    """nginx with the server block of docs/deploy.md."""
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    if not Path(program).exists():
        pytest.skip("no nginx here: apt-get install nginx-light")
    text = (PROJECT / "docs/deploy.md").read_text("utf-8")
    block = re.search(r"nginx:\n\n```\n(.*?)```", text, re.DOTALL)[1]
    port = free_port()
    certificate(tmp_path)
    for old, new in (
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("/etc/ssl/", f"{tmp_path}/"),
        ("127.0.0.1:6543", f"127.0.0.1:{behind}"),
    ):
        assert old in block
        block = block.replace(old, new)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"{kind}_temp_path {tmp_path}/{kind};\n" for kind in kinds)
    (tmp_path / "nginx.conf").write_text(
        f"user root;\ndaemon off;\npid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{places}{block}\n}}\n"
    )
    with subprocess.Popen(
        [program, "-c", tmp_path / "nginx.conf"], stderr=subprocess.PIPE
    ) as server:
        while not answers(port):
            assert server.poll() is None, server.stderr.read()
            time.sleep(0.05)
        yield port
        server.terminate()


def ask(port, method, path, body=None, **headers):
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    connection = HTTPSConnection("127.0.0.1", port, context=trusting)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, {"Host": "www.example.gov.cn", **names})
    answer = connection.getresponse()
    page = answer.read().decode()
    connection.close()
    return answer, page


def test_behind_nginx_as_the_page_tells(nginx, site):
    answer, page = ask(nginx, "GET", "/finance")
    assert (answer.status, "市财政局" in page) == (200, True)
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-ID"])  # nginx's own, kept
    assert ask(nginx, "GET", "/-/metrics")[0].status == 404

    answer, page = ask(nginx, "GET", "/login")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    cookies = "; ".join(c.partition(";")[0] for c in answer.headers.get_all("Set-Cookie") or ())
    form = f"csrf_token={token}&id=author&password={PASSWORD}"
    answer, _page = ask(
        nginx, "POST", "/login", form, Cookie=cookies, Content_Type="application/x-www-form-urlencoded",
        Referer="https://www.example.gov.cn/login", X_Forwarded_For="192.0.2.66",
    )  # fmt: skip

    assert answer.status == 302
    assert answer.headers["Location"].startswith("https://www.example.gov.cn/")
    assert "secure" in answer.headers["Set-Cookie"].lower()
    transaction.begin()
    assert site.sessions.of_user("author")[0].address == "127.0.0.1"  # not what the visitor says
