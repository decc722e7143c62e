"""The public finds what it may see, at once, in the spelling it has."""

from dataclasses import replace

import pytest
import transaction

from egov.operations.containers import configure
from egov.operations.content import create
from egov.operations.rights import grant, set_inheritance
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.support.world import article


def publish(site, title, where="news", **values):
    item = article(site, title=title, where=where)
    item.work.values = {**item.work.values, **values}
    for step in ("submit", "approve", "publish"):
        advance(item, step, by=SYSTEM_ACTOR)
    transaction.commit()
    return item


def found(page):
    return [link.text for link in page.html.select(".results .line-title")]


def ask(app, words, path="/@@search", **more):
    app.app.registry.search._looked = 0.0  # as if a second had passed
    return app.get(path, {"q": words, **more})


def test_a_citizen_finds_by_words_phrases_pinyin_and_similar_sound(site, app):
    publish(site, "关于2026年春节放假安排的通知", body="<p>请提前做好值班安排。</p>")
    publish(site, "春季植树活动启动")

    assert found(ask(app, "春节放假")) == ["关于2026年春节放假安排的通知"]
    assert found(ask(app, "值班")) == ["关于2026年春节放假安排的通知"]
    assert "值班" in ask(app, "值班").html.select_one("mark").text
    assert ask(app, "春节放假安排").html.select_one("mark").text == "春节放假安排"
    assert found(ask(app, "“节放假安”")) == ["关于2026年春节放假安排的通知"]
    assert found(ask(app, "chunjie")) == ["关于2026年春节放假安排的通知"]
    page = ask(app, "春杰")
    assert "您要找的是不是" in page
    assert page.html.select_one('a[href="?q=%E6%98%A5%E8%8A%82"]').text == "春节"
    assert "没有找到" in ask(app, "宇宙飞船")


def test_traditional_characters_find_what_is_written_in_simplified(site, app):
    publish(site, "电动自行车登记管理规定")
    page = ask(app, "電動自行車登記")
    assert found(page) == ["电动自行车登记管理规定"]
    assert "部分符合" not in page
    assert "<entry>" in app.get("/@@search-feed.xml", {"q": "電動自行車"})
    assert ask(app, "電動自行車登紀").html.select_one(".notice a").text == "电动自行车登记"


def test_a_name_that_turning_it_would_change_is_found_as_it_is_written(site, app):
    publish(site, "乾县旅游指南")
    publish(site, "干县见闻")
    assert set(found(ask(app, "乾县"))) == {"乾县旅游指南", "干县见闻"}
    assert found(ask(app, "“乾县旅游”")) == ["乾县旅游指南"]


def test_pinyin_without_spaces_finds_names_and_two_words(site, app):
    publish(site, "周明远")
    publish(site, "周会安排")
    assert found(ask(app, "zhoumingyuan")) == ["周明远"]
    assert found(ask(app, "zhouhuianpai")) == ["周会安排"]


def test_a_suggestion_mends_every_word(site, app):
    publish(site, "电动自行车登记管理规定")
    assert ask(app, "dengji guanli").html.select_one(".notice a").text == "登记 管理"


def test_a_site_or_section_is_found_by_its_name(site, app, sign_in):
    def places(page):
        return [one.get_text() for one in page.html.select(".places li")]

    page = ask(app, "工作动态")
    assert places(page) == ["工作动态　市财政局", "工作动态　市卫生健康委员会"]
    assert "没有找到" not in page
    assert places(ask(app, "工作 动态", "/health/@@search")) == ["工作动态"]
    assert places(ask(app, "财政局")) == ["市财政局"]
    assert places(ask(app, "市财政局电话")) == ["市财政局"]
    for typed in ("卫健委", "卫健委电话", "请问市卫健委在哪里"):
        assert places(ask(app, typed)) == ["市卫生健康委员会"]
    assert places(ask(app, "怎么办")) == []
    assert places(ask(app, "hel")) == []
    assert places(ask(app, "财政局", kind="article")) == []
    news = site["finance"]["news"]
    configure(news, {**news.values, "title": "财政要闻"}, by=SYSTEM_ACTOR)
    transaction.commit()
    assert places(ask(app, "财政要闻")) == ["财政要闻　市财政局"]
    configure(news, {**news.values, "title": "工作动态"}, by=SYSTEM_ACTOR)
    transaction.commit()
    set_inheritance(site["finance"], False, by=SYSTEM_ACTOR)
    transaction.commit()
    assert places(ask(app, "财政局")) == []
    assert places(ask(app, "工作动态")) == ["工作动态　市卫生健康委员会"]
    assert places(ask(sign_in("author"), "财政局")) == ["市财政局"]


