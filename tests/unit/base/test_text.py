"""Names in addresses and titles."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov.base.errors import Invalid
from egov.base.text import MAX_NAME, RESERVED_NAMES, check_name, check_title, slug
from tests.support.shared import shared_data


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("关于春节放假的通知", "guan-yu-chun-jie-fang-jia-de-tong-zhi"),
        ("2026年预算（草案）", "2026-nian-yu-suan-cao-an"),
        ("Water supply notice", "water-supply-notice"),
        ("ＡＢＣ１２３", "abc123"),
        ("Élan vital", "elan-vital"),
        ("第①批", "di-1-pi"),
        ("银行行长在重庆", "yin-hang-hang-zhang-zai-chong-qing"),
        ("A股 3.5版", "a-gu-3-5-ban"),
        ("！？…", "item"),
        ("", "item"),
    ],
)
def test_a_title_is_spelled(title, name):
    assert slug(title) == name


def test_a_long_name_is_cut_between_syllables():
    name = slug("关于" * 60)

    assert len(name) <= MAX_NAME
    assert set(name.split("-")) == {"guan", "yu"}


@given(st.text(max_size=300))
def test_every_title_gives_a_name_that_can_stand_in_an_address(title):
    name = slug(title)

    assert name in RESERVED_NAMES or check_name(name) == name


def test_naughty_strings_give_names_too():
    for title in json.loads(shared_data("sec_blns/blns.json").read_text("utf-8")):
        assert slug(title) in RESERVED_NAMES or check_name(slug(title))


@pytest.mark.parametrize("name", ["a", "7", "a-b", "v1.2_x", "a" * 80, "item.html"])
def test_good_names_are_returned(name):
    assert check_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["", "A", "-a", "a-", ".", "..", ".a", "a.", "a b", "a/b", "a\n", "名", "@@edit", "a" * 81,
     *sorted(RESERVED_NAMES)],
)  # fmt: skip
def test_bad_names_are_refused_at_their_field(name):
    with pytest.raises(Invalid) as refused:
        check_name(name)

    assert set(refused.value.fields) == {"name"}


@given(st.text(alphabet="ab7._-/%A@\n", min_size=1, max_size=4))
def test_no_accepted_name_means_something_else_in_an_address(name):
    try:
        check_name(name)
    except Invalid:
        return

    assert name.isascii()
    assert not set(name) & set("/\\?#%&@ \t\r\n:;<>\"'")
    assert name not in (".", "..")


@given(st.text(max_size=250))
def test_a_title_is_folded_or_refused(title):
    folded = " ".join(title.split())
    if not folded or len(folded) > 200:
        with pytest.raises(Invalid):
            check_title(title)
    else:
        assert check_title(title) == folded


@pytest.mark.parametrize("nothing", [None, 7, ["题"], "", " \u3000\n"])
def test_what_is_no_title_is_refused(nothing):
    with pytest.raises(Invalid):
        check_title(nothing)
