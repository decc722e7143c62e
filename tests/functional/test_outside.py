"""Signing in at the office's identity provider and with its directory's passwords, at real servers."""

import dataclasses
import urllib.error
import urllib.request
from itertools import islice
from urllib.parse import urlsplit

import pytest
import transaction
from joserfc.jwk import RSAKey
from webtest import TestApp

from egov.base.settings import Settings
from egov.security.ldap import LdapDirectory
from egov.security.oidc import Provider
from egov.web.outside import COOKIE
from tests.support import provider as idp
from tests.support import slapd
from tests.support.world import PASSWORD

AUTHOR = {"sub": "4711", "preferred_username": "author", "name": "测试作者"}


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


@pytest.fixture
def provider(monkeypatch):
    monkeypatch.setenv(
        "AUTHLIB_INSECURE_TRANSPORT", "1"
    )  # of its server part; it is on this machine
    with idp.running() as running:
        running.person = dict(AUTHOR)
        yield running


@pytest.fixture
def office(wsgi, provider):
    """The application with the provider in its settings; returns a way to change them."""
    facts = {
        "oidc_issuer": provider.issuer,
        "oidc_client_id": idp.CLIENT,
        "oidc_client_secret": idp.SECRET,
    }

    def set_up(**more):
        wsgi.registry.egov = dataclasses.replace(wsgi.registry.egov, **facts, **more)
        wsgi.registry.oidc = Provider(wsgi.registry.egov)

    set_up()
    return set_up


def over_there(address):
    """What the provider answers a browser: where it sends it."""
    try:
        urllib.request.build_opener(_Stay).open(address, timeout=10)
    except urllib.error.HTTPError as sent:
        return urlsplit(sent.headers["Location"])
    raise AssertionError("not sent back")


def way_back(browser, came_from="/manage"):
    begun = browser.get(f"/login/oidc?came_from={came_from}", status=302)
    back = over_there(begun.location)
    return f"{back.path}?{back.query}"


def newest(site, count=1):
    transaction.begin()
    records = islice(site.audit.newest(), count)
    found = [(r.action, r.outcome, r.reason) for r in records]
    return found[0] if count == 1 else found


def test_signing_in_leads_where_one_wanted_to(office, app, site):
    assert "统一身份认证" in app.get("/login")
    answer = app.get(way_back(app, "/manage/finance"), status=302)

    assert answer.location.endswith("/manage/finance")
    assert "工作动态" in app.get("/manage/finance")
    assert newest(site, 2) == [("log_in", "done", "oidc"), ("link_outside", "done", "author: oidc:4711")]  # fmt: skip
    assert COOKIE not in app.cookies


def test_the_account_stays_with_the_person_who_was_linked(office, app, site, wsgi, provider):
    app.get(way_back(app), status=302)
    provider.person = AUTHOR | {"preferred_username": "zhang"}  # renamed over there
    renamed = TestApp(wsgi)
    renamed.get(way_back(renamed), status=302)
    assert "测试author" in renamed.get("/manage")

    provider.person = AUTHOR | {"sub": "another"}  # the name given to somebody else
    other = TestApp(wsgi)
    assert "已与另一位人员关联" in other.get(way_back(other))
    assert newest(site) == ("log_in", "refused", "oidc:another: linked with another")
    assert other.get("/manage").status_int == 302


def test_the_system_administrator_may_forget_who_was_linked(office, app, site, sign_in, provider, wsgi):  # fmt: skip
    app.get(way_back(app), status=302)
    page = sign_in("system-admin").get("/manage/@@person?id=author")
    form = next(f for f in page.forms.values() if "unlink" in f.text)
    form.submit("do", value="unlink")
    provider.person = AUTHOR | {"sub": "another"}
    other = TestApp(wsgi)
    other.get(way_back(other), status=302)
    transaction.begin()
    assert site.directory.user("author").outside == {"oidc:another"}


@pytest.mark.parametrize("who", ["system-admin", "security-admin", "audit-admin"])
def test_duties_never_come_from_outside(office, app, site, provider, who):
    provider.person = AUTHOR | {"preferred_username": who}
    assert "只能用本系统的密码登录" in app.get(way_back(app))
    assert newest(site) == ("log_in", "refused", "oidc:4711: local only")


def test_nor_does_the_management_of_everything(office, app, site, provider):
    from egov.operations.rights import grant
    from egov.security.principals import SYSTEM_ACTOR

    grant(site, "user:author", "manager", by=SYSTEM_ACTOR)
    transaction.commit()
    assert "只能用本系统的密码登录" in app.get(way_back(app))


def test_accounts_are_made_only_where_the_office_says_so(office, app, site, provider):
    provider.person = {"sub": "1", "preferred_username": "newcomer", "name": "新来的人", "email": "n@x.cn"}  # fmt: skip
    assert "还没有本系统的账号" in app.get(way_back(app))
    assert newest(site) == ("log_in", "refused", "oidc:1: no account")

    office(outside_makes_accounts=True)
    app.get(way_back(app), status=302)
    transaction.begin()
    made = site.directory.user("newcomer")
    assert (made.name, made.groups, made.duties, made.posts) == ("新来的人", frozenset(), frozenset(), ())  # fmt: skip
    assert app.get("/manage/finance", status=404)
    for unfit in ("Bad Name", "../x", "", "system"):
        provider.person = {"sub": "2" + unfit, "preferred_username": unfit, "name": "x"}
        assert app.post("/logout", {"csrf_token": "x"}, status="*")
        assert TestApp(app.app).get("/login/oidc").status_int == 302
        stranger = TestApp(app.app)
        assert stranger.get(way_back(stranger)).status_int == 200


