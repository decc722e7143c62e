"""Home and topic pages from blocks: arranged in the back office, previewed, published, read by anybody."""

import pytest
import transaction

from egov.cli.demo.pictures import landscape
from egov.model.files import StoredFile
from egov.operations.composing import add_block, drafted, publish_arrangement
from egov.operations.content import create
from egov.operations.rights import set_inheritance
from egov.operations.tree import move
from egov.operations.workflow import advance
from egov.public.blocks import Shown, fitted
from egov.public.people import reached_by
from egov.security.principals import SYSTEM_ACTOR
from tests.support.world import actor, article


def published(site, item):
    for step, who in (("submit", "author"), ("approve", "reviewer"), ("publish", "publisher")):
        advance(item, step, by=actor(site, who))
    return item


def arrange(page, *blocks):
    for kind, values in blocks:
        add_block(page, drafted(page, tuple), kind, values, by=SYSTEM_ACTOR)
    publish_arrangement(page, by=SYSTEM_ACTOR)
    transaction.commit()


def test_an_editor_arranges_previews_and_a_publisher_publishes(site, app, sign_in):
    published(site, article(site, title="news"))
    transaction.commit()
    editor = sign_in("editor")
    page = editor.get("/manage/finance/@@blocks")
    form = page.click("文字").forms[1]
    form["title"], form["body"] = "Welcome", "<p>Words of welcome</p>"
    page = form.submit().follow()
    assert "有未发布的编排" in page
    assert "Words of welcome" not in app.get("/finance")
    preview = page.click("在新窗口打开")
    assert "Words of welcome" in preview

    page = page.forms["steps"].submit("do", value="ask").follow()
    assert "已提醒可以发布的 2 人。" in page
    assert "发布编排" not in page.text
    publisher = sign_in("publisher")
    told = publisher.get("/manage/@@notices")
    assert "有页面编排等您发布" in told
    assert "发布编排" in [a.text.strip() for a in publisher.get("/manage/finance").html.select("a")]
    waiting = told.click(href="/manage/finance/@@blocks")
    assert "添加板块" not in waiting
    assert waiting.html.select(".board-tools") == []
    done = waiting.forms["steps"].submit("do", value="publish")
    assert "公众现在看到的就是它" in done.follow()
    assert "Words of welcome" in app.get("/finance")


def test_who_neither_arranges_nor_publishes_sees_no_blocks(site, sign_in):
    for one in ("author", "reviewer"):
        sign_in(one).get("/manage/finance/@@blocks", status=404)
    publisher = sign_in("publisher")
    assert publisher.get("/manage/finance/@@blocks").html.select("#steps button") == []
    publisher.get("/manage/finance/@@block?kind=text", status=404)
    links = [a.text.strip() for a in publisher.get("/manage/finance").html.select("a")]
    assert "发布编排" not in links


def test_blocks_are_moved_by_buttons_and_by_what_dragging_sends(site, sign_in):
    editor = sign_in("editor")
    titles = lambda page: [li["data-key"] for li in page.html.select("[data-blocks] > li")]  # noqa: E731
    page = editor.get("/manage/finance/@@blocks")
    assert titles(page) == ["1", "2", "3", "4"]
    page = (
        page.html.select("[data-blocks] form") and page.forms[2].submit("do", value="down").follow()
    )
    assert titles(page) == ["2", "1", "3", "4"]
    steps = page.forms["steps"]
    sent = {"csrf_token": steps["csrf_token"].value, "version": steps["version"].value}
    page = editor.post(
        "/manage/finance/@@blocks", sent | {"do": "move", "key": "4", "before": "2"}
    ).follow()
    assert titles(page) == ["4", "2", "1", "3"]
    late = editor.post(
        "/manage/finance/@@blocks", sent | {"do": "move", "key": "4", "before": "0"}
    ).follow()
    assert "刚刚被他人改过" in late
    assert titles(late) == ["4", "2", "1", "3"]


def test_nothing_typed_is_lost_when_a_row_is_wrong(site, sign_in):
    form = sign_in("editor").get("/manage/finance/@@block?kind=links").forms[1]
    form["title"] = "Useful links"
    form.set("cell", "Portal", 0)
    form.set("cell", "not an address", 1)
    answer = form.submit()

    assert "“not an address”不是网址" in answer
    assert answer.forms[1]["title"].value == "Useful links"
    assert answer.forms[1].get("cell", 0).value == "Portal"


