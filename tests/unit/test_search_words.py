"""Words, pieces, numbers and sounds; excerpts."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from egov.search.excerpts import excerpt
from egov.search.queries import is_near
from egov.search.words import (
    folded,
    number_key,
    numbers_in,
    paired,
    pairs,
    pieces,
    sound,
    words,
)

# Of all characters, those often that are told apart: rare ones, wide forms, Latin runs, signs, what joins others.
_texts = st.text(
    st.sampled_from("国务院𠮷ａＡa0９éß，。（）％Ⅲ①_ \n\u3000\u0338\ufe00\x00")
    | st.characters(exclude_categories=("Cs",))
)


def test_words_are_folded_and_long_ones_are_also_cut():
    found = words("中华人民共和国ＡＢＣ的Ｗｅｂ网站")
    assert {"中华人民共和国", "人民", "abc", "web", "网站"} <= set(found)
    assert "的" not in found


def test_pieces_are_characters_and_whole_latin_words():
    assert pieces("第3期Web,网站!") == ["第", "3", "期", "web", "网", "站"]


@given(_texts)
@example("＝\u0338（\u0338")
def test_the_quick_way_of_folding_gives_what_normalising_gives(text):
    assert folded(text) == unicodedata.normalize("NFKC", text).lower()


@given(_texts)
@example("2019年a bc国Web")
@example("a_a")
@example("a")
def test_pairs_are_each_piece_with_the_next(text):
    wanted = [f"{one}_{other}" for one, other in pairwise(pieces(text))]
    assert pairs(text) == wanted
    assert paired(text).split() == wanted


@given(_texts)
def test_no_sign_is_a_word(text):
    assert all(any(c.isalnum() or c == "_" for c in word) for word in words(text))


@pytest.mark.parametrize("spelling", [
    "国发〔2019〕5号", "国发[2019]5号", "国发（2019）5号", "国发 ( 2019 ) 第5号",
    "国发【２０１９】５号", "国发〔2019〕 5 号",
])  # fmt: skip
def test_every_spelling_of_a_number_is_one_key(spelling):
    assert number_key(spelling) == "国发20195号"
    assert "国发20195号" in numbers_in(f"请问{spelling}在哪里")


@pytest.mark.parametrize("spelling", [
    "临政规2026 3", "临政规〔2026〕3", "临政规2026年3号", "临政规2026-3号", " 临政规 ( 2026 ) 第 3 ",
])  # fmt: skip
def test_a_number_from_memory_is_the_same_where_nothing_else_is_asked(spelling):
    assert "临政规20263号" in numbers_in(spelling)
    assert numbers_in(f"{spelling}月的通知") == []


def test_what_sounds_alike_is_heard_alike():
    assert sound("春节") == sound("春杰") == "chunjie"


def test_an_excerpt_begins_near_what_was_found():
    text = "甲" * 100 + "值班安排" + "乙" * 300
    parts = excerpt(text, ["值班"])
    assert ("值班", True) in parts
    assert parts[0] == ("…", False)
    assert sum(len(part) for part, _found in parts) < 150
    parts = excerpt("上牌的车" + text + "上牌值班", ["上牌", "值班", "上牌值班"])
    assert ("上牌值班", True) in parts
    assert ("值班", True) in excerpt(text, ["安排值班", "值班"])
    assert excerpt("短文", []) == (("短文", False),)


@pytest.mark.parametrize(("one", "other", "near"), [
    ("wireless", "wirelesss", True), ("wireless", "wirless", True), ("wireless", "wierless", True),
    ("wireless", "wirelass", True), ("aa", "aaa", True), ("abab", "baba", False),
    ("wireless", "wirelss!", False), ("abc", "cba", False), ("", "ab", False),
])  # fmt: skip
def test_near_words_are_one_slip_apart(one, other, near):
    assert is_near(one, other) is near
    assert is_near(other, one) is near