def test_what_changes_is_found_and_forgotten_with_the_next_question(site, app):
    assert found(ask(app, "植树")) == []
    item = publish(site, "春季植树活动启动")
    assert found(ask(app, "植树")) == ["春季植树活动启动"]
    advance(item, "unpublish", by=SYSTEM_ACTOR, comment="错")
    transaction.commit()
    assert found(ask(app, "植树")) == []


def test_nobody_finds_what_they_may_not_see(site, app, sign_in):
    publish(site, "内部值班表")
    assert found(ask(app, "值班表")) == ["内部值班表"]
    set_inheritance(site["finance"], False, by=SYSTEM_ACTOR)
    transaction.commit()
    page = ask(app, "值班表")
    assert found(page) == []
    assert "内部" not in page.html.find("main").text.replace("值班表", "")
    author = sign_in("author")
    assert found(author.get("/@@search", {"q": "值班表"})) == ["内部值班表"]
    about = author.get("/@@search", {"q": "值班表"}).html.select_one(".results .about")
    assert "市财政局" in about.text
    grant(site["finance"]["news"], "Everyone", "reader", by=SYSTEM_ACTOR)
    transaction.commit()
    page = ask(app, "值班表")
    assert found(page) == ["内部值班表"]
    # The site around the section stays closed.
    assert "市财政局" not in page.html.select_one(".results .about").text


def test_results_are_narrowed_sorted_and_paged(site, app):
    for number in range(23):
        publish(site, f"防汛通知第{number}号", where="notices" if number % 2 else "news")
    page = ask(app, "防汛")
    assert "共找到 23 条" in " ".join(page.html.find("main").text.split())
    assert len(found(page)) == 10
    assert len(found(ask(app, "防汛", page="3"))) == 3
    beyond = ask(app, "防汛", page="400", sort="date")
    assert len(found(beyond.follow())) == 3
    assert "page=3" in beyond.location
    assert "sort=date" in beyond.location
    assert "没有找到" in ask(app, "宇宙飞船", page="2").follow()
    assert found(ask(app, "防汛", sort="date"))[0] == "防汛通知第22号"
    assert len(found(ask(app, "防汛", path="/finance/@@search"))) == 10
    assert found(ask(app, "防汛", path="/health/@@search")) == []
    assert found(ask(app, "防汛", kind="page")) == []
    assert found(ask(app, "防汛", year="1999")) == []


def test_who_pages_very_deep_comes_to_an_end_that_says_so(site, app, monkeypatch):
    for number in range(23):
        publish(site, f"防汛通知第{number}号")
    for module in ("public.search", "search.questions", "search.queries"):
        monkeypatch.setattr(f"egov.{module}.DEEPEST", 20)

    assert "后面的结果不再列出" not in ask(app, "防汛")
    last = ask(app, "防汛", page="2")
    for page in ("3", "99999", "9" * 30):
        answer = ask(app, "防汛", page=page)
        assert len(found(answer)) == 10
    assert "后面的结果不再列出" in last
    assert [step.text for step in last.html.select(".pages > *")] == [
        "上一页",
        "1",
        "2",
        "共 23 条，第 2 页，共 2 页",
    ]


def test_no_question_breaks_the_page(app):
    for words in (
        "",
        "(",
        '"',
        "“”",
        "a" * 500,
        "\0",
        "AND OR NOT",
        "*:*",
        "年" * 200,
        "〔2019〕号",
        "<b>",
        "😀",
    ):
        page = app.get("/@@search", {"q": words})
        assert page.status_int == 200
    assert "<b>" not in app.get("/@@search", {"q": "<b>", "page": "99999"}).text.replace(
        "<b></b>", ""
    )


def test_while_somebody_else_builds_the_index_the_page_says_so(site, app):
    index = app.app.registry.search
    index.folder.mkdir()
    with index._writing():
        assert "搜索正在准备" in ask(app, "防汛")
    assert "没有找到" in ask(app, "防汛")


def official(site, title, where="finance", **values):
    facts = {
        "title": title,
        "index_no": title,
        "body": "<p>正文。</p>",
        "written_on": "2026-11-01",
        **values,
    }
    item = create(site[where]["notices"], "official_document", facts, by=SYSTEM_ACTOR)
    for step in ("submit", "approve", "publish"):
        advance(item, step, by=SYSTEM_ACTOR)
    transaction.commit()


def ways(page):
    """The ways to narrow, by their titles."""
    return {
        part.h2.text: {" ".join(a.text.split()): a["href"] for a in part.select("a")}
        for part in page.html.select(".ways section")
    }


