"""What docs/deploy.md and etc/ tell an office to do, done."""

import configparser
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from http.client import HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import transaction
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support.cluster import answers, free_port
from tests.support.serving import serving
from tests.support.world import PASSWORD

PROJECT = Path(__file__).parents[2]
NAME = "www.example.gov.cn"


def test_the_systemd_units_are_right(tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze here")
    units = []
    for unit in (PROJECT / "etc/systemd").iterdir():
        copy = tmp_path / unit.name.replace("@", "@6543")
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
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "egov.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "egov.key").write_bytes(private)


def facts_of(name):
    """What a configuration says of its server, but where it listens and how many it serves at once."""
    ini = configparser.ConfigParser(interpolation=None)
    ini.read(PROJECT / "etc" / name, "utf-8")
    own = ("use", "listen", "threads")
    return {key: value for key, value in ini["server:main"].items() if key not in own}


@pytest.mark.parametrize("name", ["cluster.ini", "postgres.ini"])
def test_several_processes_believe_and_take_what_one_does(name):
    assert facts_of(name) == facts_of("production.ini")
    assert "\n# egov.secure_cookies = true\n" in (PROJECT / "etc" / name).read_text("utf-8")


@pytest.fixture
def behind(wsgi):
    """The application as etc/production.ini serves it, on a free port."""
    object.__setattr__(wsgi.registry.egov, "secure_cookies", True)
    facts = {
        name: value
        for name, value in facts_of("production.ini").items()
        if name.startswith(("trusted", "clear"))
    }
    with serving(wsgi, threads=2, **facts) as address:
        yield urlsplit(address).port


NGINX = "etc/web/nginx.conf"
CADDY = "etc/web/Caddyfile"


def installed(name, package):
    program = shutil.which(name) or f"/usr/sbin/{name}"
    if not Path(program).exists():
        pytest.skip(f"no {name} here: apt-get install {package}")
    return program


def changed(name, *pairs):
    """A configuration of etc/ with its addresses and paths changed; each must be there."""
    text = (PROJECT / name).read_text("utf-8")
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


def nginx(port, behind, folder):
    """The command that starts it."""
    program = installed("nginx", "nginx-light")
    block = changed(
        NGINX,
        ("listen 80;", f"listen 127.0.0.1:{free_port()};"),
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("/etc/ssl/", f"{folder}/"),
        ("127.0.0.1:6543", f"127.0.0.1:{behind}"),
    )
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    (folder / "nginx.conf").write_text(
        f"user root;\ndaemon off;\npid {folder}/pid;\nerror_log stderr;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{places}{block}\n}}\n"
    )
    return [program, "-c", folder / "nginx.conf"]


def caddy(port, behind, folder):
    """The command that starts it."""
    program = installed("caddy", "caddy")
    block = changed(
        CADDY,
        ("\nwww.example.gov.cn {", f"\nhttps://www.example.gov.cn:{port} {{\n\tbind 127.0.0.1"),
        ("/etc/ssl/", f"{folder}/"),
        ("reverse_proxy 127.0.0.1:6543", f"reverse_proxy 127.0.0.1:{behind}"),
    )
    options = "{\n\tadmin off\n\tauto_https disable_redirects\n\tskip_install_trust\n}\n"
    (folder / "Caddyfile").write_text(options + block)
    return [program, "run", "--config", folder / "Caddyfile", "--adapter", "caddyfile"]


@pytest.fixture(params=[nginx, caddy], ids=lambda kind: kind.__name__)
def in_front(request, behind, tmp_path):
    """A web server with the configuration of etc/web, in front of the application."""
    port = free_port()
    certificate(tmp_path)
    command = request.param(port, behind, tmp_path)
    places = {"XDG_DATA_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | places)
    while not answers(port):
        assert server.poll() is None, (tmp_path / "log").read_text()
        time.sleep(0.05)
    yield port
    server.terminate()
    server.wait(20)


def ask(port, method, path, body=None, **headers):
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    connection = HTTPSConnection(NAME, port)
    plain = socket.create_connection(("127.0.0.1", port))
    connection.sock = trusting.wrap_socket(plain, server_hostname=NAME)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, {"Host": NAME, **names})
    answer = connection.getresponse()
    page = answer.read().decode()
    connection.close()
    return answer, page


def test_behind_a_web_server_as_the_page_tells(in_front, site):
    answer, page = ask(in_front, "GET", "/finance")
    assert (answer.status, "市财政局" in page) == (200, True)
    told = answer.headers.get_all("X-Request-ID")
    assert [bool(re.fullmatch("[0-9a-f-]{32,36}", one)) for one in told] == [True]  # its own, kept
    assert ask(in_front, "GET", "/-/metrics")[0].status == 404

    answer, page = ask(in_front, "GET", "/login")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    cookies = "; ".join(c.partition(";")[0] for c in answer.headers.get_all("Set-Cookie") or ())
    form = f"csrf_token={token}&id=author&password={PASSWORD}"
    answer, _page = ask(
        in_front, "POST", "/login", form, Cookie=cookies, Content_Type="application/x-www-form-urlencoded",
        Referer="https://www.example.gov.cn/login", X_Forwarded_For="192.0.2.66",
    )  # fmt: skip

    assert answer.status == 302
    assert answer.headers["Location"].startswith("https://www.example.gov.cn/")
    assert "secure" in answer.headers["Set-Cookie"].lower()
    transaction.begin()
    assert site.sessions.of_user("author")[0].address == "127.0.0.1"  # not what the visitor says
