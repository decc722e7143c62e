"""Groups, duties, sessions and leavers, each by the administrator whose duty it is."""

from datetime import timedelta

import pytest
import transaction

from egov.base import clock
from egov.base.errors import Conflict, Forbidden, Invalid
from egov.operations.assignments import assign
from egov.operations.delegation import falling
from egov.operations.leaving import hand_over, left_by
from egov.operations.rights import grant, revoke
from egov.operations.workflow import advance
from egov.security.policy import roles_on
from egov.security.principals import SYSTEM_ACTOR
from tests.support.world import actor, article


def form_with(page, field):
    return next(f for f in page.forms.values() if field in f.fields)


def test_a_group_is_made_by_one_and_filled_by_another(site, sign_in):
    system, security = sign_in("system-admin"), sign_in("security-admin")
    form = form_with(system.get("/manage/@@groups"), "title")
    form["id"], form["title"] = "Bad Id", "法规科"
    assert "不合适" in form.submit()
    form["id"] = "fgk"
    assert "已建立用户组“法规科”" in form.submit().follow()

    form = form_with(security.get("/manage/@@person?id=author"), "group")
    form["group"] = True
    form.submit("do", value="groups").follow()
    assert "测试author" in security.get("/manage/@@groups")
    assert "法规科" in security.get("/manage/@@people?q=ceshiauthor")
    transaction.begin()
    assert site.directory.user("author").groups == {"fgk"}


def test_duties_are_kept_apart(site, sign_in):
    security = sign_in("security-admin")
    form = form_with(security.get("/manage/@@person?id=audit-admin"), "duty")
    form["duty"] = "system"
    assert "最后一位管理员" in form.submit("do", value="duty")
    form = form_with(security.get("/manage/@@person?id=author"), "duty")
    form["duty"] = "audit"
    form.submit("do", value="duty").follow()
    transaction.begin()
    assert site.directory.user("author").duties == {"audit"}
    assert 'name="duty"' not in security.get("/manage/@@person?id=security-admin")
    system = sign_in("system-admin")
    assert 'name="duty"' not in system.get("/manage/@@person?id=author")
    token = system.get("/manage").forms[0]["csrf_token"].value
    system.post(
        "/manage/@@person",
        {"csrf_token": token, "id": "author", "do": "duty", "duty": ""},
        status=404,
    )


def test_a_leaver_hands_over_in_one_step(site, sign_in):
    item = article(site, title="未完成的稿件")
    transaction.commit()
    author, system = sign_in("author"), sign_in("system-admin")
    page = system.get("/manage/@@person?id=author")
    assert "未完成的稿件" in page
    assert "撰稿人" in page
    form = form_with(page, "to")
    form["to"] = "editor"
    form.submit("do", value="hand-over").follow()
    transaction.begin()
    assert item.owner == "editor"
    assert site.directory.user("author").disabled
    assert author.get("/manage").location.startswith("http://localhost/login")


def test_the_security_administrator_hands_the_rights_over_as_well(site, sign_in):
    finance, author = site["finance"], site.directory.user("author")
    item = article(site, title="等审的稿件")
    advance(item, "submit", by=actor(site, "author"))
    assign(item, "manager", 3, by=actor(site, "reviewer"))
    by, until = actor(site, "manager"), clock.now() + timedelta(days=9)
    grant(finance, "user:editor", "reviewer", by=by, until=until, reason="顶岗")
    transaction.commit()

    form = form_with(sign_in("security-admin").get("/manage/@@person?id=manager"), "to")
    form["to"] = "outsider"
    told = form.submit("do", value="hand-over").follow()

    assert "待办 1 件、授权 1 项" in told
    transaction.begin()
    assert site.directory.user("manager").disabled
    assert roles_on(actor(site, "outsider"), finance) >= {"manager"}
    assert item.desk.assignment.to == "outsider"
    assert list(site.tasks.of("outsider")) == [item.uid]
    (handed_on,) = (g for g in finance.grants if g.principal == "user:editor" and g.role == "reviewer")  # fmt: skip
    assert (handed_on.by, handed_on.until) == ("outsider", until)
    assert falling(site, {}) == []
    gone = revoke(finance, "user:outsider", "manager", by=SYSTEM_ACTOR)
    assert [held.grant for held in gone] == [handed_on]
    assert author.id == item.owner


def test_what_the_system_administrator_hands_over_carries_no_rights(site):
    manager, outsider = (site.directory.user(who) for who in ("manager", "outsider"))
    moved = hand_over(site, manager, outsider, by=actor(site, "system-admin"))
    assert moved.grants == 0
    assert "manager" not in roles_on(actor(site, "outsider"), site["finance"])


def test_sessions_of_another_are_ended(sign_in):
    author, system = sign_in("author"), sign_in("system-admin")
    page = system.get("/manage/@@person?id=author")
    assert 'value="sessions"' in page
    token = page.forms[0]["csrf_token"].value
    system.post(
        "/manage/@@person", {"csrf_token": token, "id": "author", "do": "sessions"}
    ).follow()
    assert author.get("/manage").location.startswith("http://localhost/login")


def test_what_handing_over_refuses(site):
    author, editor = site.directory.user("author"), site.directory.user("editor")
    with pytest.raises(Forbidden):
        hand_over(site, author, editor, by=actor(site, "audit-admin"))
    with pytest.raises(Invalid):
        hand_over(site, author, site.directory.user("security-admin"), by=actor(site, "security-admin"))  # fmt: skip
    with pytest.raises(Invalid):
        hand_over(site, author, author, by=SYSTEM_ACTOR)
    editor.disabled = True
    with pytest.raises(Invalid):
        hand_over(site, author, editor, by=SYSTEM_ACTOR)
    with pytest.raises(Conflict):
        hand_over(site, site.directory.user("audit-admin"), author, by=SYSTEM_ACTOR)
    assert len(left_by(site, site.directory.user("manager")).held) == 1


def test_a_handing_over_is_taken_back_as_one_and_tells_what_stays(site, sign_in):
    finance, item = site["finance"], article(site, by="manager", title="等审的稿件")
    other = article(site, by="manager", title="另一篇")
    advance(item, "submit", by=SYSTEM_ACTOR)
    assign(item, "manager", 3, by=actor(site, "reviewer"))
    transaction.commit()
    system, security = sign_in("system-admin"), sign_in("security-admin")
    for administrator in (system, security):  # drafts by the one, rights by the other
        form = form_with(administrator.get("/manage/@@person?id=manager"), "to")
        form["to"] = "outsider"
        form.submit("do", value="hand-over").follow()
    transaction.begin()
    assert (item.owner, item.desk.assignment.to) == ("outsider", "outsider")
    other.owner = "editor"
    transaction.commit()

    def take_back(administrator):
        page = administrator.get("/manage/@@person?id=manager")
        form = next(f for f in page.forms.values() if "撤销移交" in f.text)
        return form.submit("do", value="take-back").follow()

    told = take_back(system)
    assert "已撤销移交" in told
    assert "“另一篇”：" in told
    told = take_back(security)
    transaction.begin()
    assert "没有退回" not in told
    assert not site.directory.user("manager").disabled
    assert "manager" in roles_on(actor(site, "manager"), finance)
    assert (item.owner, other.owner) == ("manager", "editor")
    assert "撤销移交" not in security.get("/manage/@@person?id=manager")
    assert roles_on(actor(site, "outsider"), finance) == {"reader"}
    assert item.desk.assignment.to == "manager"
