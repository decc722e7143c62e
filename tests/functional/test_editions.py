"""The same pages larger, for elders, in Traditional Chinese, in English: chosen without script, right in the cache."""

import xml.etree.ElementTree as ET

import pytest
import transaction
from webtest import TestApp

from egov.operations.composing import add_block, drafted, publish_arrangement
from egov.operations.containers import configure
from egov.operations.content import create
from egov.operations.rights import grant, set_inheritance
from egov.operations.tree import rename
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from egov.web.hant import in_traditional
from tests.support.page_kinds import pages
from tests.support.world import actor, article

URL = "/finance/news/notice"


@pytest.fixture
def item(site):
    made = article(site, title="notice")
    made.draft.values["body"] = '<p>后台发布里程碑，请看<a href="/finance">头发</a>。</p>'
    for step, who in (("submit", "author"), ("approve", "reviewer"), ("publish", "publisher")):
        advance(made, step, by=actor(site, who))
    transaction.commit()
    return made


def root(page):
    return page.html.find("html")


def looks(page):
    return root(page).get("class", [])


@pytest.mark.parametrize("look", ["large", "larger", "elder"])
def test_a_reader_chooses_how_pages_look_and_comes_back_to_the_page(app, item, look):
    back = app.get(f"/-/look/{look}", headers={"Referer": f"http://localhost{URL}?a=1"}, status=302)
    assert back.location == f"http://localhost{URL}?a=1"
    assert looks(app.get(URL)) == [look]
    app.get("/-/look/usual", status=302)
    assert looks(app.get(URL)) == []


def test_nobody_gets_another_reader_s_look_from_the_cache(wsgi, item):
    first = TestApp(wsgi)
    for _visit in range(2):
        assert looks(first.get(URL, headers={"Cookie": "a=b; egov_look=elder"})) == ["elder"]
        plain = TestApp(wsgi).get(URL)
        assert looks(plain) == []
        assert plain.headers["Vary"] == "Cookie"


@pytest.mark.parametrize("value", ["evil", "elder large", '"><script>', "eldest", ""])
def test_a_cookie_of_another_word_is_none(wsgi, item, value):
    answer = TestApp(wsgi).get(URL, headers={"Cookie": f"egov_look={value}"})

    assert looks(answer) == []
    assert len(wsgi._pages) == 1


@pytest.mark.parametrize(
    "referer",
    ["", "https://evil.example/", "http://localhost//evil.example/", "//evil.example", "http://["],
)
def test_the_way_back_stays_on_this_site(app, referer):
    back = app.get("/-/look/elder", headers={"Referer": referer}, status=302)

    assert back.location == "http://localhost/"


def test_an_unknown_look_is_missing(app):
    app.get("/-/look/tiny", status=404)


def test_the_elder_edition_of_a_home_page_leaves_out_what_cannot_be_read(site, app):
    rows = [["GDP", "12", "", "", ""]]
    add_block(site, (), "figures", {"rows": rows, "title": "Numbers"}, by=SYSTEM_ACTOR)
    add_block(site, drafted(site, tuple), "text", {"body": "<p>Words</p>"}, by=SYSTEM_ACTOR)
    publish_arrangement(site, by=SYSTEM_ACTOR)
    transaction.commit()
    assert {"Numbers", "Words"} <= set(app.get("/").html.find("main").stripped_strings)

    elders = app.get("/", headers={"Cookie": "egov_look=elder"})
    assert "Numbers" not in elders
    assert "Words" in elders


def test_every_word_of_a_page_is_turned_into_traditional_chinese(app, item):
    page = app.get("/zh-hant" + URL)

    assert root(page)["lang"] == "zh-Hant"
    assert "後臺發佈里程碑" in page
    assert "頭髮" in page
    assert page.html.select_one('meta[name="SiteName"]')["content"] == "市財政局"
    assert page.html.select_one(".body a")["href"] == "/zh-hant/finance"
    assert page.html.select_one('link[href^="/static"]') is not None


def test_every_kind_of_page_in_the_edition_is_the_finished_page_turned(demo):
    visitor = TestApp(demo)
    addresses = [path for _kind, path in pages(visitor) if not path.startswith(("/en", "/zh-hant"))]
    assert len(addresses) >= 30
    for path in (*addresses, "/ywdt?page=0", "/no/such/page", "/no@@such"):
        written, turned = (visitor.get(at, status="*") for at in (path, "/zh-hant" + path))
        assert turned.status == written.status, path
        assert turned.text == in_traditional(written.text), path


