"""Passwords: what they must be, and that a hash opens to nothing else."""

import pytest

from egov.base.errors import Invalid
from egov.security.passwords import check_strength, hash_password, verify


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
