"""Arranging a home page in the browser: by dragging, by keyboard, with the preview beside it."""

import pytest
import transaction
from playwright.sync_api import expect

from egov.operations.rights import grant
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.support.world import actor, article

pytestmark = pytest.mark.browser


@pytest.fixture
def editor(person, site):
    item = article(site, title="The news")
    for step, who in (("submit", "author"), ("approve", "reviewer"), ("publish", "publisher")):
        advance(item, step, by=actor(site, who))
    transaction.commit()
    one = person("editor", {"width": 1440, "height": 1000})
    one.goes_to("/manage/finance/@@blocks")
    return one


def order(editor):
    return editor.page.locator("[data-blocks] > li").evaluate_all(
        "all => all.map(li => li.dataset.key)"
    )


def test_a_block_is_dragged_to_its_place_and_the_preview_follows(editor):
    page = editor.page
    assert order(editor) == ["1", "2", "3", "4"]
    page.locator("#k4 .board-title").drag_to(page.locator("#k1"), target_position={"x": 40, "y": 8})
    page.get_by_text("有未发布的编排").wait_for()
    assert order(editor) == ["4", "1", "2", "3"]
    page.frame_locator(".live-blocks iframe").get_by_role("link", name="The news").first.wait_for()


def test_a_block_is_moved_and_widened_by_the_keyboard_alone(editor):
    page = editor.page
    page.locator("#k1 button[value=down]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**#k1")
    page.get_by_text("有未发布的编排").wait_for()
    assert order(editor) == ["2", "1", "3", "4"]
    page.locator("#k1 select").focus()
    page.keyboard.press("ArrowUp")
    page.locator("#k1:not(.w-third)").wait_for()
    assert order(editor) == ["2", "1", "3", "4"]
    assert editor.faults() == []


def test_who_publishes_after_moving_a_block_sees_that_it_was_done(person, site):
    grant(site["finance"], "user:manager", "manager", by=SYSTEM_ACTOR)
    transaction.commit()
    manager = person("manager", {"width": 360, "height": 640})
    manager.goes_to("/manage/finance/@@blocks")
    page = manager.page
    page.locator("#k1 button[value=down]").click()
    page.wait_for_url("**#k1")
    page.get_by_role("button", name="发布编排").click()
    page.wait_for_url("**/@@blocks#main")
    expect(page.get_by_text("新的编排已发布")).to_be_in_viewport()
