"""History: read by who works there, taken away as a table, and taken back step by step."""

import transaction

from egov.operations.content import edit
from egov.operations.tree import delete, rename
from egov.operations.workflow import advance
from tests.support.world import actor, article

NEWS = "/manage/finance/news"


def test_a_step_is_taken_back_from_the_history_with_a_look_before(sign_in, site):
    item = article(site, title="甲")
    edit(item, item.work.values | {"body": "<p>改坏了。</p>"}, by=actor(site, "author"))
    transaction.commit()
    author = sign_in("author")

    look = author.get(f"{NEWS}/{item.__name__}/@@history").click("撤销…", index=0)
    assert "改坏了" in look
    assert "正文" in look
    page = look.forms[1].submit().follow()

    assert "已撤销" in page
    transaction.begin()
    assert item.work.values["body"] == "<p>正文。</p>"


def test_what_stands_in_the_way_is_told_and_the_button_is_not_there(sign_in, site):
    item = article(site, title="甲")
    advance(item, "submit", by=actor(site, "author"))
    key = item.log.maxKey()
    transaction.commit()

    page = sign_in("publisher").get(f"/manage/@@undo?uid={item.uid}&key={key}")
    assert "没有撤销" in page
    assert "撤销这一步</button>" not in page

    form = sign_in("author").get(f"/manage/@@undo?uid={item.uid}&key={key}").forms[1]
    advance(item, "approve", by=actor(site, "reviewer"))
    transaction.commit()
    assert "请先撤销那一步" in form.submit().follow()
    transaction.begin()
    assert item.state == "approved"


def test_what_lies_in_the_trash_is_brought_back_from_the_history_of_its_section(sign_in, site):
    item = article(site, title="甲")
    delete(item, by=actor(site, "manager"))
    transaction.commit()
    manager = sign_in("manager")

    look = manager.get(f"{NEWS}/@@activity?what=delete").click("撤销…")
    look.forms[1].submit().follow()

    transaction.begin()
    assert item.__parent__ is site["finance"]["news"]


def test_the_history_of_a_site_is_filtered_and_taken_away_and_shows_nothing_of_others(
    sign_in, site
):
    item = article(site, title="甲")
    rename(item, "moved", by=actor(site, "editor"))
    transaction.commit()
    author = sign_in("author")

    assert "重命名" in author.get("/manage/finance/@@activity?who=editor").html.table.text
    assert author.get("/manage/finance/@@activity?who=nobody").html.table is None
    table = author.get("/manage/finance/@@activity?format=csv&what=rename").text
    assert "测试editor" in table
    assert "moved" in table
    author.get("/manage/@@activity", status=404)
    sign_in("outsider").get(f"/manage/@@undo?uid={item.uid}&key=1", status=404)
