"""A security key as the second factor, with a real browser and an authenticator of its own."""

import pytest
import transaction

from egov.base import clock
from egov.base.errors import Forbidden, Invalid, NotFound
from egov.base.settings import Settings
from egov.operations.passkeys import (
    Party,
    add_passkey,
    begin_adding,
    begin_confirming,
    confirm_passkey,
    remove_passkey,
)
from egov.security.principals import Passkey
from tests.support.world import PASSWORD, actor

PARTY = Party("localhost", "http://localhost", "临江")


@pytest.fixture
def page(browser):
    context = browser.new_context()
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield page
    context.close()


def sign_in(page, base):
    page.goto(base + "/login")
    page.fill("#id", "editor")
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()


def test_a_key_is_added_signs_in_and_is_removed(page, server, site):
    base = server.replace("127.0.0.1", "localhost")  # a key belongs to a name, never to a number
    sign_in(page, base)
    page.goto(base + "/manage/@@account")
    page.get_by_role("link", name="添加安全密钥").click()
    page.get_by_label("起个名字").fill("我的手机")
    page.get_by_role("button", name="添加").click()
    assert not page.locator("#old").evaluate(
        "field => field.validity.valid"
    )  # the password is asked first
    page.get_by_label("现在的密码").fill(PASSWORD)
    page.get_by_role("button", name="添加").click()
    page.get_by_text("备用码抄下来").wait_for()
    assert page.locator(".codes li").count() == 8

    page.context.clear_cookies()
    sign_in(page, base)
    page.get_by_role("button", name="使用安全密钥").wait_for()
    page.goto(base + "/manage")
    assert "/login" in page.url  # the password alone opens nothing
    sign_in(page, base)
    page.get_by_role("button", name="使用安全密钥").click()
    page.wait_for_url("**/manage")

    page.goto(base + "/manage/@@account")
    page.get_by_text("我的手机").wait_for()
    page.locator("input[id^=k-]").fill(PASSWORD)
    page.get_by_role("button", name="我的手机").click()
    page.wait_for_url("**/login")
    sign_in(page, base)
    page.wait_for_url("**/manage")
    transaction.begin()
    actions = [record.action for record in site.audit.newest()]
    assert {"add_passkey", "remove_passkey"} <= set(actions)


@pytest.fixture
def waiting(site):
    """Somebody with a key, whose password was right."""
    user = site.directory.user("editor")
    user.passkeys = (Passkey(b"key", b"public", 0, "钥匙", clock.now()),)
    _token, session = site.sessions.start(user.id)
    session.waits_for_code = True
    return user, session


@pytest.mark.parametrize(
    "answer", ["", "{}", "[]", '{"id": "a2V5", "rawId": "a2V5"}', "x" * 30_000]
)
def test_an_answer_that_does_not_fit_counts_as_a_failure(site, waiting, answer):
    user, session = waiting
    assert begin_confirming(user, session, PARTY)

    settings = Settings(login_failures=3)
    for _attempt in range(3):
        assert confirm_passkey(site, session, answer, party=PARTY, settings=settings) is None

    with pytest.raises(Invalid, match="登录失败次数过多"):
        confirm_passkey(site, session, answer, party=PARTY, settings=settings)


def test_adding_and_removing_have_their_limits(site, waiting):
    user, session = waiting
    facts = {"party": PARTY, "by": actor(site, "editor")}
    begin_adding(user, session, PARTY)
    with pytest.raises(Invalid, match="没有认出"):
        add_passkey(site, user, session, "{}", "", **facts)
    with pytest.raises(Forbidden):
        add_passkey(site, user, session, "{}", "", party=PARTY, by=actor(site, "author"))
    with pytest.raises(Forbidden):
        remove_passkey(site, user, b"key".hex(), by=actor(site, "author"))
    with pytest.raises(NotFound):
        remove_passkey(site, user, "00", by=actor(site, "editor"))
    user.passkeys = user.passkeys * 10
    with pytest.raises(Invalid, match="10"):
        add_passkey(site, user, session, "{}", "", **facts)
