"""Who manages the whole group looks as another person sees it, changes nothing, and stands in the log."""

import pytest
import transaction

from egov.features.corrections.register import tell
from egov.operations.rights import grant
from egov.security.principals import ANONYMOUS, SYSTEM_ACTOR
from tests.support.world import article


@pytest.fixture
def chief(site, sign_in):
    """The manager, now of the whole site group."""
    grant(site, "user:manager", "manager", by=SYSTEM_ACTOR, may_delegate=True)
    transaction.commit()
    return sign_in("manager")


def begin(browser, who):
    page = browser.get(f"/manage/@@effective?who={who}")
    form = next(f for f in page.forms.values() if f.action == "/manage/@@see-as")
    return form.submit("do", value="start").follow()


def test_one_sees_what_the_other_sees_and_no_more(site, chief):
    article(site, title="财政的稿件")
    transaction.commit()
    assert "正在以这位人员的身份查看" in begin(chief, "author")
    assert "财政的稿件" in chief.get("/manage/finance/news")
    chief.get("/manage/health/news", status=404)
    chief.get("/manage/finance/@@grants", status=404)
    assert chief.get("/manage/@@account").location.endswith("/manage")
    page = chief.get("/manage")
    stop = next(f for f in page.forms.values() if f.action == "/manage/@@see-as")
    stop.submit("do", value="stop").follow()
    assert "正在以这位人员" not in chief.get("/manage")
    assert chief.get("/manage/health/news").status_int == 200


def test_nothing_is_changed_and_nothing_is_said_in_the_others_name(site, chief):
    item = article(site, title="原题")
    transaction.commit()
    path = f"/manage/finance/news/{item.__name__}"
    form = chief.get(f"{path}/@@edit").forms["edit"]
    begin(chief, "author")
    form["title"] = "改题"
    assert form.submit("save").location.endswith("/manage")
    chief.get("/manage/@@audit", status=404)
    transaction.begin()
    assert item.title == "原题"
    assert not any(r.actor == "author" for r in site.audit.newest() if r.outcome == "refused")
    seen = next(r for r in site.audit.newest() if r.action == "see_as")
    assert (seen.actor, seen.reason) == ("manager", "author")


def test_duties_are_not_lent_and_only_the_chief_looks(site, chief, sign_in):
    begin(chief, "audit-admin")
    chief.get("/manage/@@audit", status=404)
    editor = sign_in("editor")
    token = editor.get("/manage").forms[0]["csrf_token"].value
    editor.post("/manage/@@see-as", {"csrf_token": token, "id": "author"}, status=404)


def test_it_ends_with_the_right_to_look(site, chief):
    begin(chief, "author")
    site.grants = tuple(g for g in site.grants if g.principal != "user:manager")
    site.catalog.rights_changed(site)
    transaction.commit()
    assert "测试manager" in chief.get("/manage")


def look_with(browser, role, at="/manage/finance/@@effective"):
    page = browser.get(at)
    form = next(f for f in page.forms.values() if "role" in f.fields)
    form["role"] = role
    return form.submit("do", value="role").follow()


def test_one_sees_what_a_role_shows_and_no_more(site, chief):
    draft = article(site, title="财政的稿件")
    transaction.commit()
    assert "编辑（市财政局）" in look_with(chief, "editor")
    path = f"/manage/finance/news/{draft.__name__}"
    assert "财政的稿件" in chief.get("/manage/finance/news")
    for view in ("", "/@@edit", "/@@history"):
        assert chief.get(path + view).status_int == 200
    for hidden in ("/manage/health/news", "/manage/finance/@@grants", "/manage/@@audit"):
        chief.get(hidden, status=404)
    for own in ("/manage", "/manage/@@inbox", "/manage/@@notices", "/manage/@@releases"):
        assert chief.get(own).status_int == 200
    transaction.begin()
    assert not any(g.principal.startswith("role:") for g in site["finance"].grants)
    seen = next(r for r in site.audit.newest() if r.action == "see_as")
    assert (seen.actor, seen.reason) == ("manager", "editor /finance")


def test_a_role_changes_nothing_and_is_put_down_again(site, chief):
    item = article(site, title="原题")
    transaction.commit()
    look_with(chief, "editor")
    form = chief.get(f"/manage/finance/news/{item.__name__}/@@edit").forms["edit"]
    form["title"] = "改题"
    assert form.submit("save").location.endswith("/manage")
    page = chief.get("/manage")
    next(f for f in page.forms.values() if f.action == "/manage/@@see-as").submit(
        "do", value="stop"
    )
    assert chief.get("/manage/health/news").status_int == 200
    transaction.begin()
    assert item.title == "原题"


def test_a_role_that_there_is_not_is_not_looked_with(chief, site):
    token = chief.get("/manage").forms[0]["csrf_token"].value
    for sent in (
        {"role": "system"},
        {"role": "editor", "node": "1"},
        {"role": "editor", "node": "x"},
    ):
        data = {"csrf_token": token, "do": "role", "node": site["finance"].uid, **sent}
        chief.post("/manage/@@see-as", data, status=404)


@pytest.mark.parametrize("look", [lambda b: begin(b, "editor"), lambda b: look_with(b, "editor")])
def test_what_readers_left_about_themselves_is_not_read_in_anothers_name(site, chief, look):
    tell(site["finance"]["news"], "错字", "13800000000", by=ANONYMOUS)
    transaction.commit()
    look(chief)
    page = chief.get("/manage/finance/@@corrections")
    assert "错字" in page
    assert "13800000000" not in page
    transaction.begin()
    assert not any(r.action == "read_personal" for r in site.audit.newest())
