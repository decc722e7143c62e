"""Rights and accounts by commands: in somebody's name, with no more than they may in the browser."""

import re
from datetime import timedelta

import pyotp
import pytest

from egov.base import clock
from egov.cli import acting
from egov.operations.accounts import add_user, set_disabled, set_duty
from egov.operations.content import create
from egov.operations.credentials import renew_recovery_codes, turn_on_second_factor
from egov.operations.rights import grant
from egov.security.passwords import verify
from egov.security.policy import roles_on
from egov.security.principals import SYSTEM_ACTOR, Passkey, actor_for
from tests.support.world import PASSWORD

END = clock.now() + timedelta(days=30)


@pytest.fixture(autouse=True)
def office(run, stored, monkeypatch):
    """A site at work, with a manager of one section until a day; typed by root, who was zhang before."""
    monkeypatch.setattr(acting, "operator", lambda: "console:root sudo:zhang")
    run("init", "--password", PASSWORD)
    with stored() as site:
        create(site, "section", {"title": "通知"}, by=SYSTEM_ACTOR, name="notices")
        for who in ("chen", "wang"):
            add_user(site, who, who, PASSWORD, by=SYSTEM_ACTOR)
        grant(
            site["notices"], "user:chen", "manager", by=SYSTEM_ACTOR, may_delegate=True, until=END
        )
        for who in ("system-admin", "security-admin", "admin"):
            site.directory.user(who).last_login = clock.now()


def records(stored):
    with stored() as site:
        return [(r.action, r.outcome, r.actor, r.address, r.reason) for r in site.audit.newest()]


def roles(stored, who, where="notices"):
    with stored() as site:
        return roles_on(actor_for(site.directory.user(who)), site[where])


def grants(stored):
    with stored() as site:
        return (*site.grants, *site["notices"].grants)


def give(run, *words, by="chen", answers=None, **kwargs):
    said = answers or f"{PASSWORD}\ny\n"
    return run("grant", *words, "--as", by, "--reason", "顶岗", typed=said, **kwargs).output


def test_a_grant_is_given_in_somebodys_name_and_says_who_typed_it(run, stored):
    said = give(run, "/notices", "wang", "editor", "--until", TODAY)

    assert "涉及 0 项内容、1 人" in said
    assert "editor" in roles(stored, "wang")
    found = records(stored)
    where = "console:root sudo:zhang"
    assert ("grant", "done", "chen", where, "editor → user:wang") in found
    assert ("command", "done", "chen", where, "egov grant: 顶岗") in found
    assert [r[0] for r in found[:4]] == ["log_out", "grant", "command", "log_in"]
    listed = run("rights", "/notices").output
    assert "顶岗" in "".join(listed.split())
    with stored() as site:
        assert site.sessions.of_user("chen") == []


TODAY = clock.day(clock.now())
REFUSED = (
    (("/", "wang", "reader"), "您没有在“新的网站群”上进行此操作的权限"),
    (("/notices", "wang", "editor"), "不能晚于您自己"),
    (("/notices", "wang", "editor", "--until", "2020-01-01"), "必须晚于今天"),
    (("/notices", "wang", "editor", "--until", "明天"), "截止日期的写法不对"),
    (("/notices", "nobody", "editor"), "没有找到“nobody”"),
    (("/nowhere", "wang", "editor"), "没有 /nowhere"),
    (("/notices", "Everyone", "editor", "--until", TODAY), "只能授予读者"),
    (("/notices", "Everyone", "reader", "--until", TODAY, "--may-delegate"), "只能授予读者"),
)


def test_what_the_page_refuses_is_refused_here_and_nothing_changes(run, stored):
    before = grants(stored)

    for words, refusal in REFUSED:
        assert refusal in give(run, *words, status=1)

    assert grants(stored) == before


def test_what_was_refused_for_want_of_rights_stays_on_record(run, stored):
    give(run, "/", "wang", "reader", status=1)

    refused = ("refused", "refused", "chen", "console:root sudo:zhang", "egov grant: 顶岗")
    assert refused in records(stored)


def test_who_says_no_changes_nothing(run, stored):
    give(run, "/notices", "wang", "editor", "--until", TODAY,
         answers=f"{PASSWORD}\nn\n", status=1)  # fmt: skip

    assert "editor" not in roles(stored, "wang")


def test_a_revocation_takes_what_was_handed_on(run, stored):
    give(run, "/notices", "wang", "manager", "--until", TODAY, "--may-delegate")
    give(run, "/notices", "admin", "author", "--until", TODAY, by="wang")

    said = run(
        "revoke", "/notices", "wang", "manager", "--yes", "--as", "chen", typed=f"{PASSWORD}\n"
    )

    assert "同时失效：/notices user:admin author（wang 授予）" in said.output
    assert "已收回 2 项授权" in said.output
    assert "author" not in roles(stored, "admin")


def test_a_wrong_password_is_counted_and_locks(run, stored):
    for _attempt in range(5):
        assert "密码或验证码不对" in give(
            run, "/notices", "wang", "reader", answers="wrong\n", status=1
        )

    assert "登录失败次数过多" in give(run, "/notices", "wang", "reader", status=1)
    assert "user:wang" not in {g.principal for g in grants(stored)}


def test_closed_accounts_and_passwords_to_be_changed_do_not_open(run, stored):
    with stored() as site:
        site.directory.user("chen").must_change = True
    assert "请先登录管理平台" in give(run, "/notices", "wang", "reader", status=1)
    with stored() as site:
        set_disabled(site, site.directory.user("chen"), True, by=SYSTEM_ACTOR)
    assert "密码或验证码不对" in give(run, "/notices", "wang", "reader", status=1)


