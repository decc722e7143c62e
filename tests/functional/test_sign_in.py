"""Sessions over HTTP: the cookie, the limits, and what ends them."""

import dataclasses
from datetime import timedelta

import transaction
from webtest import TestApp

from egov.base import clock
from egov.operations.accounts import set_disabled, set_password
from egov.web.security import COOKIE
from tests.support.world import PASSWORD, actor


def sign_in_form(browser, user_id="author", password=PASSWORD):
    form = browser.get("/login").forms[0]
    form["id"], form["password"] = user_id, password
    return form.submit()


def is_in(browser):
    return browser.get("/manage", status="*").status_int == 200


def test_the_cookie_is_kept_from_scripts_and_other_sites(app, wsgi):
    header = sign_in_form(app).headers["Set-Cookie"]
    assert "HttpOnly" in header
    assert "SameSite=Lax" in header
    assert "Path=/" in header
    assert "secure" not in header.lower()

    wsgi.registry.egov = dataclasses.replace(wsgi.registry.egov, secure_cookies=True)
    https = {"wsgi.url_scheme": "https", "HTTP_ORIGIN": "https://localhost"}
    safely = TestApp(wsgi, extra_environ=https)
    header = sign_in_form(safely).headers["Set-Cookie"]
    assert header.startswith("__Host-egov_session=")
    assert "secure" in header.lower()


def test_a_token_that_somebody_planted_is_not_taken_over(app):
    app.set_cookie(COOKIE, "planted")
    sign_in_form(app)

    assert app.cookies[COOKIE] != "planted"
    assert is_in(app)


def test_half_an_hour_of_silence_ends_a_session(sign_in):
    author = sign_in("author")
    start = clock.now()
    for minutes in (29, 58, 87):
        with clock.frozen(start + timedelta(minutes=minutes)):
            assert is_in(author)
    with clock.frozen(start + timedelta(minutes=117, seconds=1)):
        assert not is_in(author)


def test_a_working_day_ends_the_busiest_session(sign_in):
    author = sign_in("author")
    start = clock.now()
    for minutes in range(20, 480, 20):
        with clock.frozen(start + timedelta(minutes=minutes)):
            assert is_in(author)
    with clock.frozen(start + timedelta(minutes=480)):
        assert not is_in(author)


def test_signing_out_ends_this_session_and_no_other(sign_in):
    here, there = sign_in("author"), sign_in("author")
    form = here.get("/manage").forms[0]
    token = here.cookies[COOKIE]
    form.submit()

    assert not is_in(here)
    here.set_cookie(COOKIE, token)
    assert not is_in(here)
    assert is_in(there)


def test_a_closed_account_and_a_new_password_end_all_sessions(sign_in, site, wsgi):
    one, two = sign_in("author"), sign_in("author")
    transaction.begin()
    set_password(
        site, site.directory.user("author"), "New-Horse-88", by=actor(site, "system-admin")
    )
    transaction.commit()
    assert not is_in(one)
    assert not is_in(two)

    three = TestApp(wsgi)
    sign_in_form(three, password="New-Horse-88")
    assert is_in(three)
    transaction.begin()
    set_disabled(site, site.directory.user("author"), True, by=actor(site, "system-admin"))
    transaction.commit()
    assert not is_in(three)
    assert "用户名或密码不对" in sign_in_form(TestApp(wsgi), password="New-Horse-88")


def test_a_locked_account_opens_after_the_time_and_others_are_not_locked(app, wsgi):
    start = clock.now()
    for _attempt in range(5):
        sign_in_form(app, password="wrong")
    assert "登录失败次数过多" in sign_in_form(app)
    assert sign_in_form(TestApp(wsgi), "editor").status_int == 302

    with clock.frozen(start + timedelta(minutes=31)):
        assert sign_in_form(app).status_int == 302


def test_the_answer_does_not_tell_whether_an_account_exists(app):
    known, unknown = (sign_in_form(app, who, "wrong") for who in ("author", "no-such-one"))

    def without_token(page):
        form = page.html.form
        for field in form.find_all("input"):
            del field["value"]
        return str(page.html)

    assert without_token(known) == without_token(unknown)


def test_attempts_and_sign_ins_are_in_the_log(app, site):
    sign_in_form(app, password="wrong")
    sign_in_form(app)
    transaction.begin()

    records = site.audit.newest()
    latest = [next(records), next(records)]
    assert [(r.action, r.outcome, r.actor) for r in latest] == [
        ("log_in", "done", "author"),
        ("log_in", "refused", ""),
    ]
    assert latest[1].actor_name == "author"
    assert PASSWORD not in str([r.facts() for r in latest])
