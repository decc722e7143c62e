"""Feeds, site maps, robots.txt, and what the head of a page tells."""

import io
import json
from datetime import timedelta
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree as ET

import transaction
from PIL import Image

from egov.base import clock
from egov.base.ids import UID_BITS
from egov.model.container import Container
from egov.model.files import StoredFile
from egov.operations.containers import configure
from egov.operations.content import create, edit
from egov.operations.rights import grant, set_inheritance
from egov.operations.workflow import advance
from egov.public.map_parts import _Parts, newest_parts, visible_in
from egov.security.principals import SYSTEM_ACTOR
from tests.support.world import article

ATOM, MAP = "{http://www.w3.org/2005/Atom}", "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def publish(site, title, where="news"):
    item = article(site, title=title, where=where)
    for step in ("submit", "approve", "publish"):
        advance(item, step, by=SYSTEM_ACTOR)
    transaction.commit()
    return item


def test_a_feed_tells_the_newest_and_nothing_hidden(site, app):
    publish(site, "通知<一>&二")
    publish(site, "内部", where="notices")
    set_inheritance(site["finance"]["notices"], False, by=SYSTEM_ACTOR)
    transaction.commit()
    for path in ("/@@feed.xml", "/finance/@@feed.xml", "/finance/news/@@feed.xml"):
        answer = app.get(path)
        assert answer.content_type == "application/atom+xml"
        entries = ET.fromstring(answer.body).findall(f"{ATOM}entry")
        assert [e.find(f"{ATOM}title").text for e in entries] == ["通知<一>&二"]
    app.get("/finance/notices/@@feed.xml", status=404)
    page = app.get("/finance/news")
    assert page.html.find("link", type="application/atom+xml")["href"] == "/finance/news/@@feed.xml"


def test_rss_tells_the_same(site, app):
    item = publish(site, "通知<一>&二")
    answer = app.get("/finance/news/@@rss.xml")
    assert answer.content_type == "application/rss+xml"
    (told,) = ET.fromstring(answer.body).iter("item")
    assert told.find("title").text == "通知<一>&二"
    assert told.find("link").text.endswith(f"/finance/news/{item.__name__}")
    assert parsedate_to_datetime(told.find("pubDate").text) == item.published_at.replace(
        microsecond=0
    )


def test_a_feed_says_in_which_language_it_is(site, app):
    finance = site["finance"]
    lang = "{http://www.w3.org/XML/1998/namespace}lang"
    for written, said, in_rss in (("", "zh-Hans", "zh-cn"), ("en", "en", "en")):
        configure(finance, {**finance.values, "language": written}, by=SYSTEM_ACTOR)
        transaction.commit()
        assert ET.fromstring(app.get("/finance/@@feed.xml").body).get(lang) == said
        rss = ET.fromstring(app.get("/finance/news/@@rss.xml").body)
        assert rss.find("channel/language").text == in_rss
    assert ET.fromstring(app.get("/@@feed.xml").body).get(lang) == "zh-Hans"


def test_a_question_has_feeds_of_what_answers_it(site, app):
    for title in ("招聘教师", "招聘医生", "放假安排"):
        publish(site, title)
    publish(site, "招聘内部", where="notices")
    set_inheritance(site["finance"]["notices"], False, by=SYSTEM_ACTOR)
    transaction.commit()
    page = app.get("/finance/@@search", {"q": "招聘", "kind": "article"})
    atom = page.click("Atom")
    entries = ET.fromstring(atom.body).findall(f"{ATOM}entry")
    assert [e.find(f"{ATOM}title").text for e in entries] == ["招聘医生", "招聘教师"]
    rss = page.click("RSS")
    assert [i.find("title").text for i in ET.fromstring(rss.body).iter("item")] == [
        "招聘医生",
        "招聘教师",
    ]
    assert (
        len(
            ET.fromstring(app.get("/health/@@search-rss.xml", {"q": "招聘"}).body).findall(
                ".//item"
            )
        )
        == 0
    )
    app.get("/@@search-feed.xml", status=404)
    app.get("/@@search-feed.xml?kind=article", status=404)
    assert ET.fromstring(app.get("/@@search-feed.xml?q=%01%26").body) is not None