def test_a_question_as_people_speak_finds_what_has_the_words_that_matter(site, app):
    publish(site, "新生儿出生一件事", body="<p>联合办理出生医学证明、户口登记。</p>")
    publish(site, "办理流程", body="<p>当面提交。</p>")
    page = ask(app, "怎么办理出生证明")
    assert found(page) == ["新生儿出生一件事"]
    assert "部分符合" not in page
    assert "您要找的是不是" not in page
    publish(site, "出生证明怎么办理")
    assert found(ask(app, "怎么办理出生证明")) == ["出生证明怎么办理"]


def test_what_fits_in_part_is_narrowed_as_everything(site, app):
    publish(site, "春季植树活动启动")
    page = ask(app, "植树 宇宙飞船", kind="article")
    assert found(page) == ["春季植树活动启动"]
    assert "部分符合" in page
    assert found(ask(app, "植树 宇宙飞船", kind="page")) == []


def test_half_a_word_is_no_suggestion(site, app):
    publish(site, "事业单位招聘")
    publish(site, "养老服务补贴")
    assert "您要找的是不是" not in ask(app, "失业金")
    assert "您要找的是不是" in ask(app, "养老服物补贴")


def test_documents_are_narrowed_by_issuer_validity_and_section(site, app):
    official(site, "防汛预案", issuer="市水利局", validity="valid")
    official(site, "防汛办法", issuer="市政府", validity="repealed")
    publish(site, "防汛动态")

    page = ask(app, "防汛")
    assert app.get(ways(page)["发文机关"]["市水利局 1"].replace("?", "/@@search?")).html.select(
        ".results li"
    )
    assert found(ask(app, "防汛", issuer="市水利局")) == ["防汛预案"]
    assert found(ask(app, "防汛", validity="repealed")) == ["防汛办法"]
    assert "已废止 1" in ways(page)["有效性"]
    assert "全部" in ways(ask(app, "防汛", issuer="没有的"))["发文机关"]

    sections = ways(ask(app, "防汛", path="/finance/@@search"))["位置"]
    assert set(sections) == {"通知公告 2", "工作动态 1"}
    assert found(app.get(sections["工作动态 1"])) == ["防汛动态"]


def test_a_way_to_narrow_tells_what_it_leaves_beside_the_others(site, app):
    official(site, "防汛预案", issuer="市水利局", validity="valid", doc_no="临水发〔2024〕12号")
    official(site, "防汛办法", issuer="市政府", validity="repealed", doc_no="临政发〔2024〕3号")
    publish(site, "防汛动态")

    told = ways(ask(app, "防汛", issuer="市水利局"))
    assert set(told["发文机关"]) == {"全部", "市水利局 1", "市政府 1"}
    assert "类型" not in told  # all of them are documents
    told = ways(ask(app, "防汛", number="2024"))
    assert set(told["有效性"]) == {"全部", "现行有效 1", "已废止 1"}
    told = ways(ask(app, "防汛", kind="article", issuer="市政府"))
    assert list(told["类型"]) == ["全部", "公文 1"]
    assert list(told["发文机关"]) == ["全部"]
    for links in told.values():
        for link in links.values():
            assert found(app.get(f"/@@search{link}"))

    official(site, "防汛通知", issuer="市水利局", where="health")
    places = ways(ask(app, "防汛", issuer="市水利局"))["位置"]
    page = app.get(places["市财政局 1"])
    assert found(page) == ["防汛预案"]
    wider = page.html.select_one(".scope a")["href"]
    assert sorted(found(app.get(wider))) == ["防汛通知", "防汛预案"]


def test_documents_are_narrowed_by_their_number_or_a_part_of_it(site, app):
    official(site, "防汛预案", issuer="市水利局", doc_no="临水发〔2024〕12号")
    official(site, "防汛办法", issuer="市政府", doc_no="临政发〔2024〕3号")
    publish(site, "防汛动态")

    asked = ask(app, "防汛", kind="official_document").forms.values()
    form = next(form for form in asked if "number" in form.fields)
    assert form["kind"].value == "official_document"
    form["number"] = "临水发"
    page = form.submit()
    assert found(page) == ["防汛预案"]
    assert "临水发" in page.html.select_one(".chosen").text
    assert found(ask(app, "防汛", number="〔2024〕 第3号")) == ["防汛办法"]
    assert sorted(found(ask(app, "防汛", number="2024"))) == ["防汛办法", "防汛预案"]
    assert found(ask(app, "防汛", number="国发")) == []
    assert len(found(ask(app, "防汛", number="(.*"))) == 3
    assert not any("number" in form.fields for form in ask(app, "防汛动态").forms.values())


