"""Somebody at a browser of their own."""

from axe_playwright_python.sync_playwright import Axe

from tests.support.world import PASSWORD

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 720}
WCAG = {
    "resultTypes": ["violations"],  # what is in order need not be described
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {
        "region": {"enabled": False}
    },  # the rich-text editor hangs its menus at the end of the body
}


class Person:
    """Somebody at a browser of their own; everything the browser complains about is kept."""

    def __init__(self, browser, server, size=DESKTOP):
        self.server = server
        self.complaints = []
        context = browser.new_context(viewport=size, accept_downloads=True)
        self.page = context.new_page()
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _heard(self, message):
        if message.type in ("error", "warning"):
            self.complaints.append(f"{self.page.url}: {message.text}")

    def goes_to(self, path):
        self.page.goto(self.server + path)

    def signs_in(self, user_id):
        self.goes_to("/login")
        self.page.get_by_label("用户名").focus()
        self.page.keyboard.type(user_id)
        self.page.keyboard.press("Tab")
        self.page.keyboard.type(PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url("**/manage")
        return self

    def clicks(self, name):
        self.page.get_by_role("button", name=name, exact=True).click()

    def sees(self, text):
        """Wait for words of the page itself; its navigation says many of them everywhere."""
        self.page.locator("main").get_by_text(text).first.wait_for()

    def faults(self):
        """What axe finds on the page, and whether it must be scrolled sideways."""
        if self.page.evaluate("typeof axe === 'undefined'"):
            self.page.evaluate(Axe().axe_script)
        found = self.page.evaluate("rules => axe.run(rules).then(r => r.violations)", WCAG)
        told = [(self.page.url, v["id"], v["nodes"][0]["html"][:200]) for v in found]
        wide = self.page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
        return told + ([(self.page.url, "scrolls sideways", "")] if wide else [])
