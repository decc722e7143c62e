"""History: read by who works there, taken away as a table, and taken back step by step."""

import transaction

from egov.base import clock
from egov.model.default_blocks import default_blocks
from egov.operations.assignments import assign
from egov.operations.composing import add_block
from egov.operations.content import edit
from egov.operations.discussion import remark
from egov.operations.rights import grant, revoke
from egov.operations.submissions import commission, offer
from egov.operations.tree import delete, rename
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
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


def look_at(browser, node, key):
    page = browser.get(f"/manage/@@undo?uid={node.uid}&key={key}")
    return page, " ".join(page.html.main.text.split())


def test_work_at_the_desk_is_told_and_taken_back_from_the_history(sign_in, site):
    item = article(site, title="甲")
    remark(item, "日期不对", by=actor(site, "reviewer"))
    assign(item, "reviewer", 0, by=actor(site, "editor"))
    transaction.commit()

    reviewer = sign_in("reviewer")
    page = reviewer.get(f"{NEWS}/{item.__name__}/@@history").click("撤销…", index=1)
    assert "日期不对（0 条回复，未处理）" in " ".join(page.html.main.text.split())
    assert "已撤销" in page.forms[1].submit().follow()
    page, told = look_at(sign_in("editor"), item, list(item.log.keys())[-1])
    assert f"测试reviewer，{clock.day(clock.today())} 到期" in told
    page.forms[1].submit().follow()

    transaction.begin()
    assert (len(item.desk.remarks), item.desk.assignment) == (0, None)


def test_arranging_a_page_is_taken_back_from_its_history(sign_in, site):
    page = site["finance"]
    add_block(page, default_blocks(page), "text", {"title": "温馨提示", "body": "<p>字</p>"},
              by=actor(site, "editor"))  # fmt: skip
    transaction.commit()
    editor = sign_in("editor")

    look = editor.get("/manage/finance/@@history").click("撤销…", index=0)
    assert "温馨提示" in look
    look.forms[1].submit().follow()

    transaction.begin()
    assert page.arrangement.draft is None
    assert "温馨提示" not in editor.get("/manage/finance/@@blocks")


def test_offers_and_commissions_are_told_before_they_are_taken_back(sign_in, site):
    item = article(site, title="甲")
    for step in ("submit", "approve", "publish"):
        advance(item, step, by=actor(site, "manager") if step == "submit" else SYSTEM_ACTOR)
    offer(item, site, by=actor(site, "editor"))
    commission(site["finance"], site["health"], "卫生简报", clock.today(), by=actor(site, "editor"))
    transaction.commit()
    editor = sign_in("editor")

    assert "报送给 临江市人民政府：待处理" in look_at(editor, item, item.log.maxKey())[1]
    told = look_at(editor, site["finance"], site["finance"].log.maxKey())[1]
    assert f"卫生简报（{clock.day(clock.today())}）" in told


def test_what_fell_with_a_grant_is_told_before_it_comes_back(sign_in, site):
    finance, manager = site["finance"], actor(site, "manager")
    more = {"reason": "工作需要", "may_delegate": True}
    grant(finance, "user:editor", "manager", by=manager, **more)
    grant(finance["news"], "user:author", "reviewer", by=actor(site, "editor"), **more)
    revoke(finance, "user:editor", "manager", by=manager)
    key = finance.log.maxKey()
    transaction.commit()

    page, told = look_at(sign_in("manager"), finance, key)
    assert "测试author：审核人 工作动态（/finance/news）" in told
    assert "/finance/news" not in look_at(sign_in("author"), finance, key)[1]
    page.forms[1].submit().follow()

    transaction.begin()
    assert "user:author" in {g.principal for g in finance["news"].grants}