def test_a_slip_is_put_right_within_the_question(site, app):
    publish(site, "不动产登记指南")
    publish(site, "Wireless network in the service hall")
    for slip, meant in (
        ("不动产登纪 材料", "不动产登记"),
        ("wirelesss", "wireless"),
        ("wierless", "wireless"),
    ):
        page = ask(app, slip)
        assert "您要找的是不是" in page
        link = page.html.select_one(".notice a").text
        assert meant in link
        assert link.endswith("材料") == slip.endswith("材料")


def test_an_index_in_another_format_is_built_anew(site, app):
    publish(site, "防汛动态")
    ask(app, "防汛")
    index = app.app.registry.search
    (index.folder / "current").write_text("1-1")
    assert found(ask(app, "防汛")) == ["防汛动态"]


@pytest.mark.parametrize("typed", [
    "0571-81234567", "8123 4567", "81234567", "(0571)81234567", "057181234567", "+86 571 8123 4567", "8123456",
])  # fmt: skip
def test_who_types_a_telephone_number_or_part_of_it_finds_whose_it_is(site, app, typed):
    values = {
        "title": "不动产登记中心", "address": "滨江路6号", "hours": "工作日", "phone": "0571-81234567",
        "body": "<p>办理登记。</p>",
    }  # fmt: skip
    office = create(site["finance"]["notices"], "office", values, by=SYSTEM_ACTOR)
    for step in ("submit", "approve", "publish"):
        advance(office, step, by=SYSTEM_ACTOR)
    ways = {
        "联系我们": "0571-8123 4567", "值班安排": "81234567", "收费标准": "0571-81234567",
        "夜间电话": "0571-8123-4567",
    }  # fmt: skip
    for title, told in ways.items():
        publish(site, title, body=f"<p>工作日可以打电话：{told}。</p>")
    publish(site, "别处", body="<p>电话0571-81234599，第8123期，4567份。</p>")
    page = ask(app, typed)
    assert found(page)[0] == "不动产登记中心"
    assert "别处" not in found(page)[:5]
    if len(typed) > 7:
        assert set(found(page)[:5]) == {"不动产登记中心", *ways}
        marked = {mark.text for mark in page.html.select(".results mark")}
        assert {"8123 4567", "81234567"} <= {mark.removeprefix("0571-") for mark in marked}


def test_an_office_and_a_leader_are_found_by_what_their_page_tells(site, app):
    values = {
        "title": "周明远",
        "post": "副市长",
        "duties": "分管教育体育",
        "body": "<p>简历。</p>",
    }
    leader = create(site["finance"]["news"], "leader", values, by=SYSTEM_ACTOR)
    for step in ("submit", "approve", "publish"):
        advance(leader, step, by=SYSTEM_ACTOR)
    transaction.commit()
    for typed in ("分管教育", "副市长", "周明远"):
        assert found(ask(app, typed)) == ["周明远"]
    assert found(ask(app, "副市长 分工")) == ["周明远"]
    values = {
        "title": "市教育局", "address": "滨江路6号", "hours": "工作日8:30至17:30", "phone": "0571-81234567",
        "body": "<p>管理教育。</p>",
    }  # fmt: skip
    office = create(site["finance"]["news"], "office", values, by=SYSTEM_ACTOR)
    for step in ("submit", "approve", "publish"):
        advance(office, step, by=SYSTEM_ACTOR)
    transaction.commit()
    for typed in ("市教育局电话", "教育局在哪里办公 地址", "教育局办公时间"):
        page = ask(app, typed)
        assert found(page) == ["市教育局"]
        assert "部分符合" not in page


def test_beyond_the_end_of_a_list_is_its_last_page_as_beyond_the_end_of_results(site, app):
    app.app.registry.egov = replace(app.app.registry.egov, list_page_size=2)
    address = "/finance/news"
    assert "没有" not in app.get(address, {"page": "7"}, status=302).follow(status=200)
    for number in range(5):
        publish(site, f"防汛通知第{number}号")
    for beyond in ("4", "999999"):
        led = app.get(address, {"page": beyond}, status=302)
        assert led.location.endswith(f"{address}?page=3")
    assert len(led.follow().html.select("main .lines li")) == 1
    turned = app.get(f"/zh-hant{address}", {"page": "9"}, status=302)
    assert turned.location.endswith(f"/zh-hant{address}?page=3")
    for nothing in ("0", "-1", "03", "9" * 7, "三"):
        app.get(address, {"page": nothing}, status=404)
