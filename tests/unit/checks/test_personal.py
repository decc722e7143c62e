"""Personal data is found by its own checksums, and told masked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov.checks.personal import is_card_number, is_identity_number, mask, personal_in

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def kinds(text):
    return [found.kind for found in personal_in(text)]


@pytest.mark.parametrize(("text", "expected"), [
    ("身份证11010519491231002X。", ["id"]),
    ("身份证11010519491231002x", ["id"]),
    ("身份证110105194912310021", []),  # the check digit is wrong
    ("编号9911010519491231002X88", []),  # part of something longer
    ("身份证１１０１０５１９４９１２３１００２Ｘ", ["id"]), ("身份证110105 19491231 002X", ["id"]),
    ("身份证110105\u200b19491231\u2060002X", ["id"]), ("身份证110105-1949-1231-002X", ["id"]),
    ("身份证110105–19491231–002X", ["id"]), ("电话１３８１２３４５６７８", ["mobile"]),
    ("卡号6222 0212 3456 7890 128", ["card"]), ("卡号6222 0212 3456 7890 127", []),
    ("卡号4111 1111 1111 1111", []),  # two different digits only
    ("卡号4539 1488 0343 6467", ["card"]),
    ("旧证110105491231002", ["old_id"]),
    ("电话13812345678", ["mobile"]), ("电话138-1234-5678", ["mobile"]), ("总数213812345678", []),
    ("住江南区人民路12号阳光小区3栋2单元501室", ["home"]), ("江南区前路1号市政府", []),
    ("索引号11420000001000000/2026-00001", []),
])  # fmt: skip
def test_what_is_found(text, expected):
    assert kinds(text) == expected


def test_what_is_shown_of_it():
    assert [p.masked for p in personal_in("11010519491231002X 13812345678")] == [
        "11*************02X",
        "138****5678",
    ]
    assert "501" not in mask("home", "阳光小区3栋501室")


@given(st.integers(110000, 659999), st.dates(), st.integers(0, 999))
def test_every_right_identity_number_is_found_and_every_wrong_one_is_not(area, born, serial):
    if not 1900 <= born.year <= 2099:
        return
    body = f"{area}{born:%Y%m%d}{serial:03d}"
    total = sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True))
    right = "10X98765432"[total % 11]
    for last in "0123456789X":
        number = body + last
        assert is_identity_number(number) == (last == right)
        found = kinds(f"号码：{number}，")
        assert ("id" in found) == (last == right)


@given(st.text(alphabet="0123456789", min_size=15, max_size=18))
def test_luhn_lets_one_last_digit_through(body):
    right = [last for last in "0123456789" if is_card_number(body + last)]
    assert len(right) == (
        1 if len(set(body + (right or "0")[0])) > 2 and len(body) <= 18 else len(right)
    )


@given(st.text(max_size=300))
def test_no_text_breaks_the_search(text):
    list(personal_in(text))
