"""Three-way merging loses nobody's words."""

from hypothesis import given
from hypothesis import strategies as st

from egov.history.merge import merge, merge_text

P = "<p>一</p><p>二</p><p>三</p><p>四</p>"


def test_fields_come_from_who_changed_them():
    base = {"title": "旧", "summary": "旧", "source": "局", "keywords": ("a",)}
    mine = {**base, "title": "我的"}
    theirs = {**base, "summary": "他的", "keywords": ("a", "b")}
    merged = merge(base, mine, theirs)
    assert merged.values == {**base, "title": "我的", "summary": "他的", "keywords": ("a", "b")}
    assert merged.clashes == ()


def test_both_changed_the_same_field():
    merged = merge({"title": "旧", "n": 1}, {"title": "我的", "n": 2}, {"title": "他的", "n": 3})
    assert merged.values == {"title": "我的", "n": 2}
    assert merged.clashes == ("title", "n")
    assert merge({"title": "旧"}, {"title": "同"}, {"title": "同"}).clashes == ()


def test_paragraphs_apart_are_merged_and_the_same_are_not():
    mine, theirs = P.replace("一", "壹"), P.replace("四", "肆") + "<p>五</p>"
    assert merge_text(P, mine, theirs) == "<p>壹</p><p>二</p><p>三</p><p>肆</p><p>五</p>"
    assert merge_text(P, P.replace("二", "贰"), P.replace("二", "两")) is None
    assert merge_text(P, P + "<p>甲</p>", P + "<p>乙</p>") is None
    assert merge_text("一\n二\n", "零\n一\n二\n", "一\n") == "零\n一\n"


@given(st.lists(st.sampled_from("abcdef"), max_size=8), st.data())
def test_one_sided_changes_always_win_and_order_does_not_matter(base, data):
    def text(lines):
        return "".join(f"{line}\n" for line in lines)

    change = st.lists(st.sampled_from("abcdefxyz"), max_size=8)
    mine, theirs = data.draw(change), data.draw(change)
    old, own, other = text(base), text(mine), text(theirs)
    assert merge_text(old, own, old) == own
    assert merge_text(old, old, other) == other
    assert merge_text(old, own, own) == own
    assert merge_text(old, own, other) == merge_text(old, other, own)
