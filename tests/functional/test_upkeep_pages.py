"""Upkeep through the pages: what is late is told on the desk, looked at again, and brought in from a table."""

import io
from datetime import timedelta

import transaction
from openpyxl import Workbook

from egov.base import clock
from egov.operations.content import edit
from egov.security.principals import SYSTEM_ACTOR
from tests.support.world import actor, article

NEWS = "/manage/finance/news"


def test_blank_columns_warn_on_the_desk_of_who_looks_after_them(sign_in, site):
    desk = sign_in("editor").get("/manage")
    assert "空白栏目 2（预警）" in " ".join(desk.html.main.text.split())
    assert "空白栏目" not in sign_in("reviewer").get("/manage")

    page = desk.click("市财政局", href="upkeep")
    assert "通知公告" in page.html.tbody.text
    page.click("去写一篇", index=0)


def test_dead_links_are_listed_and_taken_away_as_a_table(sign_in, site):
    item = article(site, title="甲")
    edit(item, item.work.values | {"body": '<p><a href="/no/where">x</a></p>'}, by=SYSTEM_ACTOR)
    transaction.commit()
    author = sign_in("author")
    assert "/no/where" in author.get("/manage/finance/@@upkeep?list=links").html.tbody.text
    assert "/no/where" in author.get("/manage/finance/@@upkeep?list=links&format=csv").text


def test_a_day_of_review_is_set_and_done_through_the_page(sign_in, site):
    item = article(site, title="甲")
    transaction.commit()
    editor, address = sign_in("editor"), f"{NEWS}/{item.__name__}/@@review"
    form = editor.get(address).forms[1]
    form["due"] = "2000-01-01"
    assert "复核日期必须晚于今天" in form.submit("do", value="set")
    form["due"] = (clock.today() + timedelta(days=9)).isoformat()
    form.submit("do", value="set").follow()
    assert "甲" in editor.get("/manage/finance/@@upkeep?list=review").html.tbody.text
    editor.get(address).forms[1].submit("do", value="done").follow()
    transaction.begin()
    assert item.review.due > clock.today() + timedelta(days=360)


def xlsx(*rows):
    book, content = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(content)
    return content.getvalue()


def test_a_table_becomes_drafts_row_by_row_and_is_taken_back_as_one(sign_in, site):
    author = sign_in("author")
    content = xlsx(["标题", "来源", "正文", "关键词"], ["甲", "办公室", "<p>一</p>", "春节 放假"],
                   ["", "办公室", "没有标题", ""], ["乙", None, "<b onclick=x()>二</b>", ""])  # fmt: skip
    form = author.get(f"{NEWS}/@@import").forms[1]
    token = {"csrf_token": form["csrf_token"].value, "type": "article"}
    page = author.post(
        f"{NEWS}/@@import", token, upload_files=[("file", "a.xlsx", content)]
    ).follow()

    assert "没有完成的 1" in " ".join(page.html.main.text.split())
    transaction.begin()
    first, second = site["finance"]["news"].values_in_order()
    assert (first.state, first.owner, first.work.values["keywords"]) == (
        "draft",
        "author",
        ("春节", "放假"),
    )
    assert second.work.values["body"] == "<b>二</b>"
    page.forms[1].submit("do", value="undo").follow()
    transaction.begin()
    assert len(site["finance"]["news"]) == 0

    for name, sent, told in (
        ("a.txt", b"x", "请选择 CSV"), ("a.csv", b"a,b\n1,2", "其中要有“标题”"),
        ("a.xlsx", b"PK", "打不开"), ("a.jsonl", b"{", "第 1 行不是"), ("a.csv", b"", "文件里没有内容"),
    ):  # fmt: skip
        assert told in author.post(f"{NEWS}/@@import", token, upload_files=[("file", name, sent)])


def test_lines_and_old_tables_are_read_too(sign_in, site):
    author = sign_in("author")
    token = {
        "csrf_token": author.get(f"{NEWS}/@@import").forms[1]["csrf_token"].value,
        "type": "article",
    }
    for name, sent in (
        ("a.csv", "标题,来源\n甲,乙\n".encode("gb18030")),
        ("b.jsonl", '{"title": "丙", "source": "丁"}\n'.encode()),
    ):
        author.post(f"{NEWS}/@@import", token, upload_files=[("file", name, sent)]).follow()
    transaction.begin()
    assert [n.title for n in site["finance"]["news"].values_in_order()] == ["甲", "丙"]
    assert actor(site, "author").id == site["finance"]["news"]["jia"].owner