def test_a_block_shows_nothing_of_a_place_that_is_closed(site, app):
    published(site, article(site, title="inside news"))
    arrange(site, ("list", {"place": site["finance"]["news"].uid, "title": "News"}))
    assert "inside news" in app.get("/")

    set_inheritance(site["finance"], False, by=SYSTEM_ACTOR)
    transaction.commit()

    assert "inside news" not in app.get("/")
    assert "News" not in app.get("/").html.find("main").text


def test_a_home_page_with_nothing_on_it_says_so(site, app):
    assert app.get("/finance").html.select_one("main .none").text == "本网站暂无信息。"
    published(site, article(site, title="news"))
    transaction.commit()
    assert app.get("/finance").html.select("main .none") == []


def test_a_query_gathers_the_same_column_of_all_departments(site, app):
    for name in ("finance", "health"):
        site[name]["news"].values = {**site[name]["news"].values, "column_type": "工作动态"}
    one = published(site, article(site, title="from finance"))
    one.live.values["keywords"] = ("water",)
    published(site, article(site, title="a notice", where="notices"))
    other = create(site["health"]["news"], "article", {"title": "from health", "body": "<p>x</p>",
                   "source": "s"}, by=SYSTEM_ACTOR)  # fmt: skip
    for step in ("submit", "approve", "publish"):
        advance(other, step, by=SYSTEM_ACTOR)
    site.catalog.index(one)
    arrange(
        site,
        ("query", {"title": "Departments", "column_type": "工作动态"}),
        ("query", {"title": "Water", "keyword": "water"}),
    )
    shown = app.get("/").html.select(".block")

    titles = [[a.text for a in block.select("li a")] for block in shown]
    assert titles == [["from health", "from finance"], ["from finance"]]


def test_a_pinned_headline_stands_first(site, app):
    published(site, article(site, title="older one"))
    published(site, article(site, title="newer one"))
    arrange(site["finance"], ("headline", {"pinned": "/finance/news/older-one"}))

    lead = app.get("/finance").html.select_one(".headline .h2").text
    assert lead == "older one"


def test_a_link_that_leaves_the_government_says_so_first(site, app):
    rows = [
        ["Shop", "https://shop.example/a?b=1&c=2"],
        ["State", "https://www.gov.cn/"],
        ["Own", "/finance"],
    ]
    arrange(site, ("links", {"rows": rows}))
    links = {a.text: a["href"] for a in app.get("/").html.select(".links a")}

    assert links["State"] == "https://www.gov.cn/"
    assert links["Own"] == "/finance"
    assert links["Shop"].startswith("/-/leave/")
    notice = app.get(links["Shop"])
    assert "您即将离开本网站" in notice
    assert notice.html.select_one("a.button")["href"] == "https://shop.example/a?b=1&c=2"
    app.get(links["Shop"][:-1] + ("0" if links["Shop"][-1] != "0" else "1"), status=404)


def test_a_foreign_link_in_a_text_says_so_first(site, app):
    item = article(site, title="foreign")
    item.draft.values["body"] = '<p><a href="https://shop.example/?a=1&amp;b=2">x</a></p>'
    published(site, item)
    transaction.commit()

    href = app.get("/finance/news/foreign").html.select_one(".body a")["href"]
    assert "https://shop.example/?a=1&b=2" in app.get(href).html.text


