"""The editor's and the reviewer's work by keyboard alone: no mouse, no address typed after signing in."""

import pytest
import transaction

from egov.operations.workflow import advance
from tests.support.keyboard import FOCUSED, opens, presses, tabs_to
from tests.support.world import actor, article

pytestmark = pytest.mark.browser


def writes(author):
    """From the desk to what waits for a review; returns where the text is read."""
    tabs_to(author, "文章：工作动态")
    opens(author, "**/@@add?type=article")
    body = author.page.frame_locator(".edit-form iframe").locator("body[contenteditable=true]")
    body.wait_for()
    tabs_to(author, "标题").type("Dyke works")
    author.page.wait_for_url("**/dyke-works/@@edit")  # kept by itself
    while author.page.evaluate("document.activeElement.tagName") != "IFRAME":
        author.page.keyboard.press("Tab")
    author.page.keyboard.type("The dyke is mended.")
    author.page.keyboard.press("Alt+F10")  # the editor's tools, and back
    author.page.keyboard.press("Escape")
    presses(author, "Control+s", "**/dyke-works")
    presses(author, "e", "**/dyke-works/@@edit")
    body.wait_for()
    tabs_to(author, "来源").type("Water office")
    presses(author, "Control+Enter", "**/dyke-works")
    return body


def mends(author, body, words):
    """From the text's page back to the review."""
    presses(author, "e", "**/@@edit")
    body.wait_for()
    tabs_to(author, "摘要").press("End")
    author.page.keyboard.type(words)
    presses(author, "Control+Enter", "**/dyke-works")


def test_from_the_first_word_to_the_second_edition(person):
    author, reviewer, publisher = person("author"), person("reviewer"), person("publisher")
    body = writes(author)
    presses(reviewer, "g", "**/@@inbox")
    reviewer.page.keyboard.press("j")
    opens(reviewer, "**/dyke-works")
    tabs_to(reviewer, "意见或原因").type("Since when?")
    tabs_to(reviewer, "退回修改")
    reviewer.page.keyboard.press("Enter")
    reviewer.sees("已退回")

    author.goes_to("/manage")
    author.page.keyboard.press("j")
    opens(author, "**/dyke-works")
    mends(author, body, "Since Monday.")

    presses(reviewer, "g", "**/@@inbox")
    reviewer.page.keyboard.press("j")
    reviewer.page.keyboard.press("x")
    tabs_to(reviewer, "审核通过")
    reviewer.page.keyboard.press("Enter")
    reviewer.sees("已完成 1 项")

    publisher.page.reload()
    presses(publisher, "g", "**/@@inbox")
    publisher.page.keyboard.press("j")
    opens(publisher, "**/dyke-works")
    publisher.page.keyboard.press("Control+Enter")
    publisher.sees("已发布")

    author.page.reload()
    mends(author, body, " Until Friday.")

    presses(reviewer, "g", "**/@@inbox")
    reviewer.page.keyboard.press("j")
    opens(reviewer, "**/dyke-works")
    presses(reviewer, "c", "**/@@compare?**")
    reviewer.sees("Until Friday.")
    presses(reviewer, "Control+Enter", "**/dyke-works")
    reviewer.sees("待发布")


def test_the_keys_are_told_and_the_filter_is_reached(person):
    reviewer = person("reviewer")
    presses(reviewer, "g", "**/@@inbox")
    reviewer.page.keyboard.press("?")
    dialog = reviewer.page.get_by_role("dialog", name="键盘操作")
    dialog.wait_for()
    assert reviewer.faults() == []
    reviewer.page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    reviewer.page.keyboard.press("/")
    reviewer.page.keyboard.type("author?ge")  # in a field the keys are letters
    assert reviewer.page.get_by_label("作者").input_value() == "author?ge"
    tabs_to(reviewer, "筛选")
    opens(reviewer, "**who=author**")


def test_what_is_said_given_dated_gathered_and_taken_back_by_keyboard_alone(person, site):
    two = [article(site, title=title) for title in ("One", "Two")]
    for item in two:
        advance(item, "submit", by=actor(site, "author"))
    transaction.commit()
    reviewer = person("reviewer")
    keys = reviewer.page.keyboard
    presses(reviewer, "g", "**/@@inbox")
    keys.press("j")
    opens(reviewer, "**/one")
    says(reviewer)
    gives_to_another(reviewer)
    presses(reviewer, "n", "**/two")  # leaves it, and goes on
    presses(reviewer, "Control+Enter", "**/two?next=**")
    presses(reviewer, "n", "**/one")
    tabs_to(reviewer, "回复或处理").press("Enter")
    tabs_to(reviewer, "标为已处理")
    presses(reviewer, "Enter", "**/one")
    reviewer.sees("批注已处理")
    presses(reviewer, "Control+Enter", "**/one**")

    publisher = person("publisher")
    tabs_to(publisher, "发布批次")
    opens(publisher, "**/@@releases")
    tabs_to(publisher, "批次名称").type("Both")
    presses(publisher, "Enter", "**/@@release?key=**")
    for title in ("One", "Two"):
        tabs_to(publisher, title).press("Space")
    tabs_to(publisher, "加入勾选的稿件")
    presses(publisher, "Enter", "**/@@release?key=**")
    tabs_to(publisher, "全部发布")
    presses(publisher, "Enter", "**/@@release?key=**")
    publisher.sees("已整体发布")
    tabs_to(publisher, "One")
    opens(publisher, "**/one")
    takes_down_and_back(publisher)


def says(who):
    """A remark on a passage, from the text's own page to it."""
    tabs_to(who, "批注此项", most=120).press("Enter")
    tabs_to(who, "批注").type("Which day?")
    tabs_to(who, "写下批注")
    presses(who, "Enter", "**/one")
    who.sees("已写下批注")


def gives_to_another(who):
    """The menu opens and closes by keys and the focus stays with it; from it the item is given to somebody."""
    keys = tabs_to(who, "更多操作")
    keys.press("Enter")
    keys.press("Tab")
    keys.press("Escape")
    assert who.page.locator("details.menu[open]").count() == 0
    assert who.page.evaluate(FOCUSED) == "更多操作"
    keys.press("Enter")
    tabs_to(who, "交办…")
    opens(who, "**/@@assign")
    tabs_to(who, "交给").press("End")
    tabs_to(who, "说明").type("Please")
    tabs_to(who, "交办")
    presses(who, "Enter", "**/one")


def takes_down_and_back(who):
    """Taken down with a reason; the history takes that back after a look at what comes back."""
    tabs_to(who, "意见或原因").type("Over")
    tabs_to(who, "下线")
    presses(who, "Enter", "**/one")
    tabs_to(who, "更多操作").press("Enter")
    tabs_to(who, "历史")
    opens(who, "**/@@history")
    tabs_to(who, "撤销…")
    opens(who, "**/@@undo?**")
    tabs_to(who, "撤销这一步")
    presses(who, "Enter", "**/@@history")
    who.sees("已撤销")
