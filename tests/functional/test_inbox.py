"""The review inbox: what is due first stands first, filters stand in the address, many are decided at once."""

from datetime import datetime, timedelta
from urllib.parse import quote

import transaction

from egov.base import clock
from egov.operations.assignments import assign
from egov.operations.containers import configure
from egov.operations.content import edit
from egov.operations.inbox import due_day, inbox
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.support.world import actor, article


def handed_in(site, title, by="author", days_ago=0):
    with clock.frozen(clock.now() - timedelta(days=days_ago)):
        item = article(site, by=by, title=title)
        advance(item, "submit", by=actor(site, by))
    return item


def titles(browser, query=""):
    page = browser.get(f"/manage/@@inbox{query}")
    return [link.text for link in page.html.select(".inbox .row-link")]


@clock.frozen(datetime(2026, 3, 20, 10, tzinfo=clock.OFFICE_ZONE))  # a Friday
def test_the_earliest_deadline_stands_first_whoever_set_it(site, sign_in):
    handed_in(site, "十二天前", days_ago=12)  # whatever days off lie between
    handed_in(site, "今天")
    urgent = handed_in(site, "急件")
    late = handed_in(site, "三十天前", days_ago=30)
    assign(urgent, "reviewer", 0, by=actor(site, "editor"))
    transaction.commit()

    assert titles(sign_in("reviewer")) == ["三十天前", "十二天前", "急件", "今天"]
    assert due_day(urgent) == clock.today()
    assert due_day(late) < clock.today()
    assert titles(sign_in("outsider")) == []


def test_the_term_is_the_offices_own(site):
    item = handed_in(site, "通知")
    before = due_day(item)
    configure(site, {**site.values, "title": site.title, "review_days": 10}, by=SYSTEM_ACTOR)
    assert due_day(item) > before
    assert [d.due for d in inbox(actor(site, "reviewer"), site)] == [due_day(item)]


def test_the_author_is_found_by_name_and_pages_follow(site, sign_in):
    for number in range(52):
        handed_in(site, f"第{number:02}号", days_ago=60 - number)
    handed_in(site, "编辑的", by="editor")
    transaction.commit()
    browser = sign_in("reviewer")

    assert titles(browser, f"?who={quote('测试editor')}") == ["编辑的"]
    assert titles(browser, "?who=editor") == ["编辑的"]
    first = browser.get("/manage/@@inbox?who=author")
    assert len(first.html.select(".inbox tbody tr")) == 50
    assert [a.text for a in first.click("下一页").html.select(".inbox .row-link")] == [
        "第50号",
        "第51号",
    ]
    assert titles(browser, "?page=999999999999") == []


def test_many_are_decided_at_once_with_one_account_of_each(site, sign_in):
    own = handed_in(site, "我写的")
    edit(own, {**own.work.values, "summary": "补"}, by=actor(site, "manager"))
    advance(own, "submit", by=actor(site, "manager"))
    one, two = handed_in(site, "甲"), handed_in(site, "乙")
    transaction.commit()
    page = sign_in("reviewer").get("/manage/@@inbox")
    form = page.forms["bulk"]
    fields = [*form.submit_fields(), *(("uid", str(item.uid)) for item in (one, two))]
    told = page.goto("", "post", params=[*fields, ("do", "return"), ("comment", "")]).follow()
    assert "没有完成的" in told
    assert told.text.count("请写明") >= 2
    back = page.goto("", "post", params=[*fields, ("do", "approve"), ("comment", "同意")])
    assert "已完成 2 项" in back.follow()
    transaction.begin()
    assert {one.state, two.state} == {"approved"}


def test_from_one_that_is_decided_to_the_next_and_past_one_that_is_left(site, sign_in):
    items = [handed_in(site, title, days_ago=9 - n) for n, title in enumerate("甲乙丙丁")]
    changed = handed_in(site, "戊", days_ago=20)
    for step in ("approve", "publish"):
        advance(changed, step, by=SYSTEM_ACTOR)
    edit(changed, {**changed.work.values, "summary": "改了"}, by=actor(site, "author"))
    advance(changed, "submit", by=actor(site, "author"))
    transaction.commit()
    reviewer = sign_in("reviewer")
    page = reviewer.get("/manage/@@inbox").click("甲", index=0).click("下一项待审核").follow()
    assert page.html.h1.text == "乙"  # left as it was
    form = page.forms[
        next(n for n, f in page.forms.items() if "comment" in f.fields and "step" in f.fields)
    ]
    decided = form.submit("step", value="approve").follow()
    assert "btn-primary" in decided.html.select_one("[data-key=n]")["class"]
    assert decided.click("下一项待审核").follow().html.h1.text == "丙"
    last = reviewer.get(f"/manage/@@next-waiting?after={items[3].uid}").follow()
    assert "比较改动" in last.html.h1.text  # where the public reads an older text
    begun = last.click("下一项待审核").follow()
    assert begun.html.h1.text == "甲"  # from the last to the first
    transaction.begin()
    gone = reviewer.get(f"/manage/@@next-waiting?uid={items[1].uid}").follow()
    assert gone.html.h1.text == "甲"  # decided meanwhile: the first that waits
    for item in (items[0], items[2], items[3], changed):
        advance(item, "retract", by=actor(site, "author"))
    transaction.commit()
    told = reviewer.get(f"/manage/@@next-waiting?uid={items[0].uid}").follow()
    assert "没有别的内容等待您审核" in told
    assert "下一项待审核" not in sign_in("editor").get("/manage/finance/news").click("甲", index=0)


def test_how_much_waits_is_told_exactly_or_about(site, sign_in):
    for number in range(51):
        handed_in(site, f"第{number:02}号")
    transaction.commit()
    reviewer = sign_in("reviewer")
    assert "约 51 项" in reviewer.get("/manage/@@inbox")
    assert "约 51 项" in reviewer.get("/manage/@@inbox?page=2&site=finance")
    assert "共 51 项" not in reviewer.get("/manage/@@inbox?who=author")
    assert "没有等待您审核的内容" in sign_in("outsider").get("/manage/@@inbox")


def test_who_decides_on_many_of_one_site_stays_with_that_site(site, sign_in):
    item = handed_in(site, "甲")
    transaction.commit()
    reviewer = sign_in("reviewer")
    form = reviewer.get("/manage/@@inbox?site=finance&who=author").forms["bulk"]
    fields = [*form.submit_fields(), ("uid", str(item.uid)), ("do", "approve")]
    there = reviewer.post("/manage/@@inbox?site=finance&who=author", fields)
    assert there.location.endswith("/manage/@@inbox?site=finance&who=author")


def test_where_a_row_is_stacked_on_a_phone_its_dates_say_what_they_are(site, sign_in):
    handed_in(site, "通知")
    transaction.commit()

    (row,) = sign_in("reviewer").get("/manage/@@inbox").html.select(".inbox tbody tr")

    dates = [cell for cell in row.select("td.num") if cell.get_text(strip=True)]
    told = [cell.select_one(".only-stacked").text for cell in dates]
    assert told == ["期限", "提交于"]
