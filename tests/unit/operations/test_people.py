"""People from a table: each line whole or not at all, and nobody places an account of their own making."""

import io

import pytest
from openpyxl import Workbook

from egov.base.errors import Forbidden, Invalid
from egov.base.i18n import told
from egov.operations.accounts import add_group, add_user
from egov.operations.organisation import add_unit, set_closed
from egov.operations.people import decoded, import_people, read_people
from egov.security.passwords import verify
from egov.security.principals import SYSTEM_ACTOR, Post
from tests.support.world import PASSWORD, actor

HEAD = "用户名,姓名,电子邮箱,单位,职务,用户组\n"
ZHAO = HEAD + "zhaoyi,赵一,zhao@example.cn,finance,科长,press；web\n"


@pytest.fixture
def office(site):
    add_unit(site, "finance", "市财政局", "department", by=SYSTEM_ACTOR)
    for group in ("press", "web"):
        add_group(site, group, group, by=SYSTEM_ACTOR)
    return site


def run(site, text, by=SYSTEM_ACTOR):
    return import_people(site, read_people(text, most=100), by=by)


def messages(outcomes):
    return [told(o.message) for o in outcomes]


def test_a_command_does_all_at_once(office):
    (outcome,) = run(office, ZHAO)
    user = office.directory.user("zhaoyi")

    assert (user.name, user.email) == ("赵一", "zhao@example.cn")
    assert user.posts == (Post("finance", "科长"),)
    assert user.groups == {"press", "web"}
    assert verify(user.password_hash, outcome.password)


def test_in_the_office_two_administrators_do_it_one_after_the_other(office):
    system, security = (actor(office, f"{duty}-admin") for duty in ("system", "security"))
    assert messages(run(office, ZHAO, security)) == ["没有这个账号，请系统管理员先导入同一表格。"]

    run(office, ZHAO, system)
    user = office.directory.user("zhaoyi")
    assert (user.posts, user.groups) == ((), frozenset())

    assert messages(run(office, ZHAO, security)) == ["已设置单位和用户组"]
    assert (user.posts, user.groups) == ((Post("finance", "科长"),), {"press", "web"})
    assert messages(run(office, ZHAO, security)) == ["已有账号，没有变化"]


def test_others_import_nobody(office):
    with pytest.raises(Forbidden):
        run(office, ZHAO, actor(office, "audit-admin"))
    with pytest.raises(Forbidden):
        add_user(
            office, "zhaoyi", "赵一", PASSWORD, by=actor(office, "system-admin"), groups=["web"]
        )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Bad Id,某人,,,,", "用户名须以小写字母开头"),
        ("qianer,,,,,", "请填写姓名"),
        ("qianer,钱二,no-address,,,", "电子邮箱的写法不对"),
        ("qianer,钱二,,no-such,,", "没有编号为“no-such”的单位"),
        ("qianer,钱二,,closed,,", "没有编号为“closed”的单位"),
        ("qianer,钱二,,,科长,", "有职务而没有单位"),
        ("qianer,钱二,,finance,科长,no-such", "没有编号为“no-such”的用户组"),
        ("system,钱二,,,,", "已被使用"),
    ],
)
def test_a_refused_line_changes_nothing_and_the_others_are_taken(office, line, reason):
    add_unit(office, "closed", "已撤单位", "other", by=SYSTEM_ACTOR)
    set_closed(office, office.directory.unit("closed"), True, by=SYSTEM_ACTOR)
    before = len(office.directory.users)

    refused, taken = run(office, f"{HEAD}{line}\nsunsan,孙三,,,,\n")

    assert refused.is_refused
    assert reason in told(refused.message)
    assert refused.line.number == 2
    assert not taken.is_refused
    assert len(office.directory.users) == before + 1


def test_nobody_imports_themselves_into_a_group(office):
    by = actor(office, "security-admin")
    (refused,) = run(office, "id,groups\nsecurity-admin,press\n", by)
    assert refused.is_refused
    assert office.directory.user("security-admin").groups == frozenset()


def test_a_second_post_joins_the_first_and_the_same_unit_gets_the_new_title(office):
    add_unit(office, "budget", "预算处", "department", by=SYSTEM_ACTOR, parent="finance")
    run(office, ZHAO)
    run(office, HEAD + "zhaoyi,,,budget,处长,\nzhaoyi,,,finance,副局长,\n")
    assert set(office.directory.user("zhaoyi").posts) == {
        Post("budget", "处长"),
        Post("finance", "副局长"),
    }


@pytest.mark.parametrize(
    "text",
    ["", "姓名,单位\n", "用户名,用户名\n", "用户名\n", "用户名,工资\n", 'id,name\n"a,b\n', "id\n" + "x1\n" * 101],
)  # fmt: skip
def test_what_is_no_table(text):
    with pytest.raises(Invalid):
        read_people(text, most=100)


def test_columns_in_any_order_short_lines_and_empty_ones():
    lines = read_people("姓名,ID\n赵一,zhaoyi\n\n,\n钱二\n", most=100)
    assert [(line.number, line.id, line.name) for line in lines] == [
        (2, "zhaoyi", "赵一"),
        (5, "", "钱二"),
    ]


def test_it_reads_what_spreadsheets_write():
    assert decoded("\ufeff姓名".encode()) == "姓名"
    assert decoded("姓名".encode("gb18030")) == "姓名"
    with pytest.raises(Invalid):
        decoded(b"\xff\xff\xff")


def test_a_spreadsheet_says_the_same_as_its_text():
    book = Workbook()
    book.active.append(["用户名", "姓名", "单位"])
    book.active.append(["wangwu", "王五", None])
    content = io.BytesIO()
    book.save(content)

    (line,) = read_people(decoded(content.getvalue()), most=10)

    assert (line.id, line.name, line.unit) == ("wangwu", "王五", "")


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"PK" + bytes(100)])
def test_what_is_no_spreadsheet(content):
    with pytest.raises(Invalid, match="XLSX"):
        decoded(content)