def test_the_site_map_has_all_that_a_visitor_may_see(site, app, monkeypatch):
    first, hidden = publish(site, "第一"), publish(site, "内部", where="notices")
    set_inheritance(site["finance"]["notices"], False, by=SYSTEM_ACTOR)
    configure(
        site, {**site.values, "title": site.title, "domain": "www.example.gov.cn"}, by=SYSTEM_ACTOR
    )
    transaction.commit()
    index = ET.fromstring(app.get("/sitemap.xml").body)
    assert [loc.text for loc in index.iter(f"{MAP}loc")] == [
        "https://www.example.gov.cn/sitemap.xml?part=1"
    ]
    assert [e.text for e in index.iter(f"{MAP}lastmod")] == [clock.day(clock.now())]
    whole = ET.fromstring(app.get("/sitemap.xml?part=1").body)
    locs = {e.text for e in whole.iter(f"{MAP}loc")}
    assert f"https://www.example.gov.cn/finance/news/{first.__name__}" in locs
    assert "https://www.example.gov.cn/finance" in locs
    assert not any("finance/notices" in loc for loc in locs)
    assert hidden.live_state == "published"
    halves = [app.get(f"/sitemap.xml?part={n}").text for n in (2, 3)]
    assert sum(half.count("<url>") for half in halves) == len(list(whole))
    for part in ("0", "x", "-1", "99999999999"):
        app.get(f"/sitemap.xml?part={part}", status=404)
    assert "Sitemap: https://www.example.gov.cn/sitemap.xml" in app.get("/robots.txt")


def test_large_sites_have_maps_of_their_parts_each_with_its_last_change(site, app, monkeypatch):
    monkeypatch.setattr("egov.public.map_parts.IN_MAP", 3)
    facts = {**site.values, "title": site.title, "domain": "www.example.gov.cn"}
    configure(site, facts, by=SYSTEM_ACTOR)
    long_ago = clock.now() - timedelta(days=40)
    for node in (site, site["finance"], *site["finance"].containers()):
        node.modified = long_ago
    with clock.frozen(long_ago):
        for number in range(17):
            publish(site, f"第{number}")
        set_inheritance(site["health"], False, by=SYSTEM_ACTOR)
    transaction.commit()

    def maps():
        index = ET.fromstring(app.get("/sitemap.xml").body)
        told = [loc.text.split("example.gov.cn")[1] for loc in index.iter(f"{MAP}loc")]
        days = [day.text for day in index.iter(f"{MAP}lastmod")]
        return dict(zip(told, days, strict=True))

    parts = {url: ET.fromstring(app.get(url).body) for url in maps()}
    assert 4 < len(parts) <= 8
    locs = [loc.text for part in parts.values() for loc in part.iter(f"{MAP}loc")]
    assert len(locs) == len(set(locs))
    assert sum("/finance/news/" in loc for loc in locs) == 17
    assert {"https://www.example.gov.cn/", "https://www.example.gov.cn/finance"} <= set(locs)
    assert not any("/health" in loc for loc in locs)
    assert set(maps().values()) == {clock.day(long_ago)}

    item = site["finance"]["news"]["di-0"]
    edit(item, {**item.work.values, "body": "<p>改</p>"}, by=SYSTEM_ACTOR)
    for step in ("submit", "approve", "publish"):
        advance(item, step, by=SYSTEM_ACTOR)
    transaction.commit()
    (changed,) = (url for url, day in maps().items() if day == clock.day(clock.now()))
    assert "/finance/news/di-0<" in app.get(changed).text
    assert "<lastmod>" + clock.day(clock.now()) in app.get(changed).text