def test_topics_stand_in_their_zone_and_in_the_archive(site, app, sign_in):
    picture = StoredFile(landscape("#204060", "x"), "b.png", "image/png")
    zone = create(
        site["finance"],
        "section",
        {"title": "Topics", "layout": "zone"},
        by=SYSTEM_ACTOR,
        name="topics",
    )
    topic = create(site["finance"], "section", {"title": "Flood", "layout": "topic", "banner": picture,
                   "description": "All about it"}, by=SYSTEM_ACTOR, name="flood")  # fmt: skip
    create(topic, "section", {"title": "Orders"}, by=SYSTEM_ACTOR, name="orders")
    arrange(site, ("banners", {"place": site["finance"].uid}))
    assert "Flood" in app.get("/").html.select_one(".topics").text
    assert app.get("/finance/flood").html.select_one(".topic-head img") is not None

    manager = sign_in("manager")
    manager.get("/manage/finance/flood/@@blocks").forms["steps"].submit(
        "do", value="archive"
    ).follow()

    transaction.abort()
    assert topic.__parent__ is zone
    assert "本专题已归档" in app.get("/finance/flood").follow()
    assert "已归档的专题" in app.get("/finance/topics")
    assert "Flood" not in app.get("/").html.find("main").text
    other = create(zone, "section", {"title": "Ice", "layout": "topic"}, by=SYSTEM_ACTOR)
    transaction.commit()
    here = manager.get(f"/manage/finance/topics/{other.__name__}/@@blocks")
    told = here.forms["steps"].submit("do", value="archive").follow().html.select_one(".alert")
    assert told.text.strip() == "专题已归档。"


def test_leaders_and_offices_stand_in_the_order_that_editors_gave(site, app):
    for name, layout, kind in (("leaders", "leaders", "leader"), ("offices", "offices", "office")):
        where = create(
            site["finance"],
            "section",
            {"title": name, "layout": layout},
            by=SYSTEM_ACTOR,
            name=name,
        )
        for title in ("First", "Second"):
            values = {"title": title, "post": "Mayor", "duties": "Water", "body": "<p>Born.</p>",
                      "address": "1 Road", "hours": "9-17", "phone": "0717-123", "email": "a@b.cn"}  # fmt: skip
            item = create(where, kind, values, by=SYSTEM_ACTOR)
            for step in ("submit", "approve", "publish"):
                advance(item, step, by=SYSTEM_ACTOR)
    transaction.commit()

    people = app.get("/finance/leaders").html.select(".people strong")
    assert [one.text for one in people] == ["First", "Second"]
    first = app.get("/finance/leaders/first")
    assert [dt.text for dt in first.html.select(".plain-facts dt")] == [
        "职务",
        "工作分工",
        "办公电话",
    ]
    assert [h.text for h in app.get("/finance/offices").html.select(".offices h2")] == [
        "First",
        "Second",
    ]
    office = app.get("/finance/offices/first")
    assert "办公地址" in office
    reached = [a["href"] for a in office.html.select(".facts a")]
    assert reached == ["tel:0717123", "mailto:a@b.cn"]
    for page in (first, app.get("/finance/offices")):
        assert page.html.main.find("a", href="tel:0717123").text == "0717-123"
    above = create(
        site, "section", {"title": "公开", "layout": "sections"}, by=SYSTEM_ACTOR, name="open"
    )
    for name in ("leaders", "offices"):
        move(site["finance"][name], above, by=SYSTEM_ACTOR)
    transaction.commit()
    told = [
        a.text
        for a in app.get("/open").html.select(".blocks .lines > li > a, .blocks .people strong")
    ]
    assert told == ["First", "Second"] * 2


@pytest.mark.parametrize(("told", "url"), [
    ("+86 717 6256000", "tel:+867176256000"),
    ("(0717) 6256000", "tel:07176256000"), ("12345", "tel:12345"), ("0717-1、0717-2", ""), ("工作日 0717-1", ""),
    ("", ""), (" a@b.cn ", "mailto:a@b.cn"),
    ("a@b.cn; c@d.cn", ""), ("@", ""), ("1" * 40, ""),
])  # fmt: skip
def test_one_number_or_address_alone_is_led_to(told, url):
    assert reached_by(told) == url


@pytest.mark.parametrize(("spans", "expected"), [
    ([3, 3], [3, 3]), ([3], [6]), ([3, 6], [6, 6]), ([4, 2, 3], [4, 2, 6]), ([2, 2, 2, 2], [2, 2, 2, 6]),
    ([2, 6, 3, 4], [6, 6, 6, 6]), ([4, 3, 2], [6, 3, 3]), ([], []),
])  # fmt: skip
def test_rows_are_always_full(spans, expected):
    made = [Shown(n, "text", span, "") for n, span in enumerate(spans)]

    assert [block.span for block in fitted(made)] == expected
