"""The editor's and the reviewer's work by keyboard alone: no mouse, no address typed after signing in."""

import pytest

pytestmark = pytest.mark.browser

FOCUSED = """() => {
    const node = document.activeElement;
    const label = node.labels?.[0]?.textContent ?? "";
    return (node.getAttribute("aria-label") || label || node.textContent || node.title || "").trim();
}"""


def tabs_to(who, name, most=80):
    """Press Tab until what is called so has the focus."""
    for _press in range(most):
        who.page.keyboard.press("Tab")
        if name in who.page.evaluate(FOCUSED):
            return who.page.keyboard
    raise AssertionError(f"{name} is not reached by Tab on {who.page.url}")


def opens(who, url):
    """Press Enter on what has the focus."""
    presses(who, "Enter", url)


def presses(who, key, url):
    with who.page.expect_navigation(url=url):
        who.page.keyboard.press(key)


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
