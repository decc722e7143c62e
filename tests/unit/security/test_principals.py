"""People and groups: whom a principal names."""

from egov.operations.accounts import add_group, set_groups
from egov.security.grants import AUTHENTICATED, EVERYONE
from egov.security.principals import SYSTEM_ACTOR, actor_for
from tests.support.world import actor


def test_an_actor_carries_what_the_account_says(site):
    add_group(site, "press", "新闻处", by=SYSTEM_ACTOR)
    editor = site.directory.user("editor")
    set_groups(site, editor, ["press"], by=actor(site, "security-admin"))
    editor.duties = frozenset({"audit", "no-such-duty"})

    made = actor_for(editor, "127.0.0.1")

    assert made.principals == {"user:editor", "group:press", EVERYONE, AUTHENTICATED}
    assert (made.id, made.duties, made.address) == ("editor", {"audit"}, "127.0.0.1")
    assert not made.is_anonymous
    assert not made.is_system
    assert site.directory.members("press") == [editor]


def test_principals_have_names_people_can_read(site):
    directory = site.directory
    add_group(site, "press", "新闻处", by=SYSTEM_ACTOR)

    assert directory.title_of(EVERYONE) == "所有人"
    assert directory.title_of("user:editor") == "测试editor"
    assert directory.title_of("group:press") == "新闻处"
    assert directory.title_of("user:gone") == "user:gone"
    assert directory.title_of("user:system") == "系统"


def test_who_exists(site):
    add_group(site, "press", "新闻处", by=SYSTEM_ACTOR)
    known = {"user:editor", "group:press", EVERYONE, AUTHENTICATED}
    strange = {"user:press", "group:editor", "user:", "editor", "", "role:manager"}

    assert {p for p in known | strange if site.directory.exists(p)} == known


def test_people_and_groups_are_found_by_id_and_by_name(site):
    add_group(site, "press", "新闻处", by=SYSTEM_ACTOR)

    assert list(site.directory.search(" EDIT ")) == [("user:editor", "测试editor")]
    assert list(site.directory.search("新闻")) == [("group:press", "新闻处")]
    assert len(list(site.directory.search("测试", limit=3))) == 3
    assert list(site.directory.search("无此人")) == []