def test_the_parts_of_a_large_site_are_remembered_and_follow_what_changes(site, monkeypatch):
    monkeypatch.setattr("egov.public.map_parts.IN_MAP", 3)
    monkeypatch.setattr("egov.public.map_parts.LARGE", 10)
    long_ago, section = clock.now() - timedelta(days=40), site["finance"]["news"]
    for uid in site.catalog.nodes:
        site.catalog.nodes[uid].modified = long_ago
    with clock.frozen(long_ago):
        items = [publish(site, f"第{number}") for number in range(30)]
    transaction.commit()

    def changed_today():
        parts = dict(newest_parts(site))
        halvings = min(parts).bit_length() - 1
        assert len(parts) > 4
        return {
            node.uid
            for node in items
            if clock.day(parts[(1 << halvings) + (node.uid >> (UID_BITS - halvings))])
            == clock.day(clock.now())
        }

    assert changed_today() == set()
    before = count_of_looks(monkeypatch)
    edit(items[0], {**items[0].work.values, "body": "<p>改</p>"}, by=SYSTEM_ACTOR)
    for step in ("submit", "approve", "publish"):
        advance(items[0], step, by=SYSTEM_ACTOR)
    transaction.commit()
    assert items[0].uid in changed_today()
    assert before == []

    set_inheritance(section, False, by=SYSTEM_ACTOR)
    transaction.commit()
    newest_parts(site)
    assert before == ["all"]
    with clock.frozen(clock.now() + timedelta(days=2)):
        newest_parts(site)
    assert before == ["all", "all"]


def count_of_looks(monkeypatch):
    """A list that has an entry for each time that the parts are looked for anew from now on."""
    looks, look = [], _Parts.__init__
    monkeypatch.setattr(_Parts, "__init__", lambda *args: looks.append("all") or look(*args))
    return looks


def test_a_large_map_is_made_in_little_memory(site, monkeypatch):
    monkeypatch.setattr("egov.base.memory._SPARED_EVERY", 10)
    for number in range(250):
        publish(site, f"第{number}")
    jar = site._p_jar
    jar.cacheMinimize()
    jar._cache.cache_size = 40
    peak = 0
    found = 0
    for node in visible_in(site, 1):
        found += not isinstance(node, Container)
        peak = max(peak, jar._cache.ringlen())
    assert found == 250
    assert peak < 100


def test_without_a_domain_no_visitor_gets_the_host_of_another(app):
    assert "http://one.example/sitemap.xml" in app.get(
        "/robots.txt", headers={"Host": "one.example"}
    )
    assert "http://two.example/sitemap.xml" in app.get(
        "/robots.txt", headers={"Host": "two.example"}
    )


def test_the_head_tells_machines_what_a_page_is(site, app):
    item = publish(site, "通知</script><b>")
    page = app.get(f"/finance/news/{item.__name__}")
    assert page.html.find("meta", property="og:title")["content"] == "通知</script><b>"
    facts = [json.loads(s.text) for s in page.html.find_all("script", type="application/ld+json")]
    assert [f["@type"] for f in facts] == ["Article", "BreadcrumbList"]
    assert facts[0]["headline"] == "通知</script><b>"
    assert facts[0]["author"]["name"] == "市财政局"
    assert [step["name"] for step in facts[1]["itemListElement"]] == [
        "临江市人民政府",
        "市财政局",
        "工作动态",
    ]
    assert "</script><b>" not in page.text


def told_by(page):
    return {
        f["@type"]: f
        for s in page.html.find_all("script", type="application/ld+json")
        for f in [json.loads(s.text)]
    }


def test_sites_and_sections_tell_who_they_are_and_where(site, app):
    home = told_by(app.get("/finance"))
    office = home["GovernmentOrganization"]
    assert (office["name"], office["parentOrganization"]["name"]) == ("市财政局", "临江市人民政府")
    assert (
        home["WebSite"]["potentialAction"]["target"]["urlTemplate"] == "/finance/@@search?q={words}"
    )
    assert told_by(app.get("/"))["GovernmentOrganization"]["identifier"] == "4299000001"
    section = told_by(app.get("/finance/news"))
    assert section.keys() == {"BreadcrumbList"}
    steps = section["BreadcrumbList"]["itemListElement"]
    assert [s["name"] for s in steps] == ["临江市人民政府", "市财政局", "工作动态"]
    assert told_by(app.get("/@@sitemap")) == {}