def test_a_second_factor_is_asked_for(run, stored):
    secret = pyotp.random_base32()
    with stored() as site:
        chen = site.directory.user("chen")
        now = pyotp.TOTP(secret).now()
        turn_on_second_factor(site, chen, secret, now, by=actor_for(chen))
        chen.second_step -= 5
    words = ("/notices", "wang", "editor", "--until", TODAY)

    assert "验证码不对" in give(run, *words, answers=f"{PASSWORD}\n000000\n", status=1)
    assert "editor" not in roles(stored, "wang")
    with stored() as site:
        assert site.sessions.of_user("chen") == []
    code = pyotp.TOTP(secret).now()
    give(run, *words, answers=f"{PASSWORD}\n{code}\ny\n")
    assert "editor" in roles(stored, "wang")


def test_a_security_key_gives_way_to_a_recovery_code(run, stored):
    with stored() as site:
        chen = site.directory.user("chen")
        chen.passkeys = (Passkey(b"k", b"p", 0, "钥匙", clock.now()),)
        code, *_others = renew_recovery_codes(site, chen, by=actor_for(chen))
    words = ("/notices", "wang", "editor", "--until", TODAY)

    assert "备用码（安全密钥不能用在命令行上）" in give(
        run, *words, answers=f"{PASSWORD}\n{code}\ny\n"
    )
    assert "editor" in roles(stored, "wang")
    assert "验证码不对" in give(run, *words, answers=f"{PASSWORD}\n{code}\ny\n", status=1)

    with stored() as site:
        site.directory.user("chen").recovery = frozenset()
    assert "在“我的账号”中重新生成备用码" in give(run, *words, status=1)
    assert "用户名、密码" in give(
        run, *words, answers="wrong\n", status=1
    )  # who guesses learns nothing
    with stored() as site:
        assert site.sessions.of_user("chen") == []


def test_duties_hold_and_a_site_at_work_asks_for_a_person(run, stored):
    refused = run("user", "add", "zhao", "赵", status=1).output
    assert "须用 --as" in refused
    assert records(stored)[0][:4] == ("refused", "refused", "system", "console:root sudo:zhang")

    words = ("user", "add", "zhao", "赵", "--as")
    assert (
        "没有进行此操作的职责"
        in run(*words, "security-admin", typed=f"{PASSWORD}\n", status=1).output
    )
    run(*words, "system-admin", "--reason", "新人", typed=f"{PASSWORD}\n")
    with stored() as site:
        assert "zhao" in site.directory.users
        assert ("command", "system-admin", "egov user add: 新人") in [
            (r.action, r.actor, r.reason) for r in site.audit.newest()
        ]
    assert "须用 --as" in run("grant", "/notices", "wang", "reader", "--yes", status=1).output


def test_a_passwords_administrator_cannot_be_helped_by_the_console_but_the_systems(run, stored):
    assert "请用 --reason" in run("rescue", "administrator", "system-admin", status=1).output
    other = run("rescue", "administrator", "security-admin", "--reason", "忘了", status=1).output
    assert "只能恢复系统管理员" in other
    with stored() as site:
        admin = site.directory.user("system-admin")
        admin.second_secret = pyotp.random_base32()
        admin.last_login = admin.created = clock.now() - timedelta(days=200)

    said = run("rescue", "administrator", "system-admin", "--reason", "手机丢了").output

    (password,) = re.findall(r"首次登录须更改）：(\S+)", said)
    with stored() as site:
        admin = site.directory.user("system-admin")
        assert verify(admin.password_hash, password)
        assert (admin.must_change, admin.has_second) == (True, False)
        (told,) = [notice for _key, notice in site.notices.newest("audit-admin", 9)]
        assert (told.event, told.text) == ("rescue", "system-admin: 手机丢了")
        assert told.by == "console:root sudo:zhang"
        assert "rescue" in [r.action for r in site.audit.newest()]


def test_the_management_is_given_anew_only_where_nobody_has_it(run, stored):
    words = ("rescue", "manager", "wang", "--reason", "无人管理")
    assert "网站群管理员可以授予" in run(*words, status=1).output
    with stored() as site:
        set_disabled(site, site.directory.user("admin"), True, by=SYSTEM_ACTOR)

    assert "现在管理整个网站群" in run(*words).output

    with stored() as site:
        assert "manager" in roles_on(actor_for(site.directory.user("wang")), site)
        assert [n.event for _key, n in site.notices.newest("audit-admin", 9)] == ["rescue"]


def test_who_typed_it_is_told_by_the_machine_and_never_longer_than_a_line(monkeypatch):
    monkeypatch.undo()
    monkeypatch.setenv("LOGNAME", "somebody-else")
    monkeypatch.setenv("SUDO_USER", "li\nconsole:root" + "x" * 200)

    told = acting.operator()

    assert "somebody-else" not in told
    assert "sudo:liconsole:root" in told
    assert "\n" not in told
    assert len(told) < 150


def test_a_duty_is_on_record_with_the_machine_account_before_anybody_has_signed_in(run, stored):
    with stored() as site:
        for user in site.directory.users.values():
            user.last_login = None
    run("user", "add", "zhao", "赵")

    assert records(stored)[0][:4] == ("add_user", "done", "system", "console:root sudo:zhang")
    with stored() as site:
        set_duty(site, site.directory.user("zhao"), "system", by=SYSTEM_ACTOR)
