"""Units, posts and groups: rights reach whom they name, and nobody helps themselves."""

import pytest

from egov.base.errors import Conflict, Forbidden, Invalid
from egov.operations.accounts import add_group, add_user
from egov.operations.organisation import (
    add_unit,
    change_unit,
    rename_group,
    set_closed,
    set_member,
    set_posts,
    unit_tree,
)
from egov.operations.rights import grant
from egov.security.policy import permits
from egov.security.principals import SYSTEM_ACTOR, Post
from tests.support.world import PASSWORD, actor


@pytest.fixture
def security(site):
    return actor(site, "security-admin")


@pytest.fixture
def finance(site, security):
    """The finance office with a division in which the outsider works; the office edits its subsite."""
    office = add_unit(site, "finance", "市财政局", "department", by=security)
    add_unit(site, "budget", "预算处", "department", by=security, parent="finance")
    set_posts(site, site.directory.user("outsider"), [Post("budget", "处长")], by=security)
    grant(site["finance"], "unit:finance", "editor", by=SYSTEM_ACTOR)
    return office


def may_edit(site, who="outsider"):
    return permits(actor(site, who), "add", site["finance"]["news"])


def change(site, unit, security, **facts):
    kept = {"parent": unit.parent, "reaches_below": unit.reaches_below}
    change_unit(site, unit, unit.title, unit.kind, by=security, **(kept | facts))


def test_a_grant_to_a_unit_reaches_its_own_people(site, finance, security):
    assert not may_edit(site)

    set_posts(site, site.directory.user("outsider"), [Post("finance", "局长")], by=security)
    assert may_edit(site)

    set_posts(site, site.directory.user("outsider"), [], by=security)
    assert not may_edit(site)


def test_it_reaches_the_people_below_only_if_the_unit_says_so(site, finance, security):
    change(site, finance, security, reaches_below=True)
    assert may_edit(site)

    budget = site.directory.unit("budget")
    add_unit(site, "health", "市卫健委", "department", by=security)
    change(site, budget, security, parent="health")
    assert not may_edit(site)
    change(site, budget, security, parent="finance")
    assert may_edit(site)

    change(site, finance, security, reaches_below=False)
    assert not may_edit(site)


def test_nobody_changes_their_own_place_by_any_way(site, finance, security):
    me = site.directory.user("security-admin")
    with pytest.raises(Invalid):
        set_posts(site, me, [Post("finance")], by=security)
    set_posts(site, me, [Post("budget")], by=SYSTEM_ACTOR)

    with pytest.raises(Invalid):
        change(site, finance, security, reaches_below=True)

    assert me.units == {"budget"}
    assert not finance.reaches_below


def test_only_the_security_administrator_arranges(site, finance):
    for who in ("system-admin", "audit-admin", "manager"):
        by = actor(site, who)
        with pytest.raises(Forbidden):
            add_unit(site, "x1", "某局", "department", by=by)
        with pytest.raises(Forbidden):
            change_unit(site, finance, "某局", "department", by=by)
        with pytest.raises(Forbidden):
            set_posts(site, site.directory.user("editor"), [Post("finance")], by=by)
        with pytest.raises(Forbidden):
            set_closed(site, finance, True, by=by)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        (("finance", "又一个", "department"), "id"),
        (("Bad Id", "某局", "department"), "id"),
        (("new", " ", "department"), "title"),
        (("new", "某局", "club"), "kind"),
    ],
)
def test_what_does_not_fit_is_told_at_its_field(site, finance, security, facts, field):
    with pytest.raises(Invalid) as refused:
        add_unit(site, *facts, by=security)
    assert list(refused.value.fields) == [field]


def test_a_unit_is_never_below_itself_or_below_nothing(site, finance, security):
    for parent in ("finance", "budget", "no-such"):
        with pytest.raises(Invalid):
            change(site, finance, security, parent=parent)


def test_posts_name_known_open_units_once(site, finance, security):
    add_unit(site, "old", "已撤单位", "other", by=security)
    set_closed(site, site.directory.unit("old"), True, by=security)
    person = site.directory.user("editor")
    for posts in ([Post("no-such")], [Post("old")], [Post("finance"), Post("finance", "局长")]):
        with pytest.raises(Invalid):
            set_posts(site, person, posts, by=security)
    assert person.posts == ()


def test_a_unit_closes_when_it_is_empty_and_opens_below_an_open_one(site, finance, security):
    budget = site.directory.unit("budget")
    with pytest.raises(Conflict):
        set_closed(site, finance, True, by=security)
    with pytest.raises(Conflict):
        set_closed(site, budget, True, by=security)

    set_posts(site, site.directory.user("outsider"), [], by=security)
    set_closed(site, budget, True, by=security)
    set_closed(site, finance, True, by=security)
    with pytest.raises(Conflict):
        set_closed(site, budget, False, by=security)
    set_closed(site, finance, False, by=security)
    set_closed(site, budget, False, by=security)

    assert not budget.closed


def test_the_tree_and_the_names(site, finance, security):
    assert [(depth, unit.id) for depth, unit in unit_tree(site.directory)] == [
        (0, "finance"),
        (1, "budget"),
    ]
    assert site.directory.title_of("unit:finance") == "市财政局"
    assert site.directory.exists("unit:budget")
    assert not site.directory.exists("unit:no-such")
    assert not site.directory.exists("club:finance")
    assert ("unit:finance", "市财政局") in list(site.directory.search("财政"))


def test_groups_are_renamed_and_filled(site, security):
    group = add_group(site, "press", "宣传组", by=SYSTEM_ACTOR)
    rename_group(site, group, "新闻宣传组", by=security)
    set_member(site, group, site.directory.user("outsider"), True, by=security)
    assert [u.id for u in site.directory.members("press")] == ["outsider"]
    set_member(site, group, site.directory.user("outsider"), False, by=security)
    assert site.directory.members("press") == []
    with pytest.raises(Invalid):
        set_member(site, group, site.directory.user("security-admin"), True, by=security)
    assert group.title == "新闻宣传组"


def test_everything_is_on_record(site, finance):
    actions = [record.action for record in site.audit.newest()]
    assert {"add_unit", "set_posts"} <= set(actions)


def test_nobody_is_called_as_the_system_is(site):
    with pytest.raises(Invalid):
        add_user(site, "system", "某人", PASSWORD, by=actor(site, "system-admin"))
