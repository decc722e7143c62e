"""Many things at once, order, trash and uploads, through the pages."""

from urllib.parse import quote

import pytest
import transaction

from egov.base.settings import Settings
from egov.operations.batches import begin
from egov.operations.containers import set_workflow
from egov.operations.content import edit
from egov.operations.jobs import run_jobs
from egov.operations.tree import delete
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
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

    page = form.submit("do", value="submit").follow()

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
        assert expected in form.submit("do", value="place").follow()

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

    form = manager.get("/manage/@@trash").forms["bulk"]
    form["uid"] = True
    form.submit("do", value="restore").follow()

    transaction.begin()
    assert site["finance"]["news"]["notice"] is item
    assert item.title not in sign_in("outsider").get("/manage/@@trash").html.main.text


def test_the_trash_gives_back_to_another_place_and_destroys_by_right(sign_in, site):
    items = [article(site, title=f"t{n}") for n in range(3)]
    for item in items:
        delete(item, by=actor(site, "manager"))
    transaction.commit()
    form = sign_in("editor").get("/manage/@@trash").forms["bulk"]
    assert "彻底删除勾选的内容" not in form.text
    form.fields["uid"][0].checked = True
    form["target"] = "/no/where"
    assert "没有找到“/no/where”" in form.submit("do", value="elsewhere")
    form["target"] = "/finance/notices"
    form.submit("do", value="elsewhere").follow()
    manager = sign_in("manager")
    form = manager.get("/manage/@@trash").forms["bulk"]
    for box in form.fields["uid"]:
        box.checked = True
    form.submit("do", value="purge").follow()

    transaction.begin()
    assert len(site["finance"]["notices"]) == 1
    assert len(site.trash) == 0
    assert "回收站是空的" in manager.get("/manage/@@trash")


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


def test_what_was_done_to_many_is_taken_back_as_one_by_who_did_it(sign_in, site):
    items = [article(site, title=f"t{n}") for n in range(3)]
    transaction.commit()
    manager = sign_in("manager")
    form = bulk_form(manager)
    for box in form.fields["uid"]:
        box.checked = True
    page = form.submit("do", value="delete").follow()
    assert "已完成 3 项" in page
    look = page.click("撤销或查看…")
    sign_in("editor").get(look.request.url, status=404)

    result = look.forms[1].submit("do", value="undo").follow()

    assert "整体撤销" in result
    transaction.begin()
    assert list(site["finance"]["news"].values_in_order()) == items
    assert "整体撤销" in manager.get("/manage/@@batches")


def test_all_that_the_list_shows_is_meant_by_one_tick_and_done_later(sign_in, site, database):
    items = [article(site, title=f"t{n}") for n in range(60)]
    transaction.commit()
    editor = sign_in("editor")
    form = bulk_form(editor)
    form["all"] = True
    page = form.submit("do", value="submit").follow()
    assert page.html.progress["max"] == "60"
    assert "停止" in page

    run_jobs(database, Settings())

    page = editor.get(page.request.url)
    assert page.html.progress["value"] == "60"
    transaction.begin()
    assert {item.state for item in items} == {"pending"}


def test_cut_and_paste_and_dropping_move_and_copying_places(sign_in, site):
    one, other = article(site, title="one"), article(site, title="other")
    transaction.commit()
    manager = sign_in("manager")
    form = bulk_form(manager)
    form.fields["uid"][0].checked = True
    form.submit("do", value="cut").follow()
    page = manager.get("/manage/finance/notices")
    assert "已剪切 1 项" in " ".join(page.html.find(class_="clip").text.split())
    page.forms[next(k for k, f in page.forms.items() if "paste" in f.action)].submit(
        "do", value="move"
    ).follow()
    token = manager.get(NEWS).forms["bulk"]["csrf_token"].value
    drop = {"csrf_token": token, "do": "move", "uid": other.uid}
    manager.post("/manage/finance/notices/@@paste", drop).follow()

    transaction.begin()
    assert list(site["finance"]["notices"].values_in_order()) == [one, other]
    empty = {"csrf_token": token, "do": "copy"}
    assert "剪贴板是空的" in manager.post(f"{NEWS}/@@paste", empty).follow()


def test_before_something_that_is_used_goes_its_uses_are_shown(sign_in, site):
    used, user = article(site, title="used"), article(site, title="user")
    edit(user, user.work.values | {"body": '<p><a href="/finance/news/used">x</a></p>'},
         by=actor(site, "editor"))  # fmt: skip
    transaction.commit()
    manager = sign_in("manager")
    form = bulk_form(manager)
    form.fields["uid"][0].checked = True
    page = form.submit("do", value="delete")
    assert "别处还被链接" in page
    assert "user" in page.html.main.text
    page.forms[1].submit("do", value="delete").follow()
    transaction.begin()
    assert used.uid in site.trash


def test_keywords_are_added_and_taken_from_many(sign_in, site):
    items = [article(site, title=f"t{n}") for n in range(2)]
    edit(items[0], items[0].work.values | {"keywords": ("旧",)}, by=actor(site, "editor"))
    transaction.commit()
    form = bulk_form(sign_in("editor"))
    for box in form.fields["uid"]:
        box.checked = True
    asked = form.submit("do", value="tags").forms[1]
    asked["add"], asked["remove"] = "春节，放假", True
    asked.submit().follow()
    transaction.begin()
    assert [i.work.values["keywords"] for i in items] == [("春节", "放假")] * 2