def test_both_editions_name_each_other(app, item):
    for url in (URL, "/zh-hant" + URL):
        links = app.get(url).html.select('link[rel="alternate"][hreflang]')
        assert [(one["hreflang"], one["href"]) for one in links] == [
            ("zh-Hans", URL),
            ("zh-Hant", "/zh-hant" + URL),
            ("x-default", URL),
        ]
        assert app.get(url).html.select_one('link[rel="canonical"]')["href"] == url
    switch = app.get("/zh-hant" + URL).html.select_one('.top-ways a[hreflang="zh-Hans"]')
    assert switch["href"] == URL


def languages_of(page):
    links = page.html.select('link[rel="alternate"][hreflang]')
    return {one["hreflang"]: one["href"] for one in links}


MAP, XHTML = "{http://www.sitemaps.org/schemas/sitemap/0.9}", "{http://www.w3.org/1999/xhtml}"


def languages_in_maps(app):
    """For each address in the site maps, what they say of its languages."""
    found = {}
    for url in ET.fromstring(app.get("/sitemap.xml?part=1").body).iter(f"{MAP}url"):
        links = {one.get("hreflang"): one.get("href") for one in url.iter(f"{XHTML}link")}
        found[url.find(f"{MAP}loc").text] = links
    return found


def test_the_site_maps_name_the_same_languages_as_the_pages(site, app, item):
    configure(site, {**site.values, "title": "市", "domain": "w.example"}, by=SYSTEM_ACTOR)
    facts = {"title": "Linjiang", "language": "en"}
    english = create(site, "subsite", facts, by=SYSTEM_ACTOR, name="en")
    create(english, "section", {"title": "N & N", "original": URL}, by=SYSTEM_ACTOR, name="news")
    transaction.commit()

    told = languages_in_maps(app)

    assert {"https://w.example/", f"https://w.example{URL}", "https://w.example/en/news"} <= set(
        told
    )
    for address, links in told.items():
        on_page = languages_of(app.get(address.removeprefix("https://w.example")))
        on_page.pop("x-default", None)
        assert links == on_page, address
    assert told["https://w.example/en/news"]["zh-Hant"] == f"https://w.example/zh-hant{URL}"
    assert told["https://w.example/"]["en"] == "https://w.example/en"


def test_chinese_pages_and_what_tells_them_in_english_name_each_other(site, app, item, sign_in):
    facts = {"title": "Linjiang", "language": "en"}
    english = create(site, "subsite", facts, by=SYSTEM_ACTOR, name="en")
    facts = {"title": "News", "original": "/finance/news"}
    news = create(english, "section", facts, by=SYSTEM_ACTOR, name="news")
    values = {"title": "A milestone", "body": "<p>Out.</p>", "source": "City", "original": URL}
    made = create(news, "article", values, by=SYSTEM_ACTOR, name="milestone")
    transaction.commit()
    assert "en" not in languages_of(app.get(URL))  # a draft is not there yet
    for step in ("submit", "approve", "publish"):
        advance(made, step, by=SYSTEM_ACTOR)
    transaction.commit()

    for chinese, in_english in (
        ("/", "/en"),
        ("/finance/news", "/en/news"),
        (URL, "/en/news/milestone"),
    ):
        told = {
            "zh-Hans": chinese, "zh-Hant": "/zh-hant" + chinese, "en": in_english, "x-default": chinese,
        }  # fmt: skip
        for path in (chinese, "/zh-hant" + chinese, in_english):
            assert languages_of(app.get(path)) == told, path
    rename(item, "other", by=SYSTEM_ACTOR)
    transaction.commit()
    assert languages_of(app.get("/en/news/milestone"))["x-default"] == "/finance/news/other"
    assert "en" in languages_of(app.get("/finance/news/other"))
    configure(english, {**english.values, "language": ""}, by=SYSTEM_ACTOR)
    transaction.commit()
    assert "en" not in languages_of(app.get("/finance/news/other"))  # what tells it is Chinese now
    configure(english, {**english.values, "language": "en"}, by=SYSTEM_ACTOR)
    set_inheritance(english, False, by=SYSTEM_ACTOR)
    transaction.commit()
    assert set(languages_of(app.get("/finance/news/other"))) == {"zh-Hans", "zh-Hant", "x-default"}
    assert set(languages_of(app.get("/"))) == {"zh-Hans", "zh-Hant", "x-default"}
    assert languages_of(app.get("/no/such", status=404)) == {}


def test_only_who_writes_in_another_language_is_asked_what_a_text_translates(site, sign_in):
    english = create(site, "subsite", {"title": "L", "language": "en"}, by=SYSTEM_ACTOR, name="en")
    news = create(english, "section", {"title": "News"}, by=SYSTEM_ACTOR, name="news")
    grant(english, "user:author", "author", by=SYSTEM_ACTOR)
    made = create(news, "article", {"title": "A"}, by=actor(site, "author"))
    article(site, title="b")
    transaction.commit()
    author = sign_in("author")
    chinese = author.get("/manage/finance/news/b/@@edit").forms.values()
    assert not any("original" in form.fields for form in chinese)
    forms = author.get(f"/manage/en/news/{made.__name__}/@@edit").forms.values()
    form = next(form for form in forms if "original" in form.fields)
    form["original"] = "https://elsewhere.example/"
    assert "请填写本站页面的网址" in form.submit("save", status="*")


