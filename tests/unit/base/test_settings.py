"""Settings: each has a default, each can be set, nothing else can."""

from dataclasses import fields

import pytest

from egov.base.errors import Invalid
from egov.base.settings import SECRETS, Settings, read_settings


def test_without_a_word_the_defaults_hold_and_other_sections_are_left_alone():
    assert read_settings({"zodbconn.uri": "memory://", "pyramid.debug_all": "x"}) == Settings()


@pytest.mark.parametrize("field", fields(Settings), ids=lambda field: field.name)
def test_each_setting_can_be_set(field):
    raw, value = {"bool": ("true", True), "int": (" 42 ", 42), "str": (" a b ", "a b")}[field.type]

    assert getattr(read_settings({f"egov.{field.name}": raw}), field.name) == value


@pytest.mark.parametrize(
    ("key", "raw"),
    [
        ("egov.no_such", "1"),
        ("egov.", "1"),
        ("egov.list_page_size", "zwanzig"),
        ("egov.list_page_size", "-1"),
        ("egov.list_page_size", "2.5"),
        ("egov.list_page_size", "٣"),
        ("egov.list_page_size", ""),
        ("egov.secure_cookies", "yes"),
        ("egov.secure_cookies", "1"),
    ],
)
def test_what_does_not_fit_is_named(key, raw):
    with pytest.raises(Invalid) as refused:
        read_settings({key: raw})

    assert key in refused.value.message.interpolate()


@pytest.fixture
def secret(tmp_path):
    """A file with a secret, that its owner alone may read."""
    file = tmp_path / "secret"
    file.write_text(" s3cret\n", "utf-8")
    file.chmod(0o600)
    return file


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_may_stand_in_a_file_of_its_own(name, secret):
    assert getattr(read_settings({f"egov.{name}_file": str(secret)}), name) == "s3cret"


def test_a_secret_may_be_a_credential_of_the_service(secret, monkeypatch):
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(secret.parent))

    assert read_settings({"egov.mail_password_file": "secret"}).mail_password == "s3cret"


def test_a_secret_that_everybody_may_read_is_refused_and_so_is_none_or_two(secret, tmp_path):
    key, other = "egov.mail_password_file", str(secret)

    def refusal(**more):
        with pytest.raises(Invalid) as refused:
            read_settings({key: other} | {f"egov.{name}": value for name, value in more.items()})
        return refused.value.message.interpolate()

    assert "只能写一个" in refusal(mail_password="x")
    assert "不能读取（FileNotFoundError）" in refusal(mail_password_file=str(tmp_path / "none"))
    assert "没有名为 egov.scan_command_file" in refusal(scan_command_file=other)
    secret.chmod(0o644)
    assert "谁都能读" in refusal()
    secret.chmod(0o600)
    secret.write_text("", "utf-8")
    assert "是空的" in refusal()