def test_words_are_found_shown_and_replaced_where_they_were_left_ticked(sign_in, site):
    items = [article(site, title=f"通知{n}") for n in range(3)]
    advance(items[2], "submit", by=actor(site, "author"))
    transaction.commit()
    editor = sign_in("editor")
    form = editor.get("/manage/finance/@@replace").forms[1]
    form["find"], form["put"] = "正文", "内容"
    page = form.submit("do", value="look")
    assert "找到 3 处" in " ".join(page.html.main.text.split())
    assert page.text.count("须重新提交") == 1  # what waits for a review leaves it
    form = page.forms[1]
    form.fields["hit"][1].checked = False
    form.submit("do", value="replace").follow()

    transaction.begin()
    assert sorted(i.work.values["body"] for i in items) == [
        "<p>内容。</p>",
        "<p>内容。</p>",
        "<p>正文。</p>",
    ]
    form["find"] = ""
    assert "请填写要查找的文字" in form.submit("do", value="look")


def test_titles_are_found_in_a_section_and_lists_filtered(sign_in, site):
    article(site, title="关于春节放假的通知")
    sent = article(site, title="关于清明的通知")
    advance(sent, "submit", by=actor(site, "author"))
    transaction.commit()
    editor = sign_in("editor")
    assert "清明" not in editor.get(f"{NEWS}?words={quote('春节')}").html.tbody.text
    assert "春节" not in editor.get(f"{NEWS}?state=pending&type=article").html.tbody.text
    assert "没有符合条件的内容" in editor.get(f"{NEWS}?words={quote('国庆')}")


def test_order_is_changed_by_dropping_and_the_tree_opens_in_pieces(sign_in, site):
    for title in ("a", "b", "c"):
        article(site, title=title)
    transaction.commit()
    manager = sign_in("manager")
    token = manager.get(NEWS).forms["bulk"]["csrf_token"].value
    for fields in ({"name": "c", "before": "a"}, {"name": "a", "after": "b"}):
        manager.post(f"{NEWS}/@@order", {"csrf_token": token, "quiet": 1, **fields}, status=204)
    transaction.begin()
    assert list(site["finance"]["news"]) == ["c", "b", "a"]
    lines = manager.get("/manage/finance/@@branch?level=1").html.find_all("li")
    assert [line.a.text for line in lines] == ["工作动态", "通知公告"]


@pytest.mark.parametrize(
    ("step", "after"), [("unpublish", "unpublished"), ("withdraw", "withdrawn")]
)
def test_before_one_thing_goes_off_line_its_uses_are_shown(sign_in, site, step, after):
    used, user = article(site, title="used"), article(site, title="user")
    for before, who in (("submit", "author"), ("approve", "reviewer"), ("publish", "publisher")):
        advance(used, before, by=actor(site, who))
    edit(user, user.work.values | {"body": '<p><a href="/finance/news/used">x</a></p>'},
         by=actor(site, "editor"))  # fmt: skip
    transaction.commit()
    publisher = sign_in("publisher")
    token = publisher.get(f"{NEWS}/used").forms[0]["csrf_token"].value
    sent = {"csrf_token": token, "step": step, "comment": "有误"}

    page = publisher.post(f"{NEWS}/used/@@step", sent)
    assert "别处还有链接" in page
    page.forms[1].submit("step", value=step).follow()

    transaction.begin()
    assert (used.live_state, list(used.log.values())[-1].comment) == (after, "有误")


def test_what_was_not_done_is_told_first_and_not_in_green(sign_in, site):
    items = [article(site, title=f"t{n}") for n in range(2)]
    advance(items[0], "submit", by=actor(site, "author"))
    transaction.commit()
    browser = sign_in("reviewer")
    begin(
        site["finance"]["news"], "step", [one.uid for one in items], {"step": "approve", "comment": ""},
        by=actor(site, "reviewer"),
    )  # fmt: skip
    transaction.commit()

    (row,) = browser.get("/manage/@@batches").html.select("tbody tr")

    assert row.a.text == "批量办理：审核通过"
    chip = row.select_one(".chip-warning")
    assert chip.text.strip() == "已结束，1 项未完成"
    page = browser.get(row.a["href"])
    assert page.html.select_one(".outcomes").li.a.text == "t1"


def test_who_has_agreed_and_how_many_are_needed_is_told(sign_in, site):
    set_workflow(site["finance"]["news"], "article", "joint-review", by=SYSTEM_ACTOR)
    item = article(site)
    advance(item, "submit", by=actor(site, "author"))
    transaction.commit()
    browser = sign_in("publisher")
    page = f"/manage/finance/news/{item.__name__}"

    assert "“同意”需要 2 人，还没有人办理。" in browser.get(page)
    advance(item, "approve", by=actor(site, "reviewer"))
    transaction.commit()
    assert "“同意”需要 2 人，测试reviewer已办理，还需 1 人。" in browser.get(page)
    advance(item, "approve", by=actor(site, "reviewer2"))
    transaction.commit()
    assert browser.get(page).html.select(".counted") == []
