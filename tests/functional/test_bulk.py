"""Many things at once, order, trash and uploads, through the pages."""

import transaction

from egov.operations.workflow import advance
from tests.support.world import actor, article

NEWS = "/manage/finance/news"


def bulk_form(browser, url=NEWS):
    return browser.get(url).forms["bulk"]


def test_what_goes_through_and_what_does_not_is_told_for_each(sign_in, site):
    whole = article(site, title="甲")
    other = article(site, title="乙")
    other.draft.write({**other.draft.values, "source": ""}, "author")
    transaction.commit()
    form = bulk_form(sign_in("editor"))
    for box in form.fields["uid"]:
        box.checked = True

    page = form.submit("do", value="submit")

    transaction.begin()
    assert (whole.state, other.state) == ("pending", "draft")
    assert "提交前请填写“来源”" in page


def test_nothing_ticked_changes_nothing(sign_in, site):
    item = article(site)
    transaction.commit()

    page = bulk_form(sign_in("editor")).submit("do", value="submit").follow()

    assert "请先勾选" in page
    transaction.begin()
    assert item.state == "draft"


def test_an_item_is_shown_in_a_second_section_and_only_once(sign_in, site):
    item = article(site)
    for step, who in (("submit", "author"), ("approve", "reviewer"), ("publish", "publisher")):
        advance(item, step, by=actor(site, who))
    transaction.commit()
    manager = sign_in("manager")
    url = f"{NEWS}/@@transfer?uid={item.uid}"
    for expected in ("已完成 1 项", "已在“通知公告”中"):
        form = manager.get(url).forms[1]
        form["target"] = "/finance/notices"
        page = form.submit("do", value="place")
        assert expected in (page.follow() if page.status_int == 302 else page)

    transaction.begin()
    assert len(site["finance"]["notices"]) == 1


def test_a_place_that_is_not_there_is_told(sign_in, site):
    item = article(site)
    transaction.commit()
    form = sign_in("manager").get(f"{NEWS}/@@transfer?uid={item.uid}").forms[1]
    form["target"] = "/no/where"

    assert "没有找到“/no/where”" in form.submit("do", value="move")


def test_order_is_changed_by_buttons(sign_in, site):
    for title in ("a", "b", "c"):
        article(site, title=title)
    transaction.commit()
    manager = sign_in("manager")
    for name, where in (("c", "top"), ("a", "down"), ("b", "up")):
        page = manager.get(f"{NEWS}?arrange=1")
        form = next(
            f for f in page.forms.values() if "name" in f.fields and f["name"].value == name
        )
        form.submit("where", value=where).follow()

    transaction.begin()
    assert list(site["finance"]["news"]) == ["b", "c", "a"]


def test_what_was_deleted_comes_back_from_the_trash(sign_in, site):
    item = article(site, title="notice")
    transaction.commit()
    manager = sign_in("manager")
    manager.get(f"{NEWS}/notice/@@delete").forms[1].submit().follow()
    assert f"{NEWS}/notice" not in manager.get(NEWS)

    page = manager.get("/manage/@@trash")
    page.forms[1].submit("uid", value=str(item.uid)).follow()

    transaction.begin()
    assert site["finance"]["news"]["notice"] is item
    assert item.title not in sign_in("outsider").get("/manage/@@trash").html.main.text


def test_many_files_at_once_each_taken_or_refused_by_name(sign_in, site):
    author = sign_in("author")
    form = author.get(f"{NEWS}/@@upload").forms[1]
    files = [
        ("upload", "表格.csv", "甲,乙\n".encode()),
        ("upload", "bad.png", b"<svg onload=alert(1)>"),
        ("upload", "run.exe", b"MZ"),
    ]

    token = {"csrf_token": form["csrf_token"].value}
    page = author.post(f"{NEWS}/@@upload", token, upload_files=files)

    assert "“bad.png”没有上传：文件内容与扩展名不符" in page
    assert "“run.exe”没有上传：不接受这种类型的文件" in page
    transaction.begin()
    assert [node.title for node in site["finance"]["news"].values_in_order()] == ["表格"]


def test_another_workflow_holds_below_a_section(sign_in, site):
    form = sign_in("manager").get(f"{NEWS}/@@workflow").forms[1]
    form["*"] = "direct"
    form.submit().follow()
    item = article(site)
    transaction.commit()

    advance(item, "publish", by=actor(site, "editor"))

    assert item.live_state == "published"
