"""Passwords tried at a real directory: over TLS, with names that are no filters, and never without a password."""

import socket

import pytest

from egov.base.errors import Invalid
from egov.base.settings import Settings
from egov.security.ldap import LdapDirectory
from tests.support import slapd


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("slapd")


@pytest.fixture(scope="module")
def ports(folder):
    with slapd.running(folder) as ports:
        yield ports


def directory(uri, **more):
    settings = {"ldap_uri": uri, "ldap_base": slapd.BASE, "ldap_bind_dn": slapd.SERVICE,
                "ldap_bind_password": slapd.SERVICE_PASSWORD}  # fmt: skip
    return LdapDirectory(Settings(**(settings | more)))


@pytest.fixture
def here(ports):
    return directory(f"ldap://127.0.0.1:{ports[0]}")


def test_name_and_password_that_belong_together(here):
    known = here.identify("author", slapd.PASSWORD)
    assert (known.source, known.id, known.name) == ("ldap", "author", "测试作者")
    assert known.email == "author@linjiang.example"
    assert len(known.subject) == 36  # the entry's own number, which outlasts its name


@pytest.mark.parametrize(
    ("user_id", "password"),
    [
        ("author", "wrong"), ("author", ""), ("", slapd.PASSWORD), ("nobody", slapd.PASSWORD), ("author", "\x00"),
        ("*", slapd.PASSWORD), ("auth*", slapd.PASSWORD), ("author)(uid=*", slapd.PASSWORD),
        ("*)(|(uid=author", slapd.PASSWORD), ("author\x00", slapd.PASSWORD), ("author,dc=x", slapd.PASSWORD),
        ("\\2a", slapd.PASSWORD), ("(author", slapd.PASSWORD),
    ],
)  # fmt: skip
def test_what_opens_nothing(here, user_id, password):
    assert here.identify(user_id, password) is None


def test_a_filter_that_fits_two_fits_nobody(ports):
    both = directory(f"ldap://127.0.0.1:{ports[0]}", ldap_filter="(|(uid={id})(uid=editor))")
    assert both.identify("author", slapd.PASSWORD) is None


@pytest.mark.parametrize("scheme", ["ldap", "ldaps"])
def test_over_tls_with_the_authority_that_is_trusted(ports, folder, scheme):
    uri = f"{scheme}://127.0.0.1:{ports[scheme == 'ldaps']}"
    trusting = directory(uri, ldap_ca_file=str(folder / "ca.pem"))
    assert trusting.identify("author", slapd.PASSWORD)
    assert trusting.identify("author", "wrong") is None


def test_who_cannot_prove_who_they_are_is_told_no_password(ports, folder, tmp_path):
    slapd.write_certificate(tmp_path)
    another = directory(f"ldaps://127.0.0.1:{ports[1]}", ldap_ca_file=str(tmp_path / "ca.pem"))
    with pytest.raises(Invalid, match="没有回应"):
        another.identify("author", slapd.PASSWORD)
    with pytest.raises(Invalid, match="没有回应"):  # ldaps asks the machine's own authorities
        directory(f"ldaps://127.0.0.1:{ports[1]}").identify("author", slapd.PASSWORD)


def test_a_certificate_for_another_host_is_refused(tmp_path):
    with slapd.running(tmp_path, host="directory.example") as (plain, secure):
        for uri in (f"ldap://127.0.0.1:{plain}", f"ldaps://127.0.0.1:{secure}"):
            with pytest.raises(Invalid, match="没有回应"):
                directory(uri, ldap_ca_file=str(tmp_path / "ca.pem")).identify(
                    "author", slapd.PASSWORD
                )


def test_a_directory_that_wants_tls_gets_it(tmp_path):
    with slapd.running(tmp_path, security="security simple_bind=128") as (plain, _secure):
        uri = f"ldap://127.0.0.1:{plain}"
        assert directory(uri, ldap_ca_file=str(tmp_path / "ca.pem")).identify(
            "author", slapd.PASSWORD
        )
        with pytest.raises(Invalid, match="没有回应"):
            directory(uri).identify("author", slapd.PASSWORD)


def test_a_directory_that_is_not_there_or_knows_us_not(ports):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nobody = directory(f"ldap://127.0.0.1:{probe.getsockname()[1]}")
        with pytest.raises(Invalid, match="没有回应"):
            nobody.identify("author", slapd.PASSWORD)
    wrong = directory(f"ldap://127.0.0.1:{ports[0]}", ldap_bind_password="wrong")
    with pytest.raises(Invalid, match="没有回应"):
        wrong.identify("author", slapd.PASSWORD)


@pytest.mark.parametrize(
    "wrong", [{"uri": "http://x"}, {"uri": "ldap://x", "ldap_filter": "(uid=author)"}]
)
def test_settings_that_cannot_be_meant(wrong):
    with pytest.raises(Invalid, match="ldap_uri"):
        directory(**wrong)
