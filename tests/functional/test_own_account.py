"""One's own password, second factor and sessions; reset links; forced changes."""

from datetime import timedelta

import pyotp
import pytest
import transaction

from egov.base import clock
from egov.base.errors import Conflict, Forbidden, Invalid
from egov.base.settings import Settings
from egov.operations.accounts import set_password
from egov.operations.credentials import (
    change_password,
    confirm_oneself,
    disable_dormant,
    make_reset,
    renew_recovery_codes,
    reset_of,
    turn_off_second_factor,
    turn_on_second_factor,
    use_reset,
)
from egov.operations.notices import EVENTS, set_muted
from egov.security.passwords import verify
from egov.security.principals import SYSTEM_ACTOR, Passkey
from egov.security.second_factor import hash_of_recovery
from tests.support.world import PASSWORD, actor

NEW = "Another-Horse-8"


def form_with(page, field):
    return next(f for f in page.forms.values() if field in f.fields)


def sign_in_form(app, who, password=PASSWORD):
    form = app.get("/login").forms[0]
    form["id"], form["password"] = who, password
    return form.submit()


def test_a_person_changes_the_password_and_signs_in_again(sign_in, app):
    browser = sign_in("author")
    form = form_with(browser.get("/manage/@@account"), "new")
    for old, new, again, told in (
        ("wrong", NEW, NEW, "原密码不对"), (PASSWORD, NEW, "x", "两次输入的密码不一样"),
        (PASSWORD, "short", "short", "密码需要 10 至 128 个字符"), (PASSWORD, PASSWORD, PASSWORD, "不能再用最近 5 次"),
    ):  # fmt: skip
        form["old"], form["new"], form["again"] = old, new, again
        assert told in form.submit("do", value="password")
    form["old"], form["new"], form["again"] = PASSWORD, NEW, NEW
    assert form.submit("do", value="password").location.endswith("/login")
    assert browser.get("/manage").location.startswith("http://localhost/login")
    assert "用户名或密码不对" in sign_in_form(app, "author")
    assert sign_in_form(app, "author", NEW).location.endswith("/manage")


def test_the_second_factor_from_the_picture_to_the_recovery_code(sign_in, app):
    # A step of the clock lasts half a minute; the story must not run over its edge.
    with clock.frozen(clock.now()):
        _from_the_picture_to_the_recovery_code(sign_in, app)


def _from_the_picture_to_the_recovery_code(sign_in, app):
    browser = sign_in("author")
    page = browser.get("/manage/@@second-factor")
    assert "<svg" in page
    form = form_with(page, "secret")
    secret = form["secret"].value
    form["code"] = "000000"
    assert "原密码不对" in form.submit()
    form["old"] = PASSWORD
    assert "验证码不对" in form.submit()
    form["code"] = pyotp.TOTP(secret).at(int(clock.now().timestamp()))
    codes = [tag.text for tag in form.submit().html.select(".codes code")]
    assert len(codes) == 8

    page = sign_in_form(app, "author").follow()
    assert "手机上显示的六位数字" in page
    assert app.get("/manage").location.startswith(
        "http://localhost/login"
    )  # the password alone opens nothing
    form = page.forms[0]
    form["code"] = pyotp.TOTP(secret).at(int(clock.now().timestamp()))
    assert "验证码不对或已经用过" in form.submit()  # it was taken when it was set up
    form["code"] = codes[0]
    form.submit().follow()
    assert "我的账号" in app.get("/manage/@@account")
    app.reset()
    form = sign_in_form(app, "author").follow().forms[0]
    form["code"] = codes[0]
    assert "验证码不对或已经用过" in form.submit()
    with clock.frozen(clock.now() + timedelta(seconds=90)):
        form["code"] = pyotp.TOTP(secret).at(int(clock.now().timestamp()))
        form.submit().follow()
        assert "剩余备用码" in app.get("/manage/@@account")


