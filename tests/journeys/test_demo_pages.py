"""Every kind of public page of the demo city: the HTML checker, and a real browser for everybody."""

import gzip

import pytest
from axe_playwright_python.sync_playwright import Axe
from webtest import TestApp

from tests.support import page_kinds
from tests.support.html_checker import html_errors
from tests.support.keyboard import opens, presses, tabs_to
from tests.support.people import PHONE, Person

WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
FIRST_VIEW = 150 * 1024


def pages(app):
    """Each kind with its address."""
    return page_kinds.pages(TestApp(app))


def test_no_page_has_an_html_error(demo, tmp_path):
    bodies = {kind: TestApp(demo).get(path).body for kind, path in pages(demo)}
    assert html_errors(bodies, tmp_path / "html") == []


DESK, SOME = {"width": 1280, "height": 900}, ("portal", "topic", "document", "leaders", "search")
VIEWERS = {
    "phone": {"viewport": {"width": 320, "height": 640}},
    "elder": {"viewport": {"width": 360, "height": 720}},
    "elder, dark": {"viewport": DESK, "color_scheme": "dark"},
}


PARTS = 3  # each of which a busy machine is through with in time


@pytest.mark.browser
@pytest.mark.parametrize(
    ("viewer", "part"), [*(("phone", n) for n in range(PARTS)), ("elder", 0), ("elder, dark", 0)]
)
def test_every_kind_of_page_can_be_read_by_everybody(demo, demo_server, browser, viewer, part):
    context = browser.new_context(**VIEWERS[viewer])
    if "elder" in viewer:
        context.add_cookies([{"name": "egov_look", "value": "elder", "url": demo_server}])
    page, heard, faults = context.new_page(), [], []
    page.on(
        "console",
        lambda m: heard.append((page.url, m.text)) if m.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: heard.append((page.url, str(error))))
    kinds = list(pages(demo))
    # What differs from a phone is colour and size.
    seen = kinds[part::PARTS] if viewer == "phone" else [one for one in kinds if one[0] in SOME]
    for kind, path in seen:
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
    "dark": {"color_scheme": "dark", "contrast": "no-preference", "forced_colors": "none"},
    "dark, more contrast": {"color_scheme": "dark", "contrast": "more", "forced_colors": "none"},
    "forced": {"color_scheme": "light", "contrast": "no-preference", "forced_colors": "active"},
}


@pytest.mark.browser
@pytest.mark.parametrize(
    "part", [0, *(pytest.param(n, marks=pytest.mark.whole) for n in range(1, PARTS))]
)
def test_the_colours_of_every_kind_of_page_can_be_read_as_readers_set_them(
    demo, demo_server, browser, part
):
    context = browser.new_context(viewport=DESK, reduced_motion="reduce")
    context.route("**/*.webp", lambda route: route.abort())  # no picture is judged
    context.add_init_script(Axe().axe_script)
    page, faults = context.new_page(), []
    for kind, path in list(pages(demo))[part::PARTS]:
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


# What a page without styles and without script offers, and does not.
BARE = """() => {
    const seen = (one) => one.checkVisibility();
    const dead = [...document.querySelectorAll('button')].filter(
        (one) => seen(one) && (one.type !== 'submit' || !one.form?.method));
    const heading = document.querySelector('main h1');
    const way = document.querySelector('a[href]');
    const loose = [...document.querySelectorAll('img')].filter((one) => !one.width || !one.height);
    return {
        dead: dead.map((one) => one.outerHTML), loose: loose.map((one) => one.outerHTML),
        heading: Boolean(heading && seen(heading)), first: way.getAttribute('href'),
    };
}"""


@pytest.mark.browser
def test_every_kind_of_page_is_whole_with_script_and_style_off(demo, demo_server, browser):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640})
    context.route("**/*.css*", lambda route: route.abort())
    page, wrong = context.new_page(), []
    for kind, path in pages(demo):
        page.goto(demo_server + path, wait_until="domcontentloaded")
        told = page.evaluate(BARE)
        if told != {"dead": [], "loose": [], "heading": True, "first": "#main"}:
            wrong.append((kind, told))
    context.close()

    assert wrong == [], "\n".join(map(str, wrong))


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


@pytest.mark.browser
def test_results_are_narrowed_by_a_number_and_widened_again_by_keyboard_alone(demo_server, browser):
    visitor = Person(browser, demo_server, PHONE)
    visitor.goes_to("/")
    tabs_to(visitor, "搜索本站").type("管理")
    presses(visitor, "Enter", "**/@@search?**")
    every = visitor.page.locator(".found strong").inner_text()
    tabs_to(visitor, "筛选").press("Enter")
    tabs_to(visitor, "文号或索引号", most=1).type("临财发")
    presses(visitor, "Enter", "**number=**")
    told = visitor.page.locator(".results .about").all_inner_texts()
    assert told
    assert all("临财发" in one for one in told)
    tabs_to(visitor, "取消筛选")
    opens(visitor, "**/@@search?q=**")
    assert visitor.page.locator(".found strong").inner_text() == every
    assert visitor.complaints == []
