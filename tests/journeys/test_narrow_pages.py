"""Texts that fit no narrow screen by themselves: how the browser breaks them, and which way they run."""

import pytest
import transaction

from egov.operations.containers import configure
from egov.operations.content import create
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.support.people import Person

pytestmark = pytest.mark.browser
NARROW = {"width": 320, "height": 640}
ARABIC = "مرحبا بكم في مدينة لينجيانغ"
# The lines of a text as they are laid out, and the room that is left on either side of the first.
LINES = """(node) => {
    const lines = new Map(), range = document.createRange();
    const walk = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
    for (let text; (text = walk.nextNode());)
        for (let at = 0; at < text.length; at++) {
            range.setStart(text, at), range.setEnd(text, at + 1);
            const top = Math.round(range.getBoundingClientRect().top);
            lines.set(top, (lines.get(top) ?? "") + text.data[at]);
        }
    return [...lines.values()].map((line) => line.trim());
}"""
SIDES = """(node) => {
    const range = document.createRange(), box = node.getBoundingClientRect();
    range.selectNodeContents(node);
    const text = range.getClientRects()[0];
    return [text.left - box.left, box.right - text.right].map(Math.round);
}"""


def published(site, kind, **values):
    values = {"body": "<p>正文</p>", "source": "市府办"} | values
    item = create(site["finance"]["news"], kind, values, by=SYSTEM_ACTOR)
    for step in ("submit", "approve", "publish"):
        advance(item, step, by=SYSTEM_ACTOR)
    return f"/finance/news/{item.__name__}"


@pytest.fixture
def visitor(browser, server):
    return Person(browser, server, NARROW)


def test_an_index_number_breaks_behind_its_stroke_and_a_contact_between_its_parts(site, visitor):
    configure(
        site,
        {**site.values, "contact": "临江市江南区府前路1号　电话：0000-8000100"},
        by=SYSTEM_ACTOR,
    )
    path = published(
        site, "official_document", title="通知", index_no="11429900MB0A000011/2026-00041",
        doc_no="临政发〔2026〕12号", issuer="市府办", written_on="2026-10-12",
    )  # fmt: skip
    transaction.commit()
    visitor.goes_to(path)
    number = visitor.page.locator(".facts dd").first
    assert number.evaluate(LINES) == ["11429900MB0A000011/", "2026-00041"]
    contact = visitor.page.locator(".marks dd", has_text="府前路")
    assert contact.evaluate(LINES) == ["临江市江南区府前路1号", "电话：0000-8000100"]
    assert visitor.faults() == []


def test_in_the_elder_edition_a_title_stands_beside_its_day(demo_server, browser):
    context = browser.new_context(viewport={"width": 360, "height": 640})
    context.add_cookies([{"name": "egov_look", "value": "elder", "url": demo_server}])
    page = context.new_page()
    page.goto(demo_server + "/")
    for line in page.locator(".lines.dated > li").all():
        day, title = line.locator("time").bounding_box(), line.locator("a").bounding_box()
        assert title["x"] > day["x"] + day["width"]
        assert title["y"] < day["y"] + day["height"]


def test_no_record_number_leaves_its_last_sign_alone(site, browser, server):
    numbers = {"icp": "京ICP备05070218号", "police": "京公网安备11010202000001号"}
    configure(site, {**site.values, **numbers}, by=SYSTEM_ACTOR)
    transaction.commit()
    context = browser.new_context(viewport=NARROW)
    context.add_cookies([{"name": "egov_look", "value": "elder", "url": server}])
    page = context.new_page()
    page.goto(server + "/")
    for width in (320, 344, 360, 390, 412):
        page.set_viewport_size({"width": width, "height": 640})
        for number in page.locator(".marks dd a").all():
            lines = number.evaluate(LINES)
            assert "".join(lines) in numbers.values()
            assert lines[-1] != "号", (width, lines)
            box = number.bounding_box()
            assert box["x"] + box["width"] <= width, (width, lines)


def test_what_is_written_from_the_right_begins_there_and_turns_nothing_beside_it(site, visitor):
    path = published(site, "article", title=ARABIC, body=f"<p>{ARABIC}</p><p>正文：{ARABIC}</p>")
    transaction.commit()
    visitor.goes_to(path)
    for what, is_from_right in (
        ("h1", True),
        (".body p:first-child", True),
        (".body p:last-child", False),
    ):
        left, right = visitor.page.locator(f"main {what}").evaluate(SIDES)
        assert (right == 0) is is_from_right, what
        assert (left == 0) is not is_from_right, what
    visitor.goes_to("/finance/news")
    left, right = visitor.page.locator(".lines a").evaluate(SIDES)
    assert (left > 0, right) == (True, 0)
