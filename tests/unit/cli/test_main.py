"""The commands as an administrator types them."""

import re

from egov.security.passwords import verify
from tests.support.world import PASSWORD

ONCE = re.compile(r"密码（只显示这一次）：(\S+)")


def test_without_a_configuration_it_says_where_to_be(run, monkeypatch):
    monkeypatch.setenv("EGOV_CONFIG", "nowhere.ini")

    assert "没有找到配置文件 nowhere.ini" in run("init", status=1).output


def test_without_a_database_it_says_what_to_do(run, tmp_path):
    assert "请先运行 egov init" in run("check", status=1).output
    assert not (tmp_path / "Data.fs").exists()


def test_init_makes_four_accounts_for_four_people_each_with_a_password_of_its_own(run, stored):
    output = run("init").output
    made = dict(re.findall(r"  (\S+)  初始密码（只显示这一次，首次登录须更改）：(\S+)", output))

    assert len(set(made.values())) == 4
    with stored() as site:
        assert site.title == "新的网站群"
        for who in ("admin", "system-admin", "security-admin", "audit-admin"):
            user = site.directory.user(who)
            assert verify(user.password_hash, made[who])
            assert user.must_change
        assert {d for u in site.directory.users.values() for d in u.duties} == {
            "system", "security", "audit",
        }  # fmt: skip
    assert not any(password in run("user", "list").output for password in made.values())


def test_init_with_a_password_does_not_show_it(run, stored):
    output = run("init", "--password", PASSWORD).output

    assert PASSWORD not in output
    with stored() as site:
        assert verify(site.directory.user("admin").password_hash, PASSWORD)


def test_init_with_a_weak_password_makes_nothing(run):
    assert "密码需要 10 至 128 个字符" in run("init", "--password", "short", status=1).output
    assert "请先运行 egov init" in run("check", status=1).output


def test_init_refuses_a_second_time_and_changes_nothing(run, stored):
    run("init", "--password", PASSWORD)

    again = run("init", "--password", "Other-Horse-8", status=1)

    assert "已有网站群" in again.output
    with stored() as site:
        assert verify(site.directory.user("admin").password_hash, PASSWORD)


def test_a_user_is_added_once_listed_and_given_another_password(run, stored):
    run("init", "--password", PASSWORD)
    (first,) = ONCE.findall(run("user", "add", "wangwu", "王五").output)
    assert "已被使用" in run("user", "add", "wangwu", "王五", status=1).output
    assert "用户名须以小写字母开头" in run("user", "add", "9x", "王五", status=1).output
    listed = run("user", "list").output
    assert "wangwu" in listed
    assert "王五" in listed
    with stored() as site:
        site.sessions.start("wangwu")
        assert verify(site.directory.user("wangwu").password_hash, first)

    (second,) = ONCE.findall(run("user", "passwd", "wangwu").output)

    with stored() as site:
        assert verify(site.directory.user("wangwu").password_hash, second)
        assert site.sessions.of_user("wangwu") == []
        actions = [r.action for r in site.audit.newest()]
        assert actions[:2] == ["set_password", "add_user"]


def test_passwd_refuses_strangers_and_weak_passwords(run):
    run("init", "--password", PASSWORD)

    assert "没有账号 nobody" in run("user", "passwd", "nobody", status=1).output
    weak = run("user", "passwd", "admin", "--password", "Admin-Admin-1", status=1)
    assert "密码不能包含用户名" in weak.output


def test_check_finds_nothing_in_order_and_names_what_is_wrong(run, stored):
    run("init", "--password", PASSWORD)
    assert "没有发现问题" in run("check").output
    with stored() as site:
        record = next(site.audit.newest())
        record.actor_name = "别人"

    wrong = run("check", status=1).output

    assert "record changed" in wrong
    assert "发现 1 个问题" in wrong
