"""A real directory for the tests: OpenLDAP's slapd on a free loopback port, with a certificate of its own."""

import contextlib
import datetime as dt
import ipaddress
import os
import socket
import subprocess
import time
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

SLAPD = Path(os.environ.get("SLAPD", "/usr/sbin/slapd"))
SCHEMAS, MODULES = Path("/etc/ldap/schema"), Path("/usr/lib/ldap")
BASE = "dc=linjiang,dc=cn"
SERVICE, SERVICE_PASSWORD = f"cn=egov,{BASE}", "Only-For-Looking-1"
PASSWORD = "Office-Horse-8"
PEOPLE = {
    "author": "测试作者", "editor": "测试编辑", "security-admin": "安全管理员", "newcomer": "新来的人",
}  # fmt: skip

CONFIG = """
include {schemas}/core.schema
include {schemas}/cosine.schema
include {schemas}/inetorgperson.schema
modulepath {modules}
moduleload back_mdb
pidfile {folder}/pid
TLSCACertificateFile {folder}/ca.pem
TLSCertificateFile {folder}/cert.pem
TLSCertificateKeyFile {folder}/key.pem
{security}
database mdb
suffix "{base}"
rootdn "cn=root,{base}"
directory {folder}/data
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{service}" read by * none
"""


def _entries():
    yield f"dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\ndc: linjiang\no: Linjiang\n"
    yield (
        f"dn: {SERVICE}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: egov\n"
        f"userPassword: {SERVICE_PASSWORD}\n"
    )
    for user_id, name in PEOPLE.items():
        yield (
            f"dn: uid={user_id},{BASE}\nobjectClass: inetOrgPerson\nuid: {user_id}\ncn: {name}\nsn: {name[0]}\n"
            f"mail: {user_id}@linjiang.example\nuserPassword: {PASSWORD}\n"
        )


def write_certificate(folder, host="127.0.0.1"):
    """A certificate for a host that vouches for itself, as cert.pem, key.pem and ca.pem."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = dt.datetime.now(dt.UTC)
    try:
        alternative = x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        alternative = x509.DNSName(host)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = made.public_bytes(serialization.Encoding.PEM)
    (folder / "cert.pem").write_bytes(pem)
    (folder / "ca.pem").write_bytes(pem)
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running(folder, *, host="127.0.0.1", security=""):
    """The directory; gives its ports for ldap and ldaps."""
    if not SLAPD.exists():
        pytest.skip(f"no directory server at {SLAPD}")
    (folder / "data").mkdir()
    write_certificate(folder, host)
    config = folder / "slapd.conf"
    config.write_text(
        CONFIG.format(
            schemas=SCHEMAS, modules=MODULES, folder=folder, base=BASE, service=SERVICE, security=security
        )
    )  # fmt: skip
    entries = "\n".join(_entries())
    load = [SLAPD.with_name("slapadd"), "-q", "-f", config]
    subprocess.run(load, input=entries.encode(), check=True, capture_output=True)
    plain, secure = _free_port(), _free_port()
    listen = f"ldap://127.0.0.1:{plain} ldaps://127.0.0.1:{secure}"
    with subprocess.Popen(
        [SLAPD, "-f", config, "-h", listen, "-d", "0"], stderr=subprocess.DEVNULL
    ) as process:
        try:
            _wait(plain)
            yield plain, secure
        finally:
            process.terminate()


def _wait(port):
    for _attempt in range(100):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        time.sleep(0.05)
    raise RuntimeError("the directory did not start")