def test_the_way_to_an_open_section_of_a_closed_site_names_no_closed_place(site, app):
    publish(site, "公开的")
    set_inheritance(site["finance"], False, by=SYSTEM_ACTOR)
    grant(site["finance"]["news"], "Everyone", "reader", by=SYSTEM_ACTOR)
    transaction.commit()
    page = app.get("/finance/news")
    steps = told_by(page)["BreadcrumbList"]["itemListElement"]
    assert [s["name"] for s in steps] == ["临江市人民政府", "工作动态"]


def without_context(facts):
    return {name: fact for name, fact in facts.items() if name != "@context"}


def png():
    out = io.BytesIO()
    Image.new("RGB", (400, 500)).save(out, "PNG")
    return out.getvalue()


def linked(facts):
    """Every address in some facts, however deep."""
    for name, fact in facts.items():
        if isinstance(fact, dict):
            yield from linked(fact)
        elif isinstance(fact, list):
            for one in fact:
                yield from linked(one)
        elif name in ("url", "image", "item", "logo", "urlTemplate"):
            yield fact


NEEDED = {
    "Person": {"name", "jobTitle", "url", "worksFor"},
    "GovernmentOrganization": {"name", "url", "address", "telephone", "parentOrganization"},
}


def test_people_and_offices_are_told_as_what_they_are_with_whole_addresses(site, app):
    base = "https://www.example.gov.cn"
    facts = {**site.values, "title": site.title, "domain": "www.example.gov.cn"}
    configure(site, facts, by=SYSTEM_ACTOR)
    picture = StoredFile(png(), "a.png", "image/png")
    people = {"title": "领导", "layout": "leaders"}
    offices = {"title": "机构", "layout": "offices"}
    for name, values in (("people", people), ("offices", offices)):
        create(site["finance"], "section", values, by=SYSTEM_ACTOR, name=name)
    leader = {
        "title": "周明远",
        "post": "局长",
        "duties": "主持全面工作",
        "body": "<p>简历</p>",
        "image": picture,
    }
    unit = {"title": "预算处", "address": "府前路1号", "hours": "9:00-17:00", "phone": "0000-1", "body": "<p>职责</p>",
            "head": "李处", "email": "ys@example.gov.cn"}  # fmt: skip
    made = [
        create(site["finance"][where], kind, values, by=SYSTEM_ACTOR)
        for where, kind, values in (("people", "leader", leader), ("offices", "office", unit))
    ]
    for item in made:
        for step in ("submit", "approve", "publish"):
            advance(item, step, by=SYSTEM_ACTOR)
    transaction.commit()

    for section, item, kind in zip(("people", "offices"), made, NEEDED, strict=True):
        page = app.get(f"/finance/{section}/{item.__name__}")
        own = told_by(page)[kind]
        (entry,) = told_by(app.get(f"/finance/{section}"))["ItemList"]["itemListElement"]
        assert NEEDED[kind] <= set(own)
        assert entry == {"@type": "ListItem", "position": 1, "item": without_context(own)}
        assert "Article" not in told_by(page)
        for told in (*told_by(page).values(), *told_by(app.get(f"/finance/{section}")).values()):
            assert all(address.startswith(base + "/") for address in linked(told))
    person = told_by(app.get(f"/finance/people/{made[0].__name__}"))["Person"]
    assert (person["name"], person["jobTitle"], person["worksFor"]["name"]) == (
        "周明远",
        "局长",
        "市财政局",
    )
    assert app.get(person["image"].removeprefix(base)).content_type == "image/png"
    office = told_by(app.get(f"/finance/offices/{made[1].__name__}"))["GovernmentOrganization"]
    assert office["address"] == {"@type": "PostalAddress", "streetAddress": "府前路1号"}
    assert office["employee"]["name"] == "李处"