def test_the_editions_are_kept_apart_in_the_cache(wsgi, app, item):
    for _visit in range(2):
        assert "发布里程碑" in app.get(URL)
        assert "發佈里程碑" in app.get("/zh-hant" + URL)
    assert len(wsgi._pages) == 2


def test_what_is_missing_or_closed_is_missing_in_traditional_chinese_too(site, app, item):
    page = app.get("/zh-hant/finance/nothing", status=404)
    assert "沒有找到這個頁面" in page
    set_inheritance(site["finance"], False, by=SYSTEM_ACTOR)
    transaction.commit()
    app.get("/zh-hant" + URL, status=404)


def test_the_search_understands_traditional_chinese(app, item, wsgi):
    asked = "?q=%E5%90%8E%E5%8F%B0&sort=date"
    switch = app.get(f"/@@search{asked}").html.select_one('.top-ways a[hreflang="zh-Hant"]')
    assert switch["href"] == f"/zh-hant/@@search{asked}"
    switch = app.get(switch["href"]).html.select_one('.top-ways a[hreflang="zh-Hans"]')
    assert switch["href"] == f"/@@search{asked}"
    found = app.get("/zh-hant/@@search", {"q": "後臺發佈"})

    assert found.html.select_one(".results a")["href"] == "/zh-hant" + URL
    assert found.html.select_one("form.ask")["action"] == "/zh-hant/@@search"


def test_a_redirect_stays_within_the_edition(site, app, item):
    rename(item, "other", by=SYSTEM_ACTOR)
    transaction.commit()

    assert app.get("/zh-hant" + URL, status=301).location.endswith("/zh-hant/finance/news/other")


def test_the_word_about_leaving_is_said_in_the_edition(site, app):
    values = {"title": "网店", "url": "https://shop.example/", "source": "局"}
    made = create(site["finance"]["news"], "link", values, by=SYSTEM_ACTOR)
    for step in ("submit", "approve", "publish"):
        advance(made, step, by=SYSTEM_ACTOR)
    transaction.commit()

    away = app.get(f"/zh-hant/finance/news/{made.__name__}", status=302).follow()
    assert "即將離開" in away
    assert away.html.select_one(".leave .button")["href"] == "https://shop.example/"
    back = away.html.select_one(".leave .bar a:not(.button)")["href"]
    assert back == f"/zh-hant/finance/news/{made.__name__}"


def test_styles_and_feeds_are_the_same_in_both_editions(app, item):
    page = app.get("/zh-hant/finance")
    assert (
        page.html.select_one('link[type="application/atom+xml"]')["href"] == "/finance/@@feed.xml"
    )
    assert not page.html.select('link[rel="stylesheet"][href^="/zh-hant"]')


def test_an_english_part_of_the_site_speaks_english_throughout(site, app):
    english = create(
        site, "subsite", {"title": "Linjiang", "language": "en"}, by=SYSTEM_ACTOR, name="en"
    )
    news = create(english, "section", {"title": "News"}, by=SYSTEM_ACTOR, name="news")
    values = {"title": "A bridge", "body": "<p>Open.</p>", "source": "City"}
    made = create(news, "article", values, by=SYSTEM_ACTOR)
    for step in ("submit", "approve", "publish"):
        advance(made, step, by=SYSTEM_ACTOR)
    transaction.commit()

    page = app.get("/en/news/a-bridge")
    assert root(page)["lang"] == "en"
    assert "Source" in page.html.find("main").text
    assert page.html.select('link[hreflang="zh-Hant"]') == []
    for path, window in (
        ("/en/@@search", "Search - Linjiang"),
        ("/en/news/@@subscribe", "News by mail - News"),
        ("/en/x", "This page was not found - Linjiang"),
    ):
        assert app.get(path, status="*").html.title.text == window
    assert app.get("/finance/x", status=404).html.title.text == "没有找到这个页面 - 市财政局"
    assert app.get("/").html.select_one('.top-ways a[hreflang="en"]')["href"] == "/en"
    assert app.get("/zh-hant/en/news?a=1", status=302).location.endswith("/en/news?a=1")
    assert "跳到正文" not in page
    configure(english, {**english.values, "language": ""}, by=SYSTEM_ACTOR)
    transaction.commit()
    assert root(app.get("/en/news/a-bridge"))["lang"] == "zh-Hans"
