"""Find and replace: all hits and no other, markup whole, only into drafts."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from egov.base import html
from egov.base.errors import Forbidden, Invalid
from egov.operations.replacing import Replacement, check, hits, replace, replaced_in_html
from egov.operations.workflow import advance
from tests.support.world import actor, article


@pytest.mark.parametrize(
    ("source", "wanted", "expected"),
    [
        ("<p>市财政局、市财政局</p>", ("市财政局", "财政局"), "<p>财政局、财政局</p>"),
        ("<p>市<b>财政</b>局</p>", ("市财政局", "税务局"), "<p>税务局<b></b></p>"),
        ("<p>市财</p><p>政局</p>", ("市财政局", "x"), "<p>市财</p><p>政局</p>"),
        ('<a href="/市财政局">市财政局</a>', ("市财政局", "局"), '<a href="/市财政局">局</a>'),
        ("<p>A&amp;B</p>", ("A&B", "<C>"), "<p>&lt;C&gt;</p>"),
        ("<p>amp; &amp;</p>", ("amp;", ""), "<p> &amp;</p>"),
        ("<p>Apple apples</p>", ("apple", "pear", False, True), "<p>pear apples</p>"),
        ("<p>人民与人民币</p>", ("人民", "公众", True, True), "<p>公众与人民币</p>"),
        ("<p>a.c abc</p>", ("a.c", "x"), "<p>x abc</p>"),
    ],
)
def test_rich_text_is_replaced_in_its_words_alone(source, wanted, expected):
    assert replaced_in_html(source, Replacement(*wanted)) == expected


_WORDS = st.text("甲乙 ab&<", max_size=6)
_HTML = st.lists(
    st.one_of(_WORDS.map(lambda w: w.replace("&", "&amp;").replace("<", "&lt;")),
              st.sampled_from(["<b>", "</b>", "<p>", "</p>", '<a href="/甲">', "</a>", "<br>"])),
    max_size=12,
).map("".join)  # fmt: skip


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_HTML, _WORDS.filter(str.strip), _WORDS)
def test_no_tag_is_lost_or_added_and_no_hit_left(source, find, put):
    result = replaced_in_html(source, Replacement(find, put))

    assert re.findall("<[^>]*>", result) == re.findall("<[^>]*>", source)
    if find not in put and put not in find and not set(put) & set(find):
        assert find not in html.plain(result) or find in html.plain(source).replace("\n", "")


def test_hits_are_shown_with_their_field_and_surroundings(site):
    item = article(site, title="关于财政的通知")
    found = list(hits(item, Replacement("财政", "税务")))
    assert [(str(h.field), h.before, h.found, h.after) for h in found] == [
        ("标题", "关于", "财政", "的通知"), ("来源", "市", "财政", "局"),
    ]  # fmt: skip


def test_only_a_draft_is_written_and_only_by_who_may(site):
    item = article(site, title="甲")
    for step, who in (("submit", "author"), ("approve", "reviewer"), ("publish", "publisher")):
        advance(item, step, by=actor(site, who))
    wanted = Replacement("正文", "内容")
    with pytest.raises(Forbidden):
        replace(item, wanted, by=actor(site, "reviewer"))
    replace(item, wanted, by=actor(site, "editor"))
    assert (item.live.values["body"], item.draft.values["body"]) == (
        "<p>正文。</p>",
        "<p>内容。</p>",
    )
    assert replace(item, wanted, by=actor(site, "editor")) is None


@pytest.mark.parametrize("wanted", [("", "x"), ("a", "a"), ("a" * 201, ""), ("a", "b" * 201)])
def test_what_cannot_be_replaced_is_told_at_the_field(wanted):
    with pytest.raises(Invalid) as refused:
        check(Replacement(*wanted))
    assert refused.value.fields
