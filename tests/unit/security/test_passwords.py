"""Passwords: what they must be, and that a hash opens to nothing else."""

import hashlib

import pytest

from egov.base.errors import Invalid
from egov.base.settings import Settings
from egov.security.passwords import (
    Rules,
    check_strength,
    hash_password,
    is_leaked,
    rules_told,
    use_rules,
    verify,
)


def test_a_password_opens_its_own_hash_only():
    one, again = hash_password("Right-Horse-7"), hash_password("Right-Horse-7")

    assert one != again
    assert one.startswith("$argon2id$")
    assert "Right-Horse-7" not in one
    assert verify(one, "Right-Horse-7")
    assert not verify(one, "right-horse-7")
    assert not verify(one, "")
    assert not verify("no hash at all", "Right-Horse-7")


def test_nobody_s_password_is_never_right():
    assert not verify(None, "no account has this password")
    assert not verify(None, "")


@pytest.mark.parametrize(
    "password",
    [
        "Gupvexot12",
        "gupvexot1!",
        "GUPVEXOT1!",
        "Gx7!" + "vq-Ro4wz" * 15,
        "清江夜雨孤灯冷Ab1",
        "Gx 8405917",
    ],
)
def test_strong_enough(password):
    check_strength(password, "zhang")


@pytest.mark.parametrize(
    "password",
    ["", "Abcdefg1!", "abcdefghij", "abcdefgh12", "1234567890!", "Aa1!" * 32 + "x", "ABCDEFGH12"],
)
def test_too_weak_or_too_long(password):
    with pytest.raises(Invalid) as refused:
        check_strength(password)
    assert set(refused.value.fields) == {"password"}


def test_one_s_own_name_is_no_part_of_a_password():
    with pytest.raises(Invalid):
        check_strength("Xy-ZHANG-2026", "zhang")


@pytest.mark.parametrize(
    "password",
    ["Password123!", "P@ssw0rd1234", "Qwerty123456", "Aa123456789!", "Zhengfu-2026", "Abcdefg1234"],
)
def test_what_is_guessed_first(password):
    with pytest.raises(Invalid, match="太好猜"):
        check_strength(password, "zhang")


@pytest.fixture
def rules():
    """Sets the rules for one test."""
    yield use_rules
    use_rules(Rules(Settings().password_min_length, Settings().password_kinds))


def test_an_office_asks_for_longer_passwords_of_more_kinds(rules):
    check_strength("gupvexot1!Q", "zhang")
    for wanted, password in ((Rules(14, 3), "gupvexot1!Q"), (Rules(10, 4), "gupvexot1Qzz")):
        rules(wanted)
        with pytest.raises(Invalid):
            check_strength(password)
    assert rules_told().mapping["kinds"] == 4
    rules(Rules(1, 1))
    check_strength("gupvexotzqw")
    with pytest.raises(Invalid):
        check_strength("gup4!Qx")  # never less than 8


def digest(password):
    return hashlib.sha1(password.encode()).hexdigest().upper()


@pytest.mark.parametrize("size", [0, 1, 2, 3, 500])
def test_every_leaked_password_is_found_and_no_other(tmp_path, size):
    path = tmp_path / "leaked"
    known = [f"p-{number}" for number in range(size)]
    lines = sorted(f"{digest(word)}:{number * 7}" for number, word in enumerate(known))
    path.write_text("".join(f"{line}\r\n" for line in lines))
    assert all(is_leaked(word, path) for word in known)
    assert not any(is_leaked(f"q-{number}", path) for number in range(300))


def test_a_leaked_password_is_refused_though_it_looks_strong(tmp_path, rules):
    path = tmp_path / "leaked"
    with pytest.raises(Invalid, match="没有文件"):
        rules(Rules(leaked=path))
    path.write_text(digest("gupvexot1!Q") + "\n")
    rules(Rules(leaked=path))
    with pytest.raises(Invalid, match="已泄露"):
        check_strength("gupvexot1!Q")
    check_strength("gupvexot1!R")