def test_a_closed_account_stays_closed(office, app, site):
    site.directory.user("author").disabled = True
    transaction.commit()
    assert "您的账号已停用" in app.get(way_back(app))


def test_the_second_factor_is_asked_for_all_the_same(office, app, site):
    site.directory.user("author").second_secret = "JBSWY3DPEHPK3PXP"
    transaction.commit()
    assert "/login/code" in app.get(way_back(app), status=302).location
    assert app.get("/manage").status_int == 302


def test_an_answer_is_good_once_and_in_one_browser(office, app, wsgi, provider):
    back = way_back(app)
    assert "已过期或不是从这里开始的" in TestApp(wsgi).get(back)
    kept = app.cookies[COOKIE]
    app.get(back, status=302)
    again = TestApp(wsgi)
    again.set_cookie(COOKIE, kept)
    assert "不能证明您的身份" in again.get(back)
    assert provider.issued == 1


@pytest.mark.parametrize("change", [
    lambda back: back.replace("state=", "state=x"),
    lambda back: back.replace("code=", "code=x"),
    lambda back: back.replace("code=", "nocode="),
    lambda back: back + "&iss=https://evil.example",
    lambda back: back.split("?")[0],
    lambda back: back.split("?")[0] + "?error=access_denied&state=",
])  # fmt: skip
def test_an_answer_that_was_changed_opens_nothing(office, app, change):
    assert "alert-danger" in app.get(change(way_back(app)))
    assert app.get("/manage").status_int == 302


def test_a_refusal_over_there_is_told(office, app, provider):
    provider.person = {}
    assert "没有确认您的身份" in app.get(way_back(app))


@pytest.mark.parametrize("claims", [
    {"aud": ["another"]}, {"iss": "https://evil.example"}, {"nonce": "another"}, {"exp": 1}, {"azp": "another"},
])  # fmt: skip
def test_a_token_that_is_not_for_us_proves_nothing(office, app, provider, claims):
    provider.wrong = {"claims": claims}
    assert "不能证明您的身份" in app.get(way_back(app))


def test_a_token_signed_by_another_key_proves_nothing(office, app, provider):
    provider.wrong = {"key": RSAKey.generate_key(2048, {"kid": "1"})}
    assert "不能证明您的身份" in app.get(way_back(app))


def test_new_keys_of_the_provider_are_fetched(office, app, wsgi, provider):
    app.get(way_back(app), status=302)
    provider.key = RSAKey.generate_key(2048, {"kid": "2"})
    later = TestApp(wsgi)
    later.get(way_back(later), status=302)


@pytest.mark.parametrize("wrong", [{"down": True}, {"issuer": "https://another.example"}])
def test_a_provider_that_does_not_answer_leaves_the_password(office, app, provider, wrong):
    provider.wrong = wrong
    page = app.get("/login/oidc")
    assert "没有回应" in page
    form = page.forms[0]
    form["id"], form["password"] = "author", PASSWORD
    form.submit(status=302)


def test_without_the_setting_there_is_no_such_way(app):
    app.get("/login/oidc", status=404)
    app.get("/login/oidc/back", status=404)
    assert "统一身份认证" not in app.get("/login")


@pytest.fixture(scope="module")
def ports(tmp_path_factory):
    with slapd.running(tmp_path_factory.mktemp("slapd")) as ports:
        yield ports


@pytest.fixture
def with_directory(wsgi, ports):
    wsgi.registry.ldap = LdapDirectory(
        Settings(
            ldap_uri=f"ldap://127.0.0.1:{ports[0]}", ldap_base=slapd.BASE, ldap_bind_dn=slapd.SERVICE,
            ldap_bind_password=slapd.SERVICE_PASSWORD,
        )
    )  # fmt: skip


def log_in(app, user_id, password):
    form = app.get("/login").forms[0]
    form["id"], form["password"] = user_id, password
    return form.submit(status="*")


def test_the_directory_s_password_opens_as_ours_does(with_directory, app, site, wsgi):
    assert log_in(app, "author", slapd.PASSWORD).status_int == 302
    assert newest(site)[:2] == ("log_in", "done")
    assert log_in(TestApp(wsgi), "author", PASSWORD).status_int == 302
    for wrong in ("wrong", ""):
        assert "用户名或密码不对" in log_in(TestApp(wsgi), "author", wrong)
    assert "只能用本系统的密码登录" in log_in(TestApp(wsgi), "security-admin", slapd.PASSWORD)
    assert "还没有本系统的账号" in log_in(TestApp(wsgi), "newcomer", slapd.PASSWORD)


def test_failures_at_the_directory_lock_as_ours_do(with_directory, app, site):
    for _attempt in range(5):
        assert "用户名或密码不对" in log_in(app, "author", "wrong")
    assert "登录失败次数过多" in log_in(app, "author", slapd.PASSWORD)
