"""Words, pieces, numbers and sounds; excerpts."""

import pytest

from egov.search.queries import excerpt, is_near
from egov.search.words import number_key, numbers_in, pieces, sound, words


def test_words_are_folded_and_long_ones_are_also_cut():
    found = words("中华人民共和国ＡＢＣ的Ｗｅｂ网站")
    assert {"中华人民共和国", "人民", "abc", "web", "网站"} <= set(found)
    assert "的" not in found


def test_pieces_are_characters_and_whole_latin_words():
    assert pieces("第3期Web,网站!") == ["第", "3", "期", "web", "网", "站"]


@pytest.mark.parametrize("spelling", [
    "国发〔2019〕5号", "国发[2019]5号", "国发（2019）5号", "国发 ( 2019 ) 第5号",
    "国发【２０１９】５号", "国发〔2019〕 5 号",
])  # fmt: skip
def test_every_spelling_of_a_number_is_one_key(spelling):
    assert number_key(spelling) == "国发20195号"
    assert "国发20195号" in numbers_in(f"请问{spelling}在哪里")


def test_what_sounds_alike_is_heard_alike():
    assert sound("春节") == sound("春杰") == "chunjie"


def test_an_excerpt_begins_near_what_was_found():
    text = "甲" * 100 + "值班安排" + "乙" * 300
    parts = excerpt(text, ["值班"])
    assert ("值班", True) in parts
    assert parts[0] == ("…", False)
    assert sum(len(part) for part, _found in parts) < 150
    assert excerpt("短文", []) == (("短文", False),)


@pytest.mark.parametrize(("one", "other", "near"), [
    ("wireless", "wirelesss", True), ("wireless", "wirless", True), ("wireless", "wierless", True),
    ("wireless", "wirelass", True), ("aa", "aaa", True), ("abab", "baba", False),
    ("wireless", "wirelss!", False), ("abc", "cba", False), ("", "ab", False),
])  # fmt: skip
def test_near_words_are_one_slip_apart(one, other, near):
    assert is_near(one, other) is near
    assert is_near(other, one) is near
