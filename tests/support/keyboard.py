"""Somebody at the keyboard, who never touches the mouse."""

FOCUSED = """() => {
    const node = document.activeElement;
    if (node === document.body) return "";
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


def finds(who, words, url):
    """From any page to what has a title, by the search in the head."""
    who.page.keyboard.press("/")
    who.page.keyboard.type(words)
    presses(who, "Enter", "**/@@search?**")
    tabs_to(who, words)
    opens(who, url)


def chooses(who, entry, url):
    """From the page of a text to one of the pages in its menu."""
    tabs_to(who, "更多操作").press("Enter")
    tabs_to(who, entry)
    opens(who, url)