def test_recovery_codes_are_made_anew_with_the_password(site, sign_in):
    browser, user = sign_in("author"), site.directory.user("author")
    transaction.begin()
    assert "重新生成备用码" not in browser.get("/manage/@@account")
    transaction.begin()
    with pytest.raises(Conflict):
        renew_recovery_codes(site, user, by=actor(site, "author"))
    user.passkeys = (Passkey(b"k", b"p", 0, "钥匙", clock.now()),)
    user.recovery = frozenset({"before"})
    transaction.commit()
    with pytest.raises(Forbidden):
        renew_recovery_codes(site, user, by=actor(site, "system-admin"))

    form = next(f for f in browser.get("/manage/@@account").forms.values() if "recovery" in f.text)
    form["old"] = "wrong"
    assert "原密码不对" in form.submit("do", value="recovery")
    transaction.begin()
    assert user.recovery == {"before"}
    form["old"] = PASSWORD
    shown = form.submit("do", value="recovery")

    codes = [found.text for found in shown.html.select("ul.codes code")]
    transaction.begin()
    assert {hash_of_recovery(code, user.recovery) for code in codes} == user.recovery
    assert next(site.audit.newest()).action == "renew_recovery_codes"
    assert codes[0] not in browser.get("/manage/@@account")


def test_who_opens_the_account_of_a_duty_is_told_of_to_the_auditors(site):
    auditor, security = (site.directory.user(f"{duty}-admin") for duty in ("audit", "security"))
    by = actor(site, "system-admin")
    set_password(site, security, NEW, by=by)
    make_reset(site, security, by=by)
    turn_off_second_factor(site, security, by=by)
    site.notices.muted["audit-admin"] = frozenset(EVENTS)
    set_password(site, site.directory.user("author"), NEW, by=by)  # bears no duty

    for who in (auditor, security):
        told = [notice for _key, notice in site.notices.newest(who.id, 9)]
        assert {notice.event for notice in told} == {"credentials"}
        assert [n.text.partition("：")[2] for n in told] == [
            "停用第二因素", "生成重设密码链接", "重设他人密码",
        ]  # fmt: skip
    with pytest.raises(Invalid):
        set_muted(site, {"credentials"}, by=actor(site, "audit-admin"))


def test_wrong_codes_lock_the_account(site, sign_in, app):
    user, by = site.directory.user("author"), actor(site, "author")
    secret = pyotp.random_base32()
    turn_on_second_factor(
        site, user, secret, pyotp.TOTP(secret).at(int(clock.now().timestamp())), by=by
    )
    transaction.commit()
    form = sign_in_form(app, "author").follow().forms[0]
    for _attempt in range(5):
        form["code"] = "000000"
        form.submit()
    form["code"] = "000000"
    assert "登录失败次数过多" in form.submit()
    assert "登录失败次数过多" in sign_in_form(app, "author")


def test_a_password_of_somebody_else_must_be_changed_first(site, sign_in, app):
    admin = sign_in("system-admin")
    page = admin.get("/manage/@@users")
    row = next(f for f in page.forms.values() if "id" in f.fields and f["id"].value == "author")
    password = row.submit("do", value="password").html.select_one("code").text
    sign_in_form(app, "author", password)
    for path in ("/manage", "/manage/finance/news", "/manage/@@inbox"):
        assert app.get(path).location.endswith("/manage/@@account")
    form = form_with(app.get("/manage/@@account"), "new")
    form["old"], form["new"], form["again"] = password, NEW, NEW
    form.submit("do", value="password")
    sign_in_form(app, "author", NEW)
    assert "工作台" in app.get("/manage")


def test_a_reset_link_opens_once(site, sign_in, app):
    admin = sign_in("system-admin")
    page = admin.get("/manage/@@users")
    row = next(f for f in page.forms.values() if "id" in f.fields and f["id"].value == "author")
    link = (
        row.submit("do", value="reset")
        .html.select_one("code")
        .text.removeprefix("http://localhost")
    )
    form = app.get(link).forms[0]
    form["password"], form["again"] = NEW, "x"
    assert "两次输入的密码不一样" in form.submit()
    form["password"], form["again"] = NEW, NEW
    form.submit()
    assert "已经用过、已过期或不对" in app.get(link)
    assert sign_in_form(app, "author", NEW).location.endswith("/manage")


