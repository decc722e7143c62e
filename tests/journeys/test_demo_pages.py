"""Every kind of public page of the demo city: the HTML checker, and a real browser for everybody."""

import gzip
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from webtest import TestApp

VNU = Path(__file__).parents[1] / "vnu/node_modules/vnu-jar/build/dist/vnu.jar"
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
FIRST_VIEW = 150 * 1024
KINDS = {
    "portal": "/", "subsite": "/rsj", "summaries": "/ywdt", "list": "/ywdt/bmdt", "pictures": "/tslj",
    "one page": "/zwgk/gkzn", "sub-sections": "/zwgk", "topic zone": "/ztzl", "topic": "/ztzl/yshj",
    "archived topic": "/ztzl/rkpc", "leaders": "/zwgk/ldzc", "leader": "/zwgk/ldzc/zhou-ming-yuan",
    "offices": "/zwgk/jgsz", "office": "/zwgk/jgsz/shi-zheng-fu-ban-gong-shi",
    "statement": "/wu-zhang-ai-sheng-ming", "site map": "/@@sitemap", "search": "/@@search?q=预算",
    "nothing found": "/@@search?q=xyzxyz", "correction": "/@@correct", "missing": "/no/such/page",
    "English site": "/en", "English item": "/en/news/bridge-over-the-qinglan-river-is-joined",
    "traditional": "/zh-hant", "traditional item": "/zh-hant/ztzl/yshj",
}  # fmt: skip


def pages(app):
    """Each kind with its address; those of items are found in the lists."""
    yield from KINDS.items()
    visitor = TestApp(app)
    for kind, section in (
        ("document", "/zcwj/szf"),
        ("article", "/ywdt"),
        ("picture", "/tslj"),
        ("table", "/sjfb"),
    ):
        yield kind, visitor.get(section).html.select_one(".own a")["href"]
    yield "leaving", visitor.get("/").html.select_one('a[href^="/-/leave/"]')["href"]


def test_no_page_has_an_html_error(demo, tmp_path):
    if shutil.which("java") is None:
        pytest.skip("no java: the HTML checker cannot run")
    if not VNU.exists():
        pytest.skip("no vnu.jar: `make vnu` fetches it")
    for kind, path in pages(demo):
        body = TestApp(demo).get(path, status="*").body
        (tmp_path / f"{kind.replace(' ', '-')}.html").write_bytes(body)
    done = subprocess.run(
        ["java", "-jar", str(VNU), "--format", "json", "--errors-only", *map(str, tmp_path.glob("*.html"))],
        capture_output=True, check=False,
    )  # fmt: skip

    told = json.loads(done.stderr)["messages"]
    assert [(Path(m["url"]).name, m["message"], m.get("extract", "")[:200]) for m in told] == []


DESK, SOME = {"width": 1280, "height": 900}, ("portal", "topic", "document", "leaders", "search")
VIEWERS = {
    "phone": {"viewport": {"width": 320, "height": 640}},
    "elder": {"viewport": {"width": 360, "height": 720}},
    "elder, dark": {"viewport": DESK, "color_scheme": "dark"},
}


@pytest.mark.browser
@pytest.mark.parametrize("viewer", VIEWERS)
def test_every_kind_of_page_can_be_read_by_everybody(demo, demo_server, browser, viewer):
    context = browser.new_context(**VIEWERS[viewer])
    if "elder" in viewer:
        context.add_cookies([{"name": "egov_look", "value": "elder", "url": demo_server}])
    page, heard, faults = context.new_page(), [], []
    page.on(
        "console",
        lambda m: heard.append((page.url, m.text)) if m.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: heard.append((page.url, str(error))))
    for kind, path in pages(demo):
        if viewer != "phone" and kind not in SOME:  # what differs from it is colour and size
            continue
        page.goto(demo_server + path)
        found = Axe().run(page, options=WCAG).response["violations"]
        faults += [(kind, v["id"], v["nodes"][0]["html"][:200]) for v in found]
        if page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        ):
            faults.append((kind, "scrolls sideways", ""))
    context.close()

    assert faults == [], "\n".join(map(str, faults))
    assert [told for told in heard if "404" not in told[1]] == []


# What a reader's own settings change is colour; all else is judged where they are not set.
COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"], "resultTypes": ["violations"]}
SETTINGS = {
    "dark": {"color_scheme": "dark"},
    "dark, more contrast": {"color_scheme": "dark", "contrast": "more"},
}


@pytest.mark.browser
def test_the_colours_of_every_kind_of_page_can_be_read_as_readers_set_them(
    demo, demo_server, browser
):
    context = browser.new_context(viewport=DESK, reduced_motion="reduce")
    context.route("**/*.webp", lambda route: route.abort())  # no picture is judged
    context.add_init_script(Axe().axe_script)
    page, faults = context.new_page(), []
    for kind, path in pages(demo):
        page.goto(demo_server + path, wait_until="domcontentloaded")
        for name, media in SETTINGS.items():
            page.emulate_media(**media)
            found = page.evaluate("options => axe.run(options)", COLOURS)["violations"]
            faults += [(kind, name, v["id"], v["nodes"][0]["html"][:200]) for v in found]
    context.close()

    assert faults == [], "\n".join(map(str, faults))


@pytest.mark.browser
def test_the_first_view_is_small_without_its_pictures(demo, demo_server, browser):
    """What is asked for, as a web server in front compresses it: pages, styles, scripts."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    heavy, asked = [], []
    page.on("response", lambda response: asked.append(response))  # noqa: PLW0108  a method cannot be marked
    for path in ("/", "/ywdt", "/ztzl/yshj", "/zwgk/ldzc"):
        page.goto(demo_server + path)
        seen, asked[:] = list(asked), []
        own = [r for r in seen if r.request.resource_type in ("document", "stylesheet", "script")]
        bodies = [response.body() for response in own]
        size = sum(len(gzip.compress(body)) for body in bodies)
        if size > FIRST_VIEW:
            heavy.append((path, size))
    context.close()

    assert heavy == []


@pytest.mark.browser
def test_a_page_is_used_with_script_off_and_read_with_style_off(demo_server, browser):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 720})
    page = context.new_page()
    page.goto(demo_server + "/")
    page.get_by_role("link", name="长者版").click()
    assert page.locator("html").get_attribute("class") == "elder"
    page.get_by_role("link", name="退出长者版").click()
    page.get_by_label("搜索本站").fill("预算")
    page.get_by_role("button", name="搜索").click()
    page.locator(".results a").first.click()
    page.get_by_role("link", name="大", exact=True).click()
    assert page.locator("html").get_attribute("class") == "larger"
    page.get_by_role("link", name="繁體").click()
    assert page.locator("html").get_attribute("lang") == "zh-Hant"
    context.close()

    context = browser.new_context(viewport={"width": 320, "height": 640})
    context.route("**/*.css*", lambda route: route.abort())
    page = context.new_page()
    page.goto(demo_server + "/ywdt")
    order = ["跳到正文", "临江市人民政府", "要闻动态", "主办单位"]
    told = page.locator("body").inner_text()
    assert sorted(order, key=told.index) == order
    context.close()
