"""Remarks: where they stand, who is told, what they leave untouched."""

import pytest

from egov.base.errors import Conflict, Forbidden, Invalid, NotFound
from egov.operations.content import edit
from egov.operations.discussion import MAX_TEXT, remark, reply, resolve, stands
from egov.operations.notices import mark_read, set_muted
from egov.operations.rights import revoke
from egov.security.principals import SYSTEM_ACTOR
from tests.support.world import actor, article


def told(site, user):
    return [(n.event, n.by, n.text) for _key, n in site.notices.newest(user, 10)]


def test_a_remark_is_answered_and_settled_and_everybody_in_it_is_told(site):
    item = article(site)
    before = item.work.digest()
    said = remark(item, " 日期不对 ", by=actor(site, "reviewer"), field="body", passage="正 文。")
    reply(item, said.key, "已改", by=actor(site, "author"))
    resolve(item, said.key, by=actor(site, "reviewer"))

    assert said.people == {"reviewer", "author"}
    assert told(site, "author") == [
        ("remark", "测试reviewer", "日期不对"), ("remark", "测试reviewer", "日期不对"),
    ]  # fmt: skip
    assert told(site, "reviewer") == [("remark", "测试author", "已改")]
    assert (item.desk.open_count, said.resolved_by) == (0, "reviewer")
    assert item.work.digest() == before
    with pytest.raises(Conflict):
        resolve(item, said.key, by=actor(site, "author"))


def test_a_passage_must_stand_in_its_field_and_is_missed_once_it_has_gone(site):
    item = article(site)
    by = actor(site, "editor")
    remark(item, "此处", by=by, field="title", passage="春节放假")
    assert stands(item, "title", "春节放假")
    with pytest.raises(Invalid):
        remark(item, "此处", by=by, field="title", passage="国庆放假")
    with pytest.raises(Invalid):
        remark(item, "此处", by=by, field="nothing")

    edit(item, item.work.values | {"title": "新标题"}, by=by)
    assert not stands(item, "title", "春节放假")


@pytest.mark.parametrize("text", ["", "  \n ", "长" * (MAX_TEXT + 1)])
def test_what_says_nothing_or_too_much_is_refused(site, text):
    item = article(site)
    with pytest.raises(Invalid) as refused:
        remark(item, text, by=actor(site, "editor"))
    assert "text" in refused.value.fields
    assert item.desk is None


def test_who_may_not_see_the_draft_says_nothing_and_hears_nothing(site):
    item = article(site)
    for who in ("reader", "outsider"):
        with pytest.raises(Forbidden):
            remark(item, "？", by=actor(site, who))
    with pytest.raises(NotFound):
        reply(item, 1, "？", by=actor(site, "editor"))


def test_a_person_who_does_not_want_to_hear_of_it_does_not(site):
    item = article(site)
    author = actor(site, "author")
    set_muted(site, ["remark"], by=author)
    remark(item, "一", by=actor(site, "editor"))
    assert told(site, "author") == []
    set_muted(site, [], by=author)
    remark(item, "二", by=actor(site, "editor"))
    assert site.notices.unread("author") == 1
    mark_read(site, by=author)
    assert site.notices.unread("author") == 0
    with pytest.raises(Invalid):
        set_muted(site, ["nonsense"], by=author)


def test_who_has_lost_the_right_to_see_it_is_not_told(site):

    item = article(site)
    revoke(site["finance"], "user:author", "author", by=SYSTEM_ACTOR)
    remark(item, "一", by=actor(site, "editor"))
    assert told(site, "author") == []
