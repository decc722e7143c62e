"""A person reads the exported site, where nobody but the browser can change how it looks."""

import pytest
import transaction

from egov.cli.exporting import export
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.support.serving import serving_files
from tests.support.world import article


@pytest.mark.browser
def test_looks_are_changed_without_a_server_and_no_way_is_shown_that_does_nothing(
    wsgi, site, browser, tmp_path
):
    item = article(site, title="放假通知")
    for step in ("submit", "approve", "publish"):
        advance(item, step, by=SYSTEM_ACTOR)
    transaction.commit()
    export(wsgi.application, tmp_path)
    with serving_files(tmp_path) as base:
        page = browser.new_context(permissions=["clipboard-read", "clipboard-write"]).new_page()
        page.goto(f"{base}/finance/news/{item.__name__}/")
        page.get_by_role("button", name="分享").click()
        page.get_by_role("button", name="网址已复制").wait_for()
        assert page.evaluate("navigator.clipboard.readText()").endswith(f"/{item.__name__}")
        page.get_by_role("link", name="大", exact=True).click()
        assert page.locator("html").get_attribute("class") == "larger"
        page.get_by_role("link", name="长者版").click()
        page.goto(base + "/")
        assert page.locator("html").get_attribute("class") == "elder"
        page.get_by_role("link", name="退出长者版").click()
        page.reload()
        assert not page.locator("html").get_attribute("class")

        page = browser.new_context(java_script_enabled=False).new_page()
        page.goto(f"{base}/finance/news/{item.__name__}/")
        assert page.get_by_text("长者版", exact=True).is_hidden()
        assert page.get_by_text("字号").is_hidden()
        page.get_by_role("link", name="繁體").click()
        assert page.locator("html").get_attribute("lang") == "zh-Hant"
