"""Telephone numbers as people type and write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov.search.telephones import dialled, stretches, written


@pytest.mark.parametrize(("typed", "digits"), [
    ("8123 4567", "81234567"), ("0571-81234567", "057181234567"), ("（0571）8123-4567", "057181234567"),
    ("+86 571 8123 4567", "057181234567"), ("0086-138 1234 5678", "13812345678"), ("１２３４５", "12345"),
    ("2026", ""), ("市长热线12345", ""), ("4299000001199001011234", ""), ("()-", ""), ("+", ""), ("", ""),
])  # fmt: skip
def test_a_number_is_known_by_its_digits_where_nothing_else_is_typed(typed, digits):
    assert dialled(typed) == digits


@given(st.text(st.sampled_from("0123456789 ()（）+-—８号"), max_size=40))
def test_nothing_that_is_typed_breaks_it(typed):
    digits = dialled(typed)
    assert not digits or (5 <= len(digits) <= 13 and digits.isdigit())
    assert all(one.replace("-", "") in digits for one in written(digits))
    assert all(one.isdigit() for one in stretches(typed))


def test_a_text_may_part_it_and_leave_its_area_code_out():
    assert {"0571-81234567", "0571-8123-4567", "8123-4567", "81234567", "057181234567"} <= set(
        written("057181234567")
    )
    assert {"138-1234-5678", "13812345678"} <= set(written("13812345678"))


def test_every_stretch_of_what_is_told_is_known_and_none_of_two_numbers():
    found = stretches("0571-8123 4567、13812345678，邮编310000")
    assert {"81234567", "057181234567", "34567", "57181", "13812345678", "12345678"} <= found
    assert not {"4567", "45671", "56781"} & found
    assert "456705" not in stretches("0571-81234567 0571-81234568")
    assert "81234568" in stretches("0571-81234567 0571-81234568")