def test_sessions_are_listed_and_ended(sign_in):
    here, there = sign_in("author"), sign_in("author")
    page = here.get("/manage/@@account")
    assert len(page.html.find(attrs={"aria-label": "登录中的设备"}).select("tbody tr")) == 2
    form = page.forms["sessions"]
    assert "原密码不对" in form.submit("do", value="end-others")
    assert there.get("/manage").status_int == 200
    form["old"] = PASSWORD
    form.submit("do", value="end-others").follow()
    assert there.get("/manage").location.startswith("http://localhost/login")
    assert "工作台" in here.get("/manage")


def test_who_finds_an_open_session_changes_no_factor_and_guesses_no_password(site, sign_in):
    browser = sign_in("author")
    secret = form_with(browser.get("/manage/@@second-factor"), "secret")["secret"].value
    token = browser.get("/manage/@@account").forms[0]["csrf_token"].value
    sent = {"csrf_token": token, "secret": secret, "old": "guessed"}
    sent["code"] = pyotp.TOTP(secret).at(int(clock.now().timestamp()))
    for _guess in range(5):
        assert "原密码不对" in browser.post("/manage/@@second-factor", sent)
    sent["old"] = PASSWORD
    assert "登录失败次数过多" in browser.post("/manage/@@second-factor", sent)
    sent["passkey"] = "{}"
    assert "登录失败次数过多" in browser.post("/manage/@@passkey", sent)
    transaction.begin()
    assert not site.directory.user("author").has_second
    refused = [r for r in site.audit.newest() if r.action == "confirm_oneself"]
    assert {r.outcome for r in refused} == {"refused"}


def test_who_comes_from_outside_has_just_signed_in(site):
    author = site.directory.user("author")
    author.outside = frozenset({"ldap:x"})
    _token, session = site.sessions.start("author")
    confirm_oneself(site, author, session, "", settings=Settings())
    with (
        clock.frozen(clock.now() + timedelta(minutes=11)),
        pytest.raises(Invalid, match="重新登录"),
    ):
        confirm_oneself(site, author, session, "", settings=Settings())


def test_a_role_may_need_a_second_factor(wsgi, sign_in):
    wsgi.registry.egov = Settings(second_factor_roles="manager publisher")
    for who in ("manager", "publisher"):
        assert sign_in(who).get("/manage").location.endswith("/manage/@@second-factor")
    assert sign_in("editor").get("/manage").status_int == 200


def test_what_nobody_may_do(site):
    author, settings = site.directory.user("author"), Settings()
    by, admin = actor(site, "editor"), actor(site, "system-admin")
    with pytest.raises(Forbidden):
        change_password(site, author, PASSWORD, NEW, by=by, settings=settings)
    with pytest.raises(Forbidden):
        turn_off_second_factor(site, author, by=by)
    with pytest.raises(Forbidden):
        turn_on_second_factor(site, author, pyotp.random_base32(), "1", by=admin)
    with pytest.raises(Forbidden):
        make_reset(site, author, by=by)
    token = make_reset(site, author, by=admin)
    second = make_reset(site, author, by=admin)
    assert reset_of(site, token) is None
    with clock.frozen(clock.now() + timedelta(hours=25)), pytest.raises(Conflict):
        use_reset(site, second, NEW, settings=settings)
    use_reset(site, second, NEW, settings=settings)
    assert verify(author.password_hash, NEW)
    with pytest.raises(Invalid, match="用过的密码"):
        change_password(site, author, NEW, PASSWORD, by=actor(site, "author"), settings=settings)


def test_accounts_that_nobody_uses_are_closed_but_never_the_last_of_a_duty(site, app):
    with clock.frozen(clock.now() + timedelta(days=91)):
        assert "账号长期未使用" in sign_in_form(app, "author")
        site.directory.user("editor").last_login = clock.now()
        closed = {u.id for u in disable_dormant(site, 90, by=SYSTEM_ACTOR)}
    assert "author" in closed
    assert not closed & {"editor", "system-admin", "security-admin", "audit-admin"}
    assert list(disable_dormant(site, 90, by=SYSTEM_ACTOR)) == []


def test_a_duty_may_need_a_second_factor(wsgi, sign_in):
    registry = wsgi.registry
    registry.egov = Settings(second_factor_duties="audit")
    assert sign_in("audit-admin").get("/manage").location.endswith("/manage/@@second-factor")
    assert sign_in("author").get("/manage").status_int == 200
