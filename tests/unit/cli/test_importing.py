"""Importing: every line whole or not at all, with its number and the reason (docs/import.md)."""

import json
from datetime import timedelta

import pytest
import transaction

from egov.base import clock
from egov.cli import importing
from egov.cli import people as people_command
from egov.cli.importing import BATCH
from egov.operations.batches import batches_of, open_batches, run_batches
from egov.operations.content import create
from egov.security.passwords import verify
from egov.security.principals import SYSTEM_ACTOR
from tests.support.world import PASSWORD

FULL = {
    "title": "关于供水的通知",
    "index_no": "4299/2026-00001",
    "issuer": "市府办",
    "written_on": "2026-03-01",
    "published": "2026-03-02",
    "keywords": ["供水", "通知"],
    "body": "<p>分区供水。<script>alert(1)</script></p>",
    "attachments": ["附件/表.csv"],
}


@pytest.fixture
def folder(tmp_path):
    """A folder to import from, with one attachment, and a file outside it."""
    folder = tmp_path / "in"
    (folder / "附件").mkdir(parents=True)
    (folder / "附件/表.csv").write_text("甲,乙\n", "utf-8")
    (tmp_path / "secret.txt").write_text("secret", "utf-8")
    return folder


@pytest.fixture
def imported(run, stored, folder):
    """Import lines into a section; returns what was said, and the section's items by name."""
    run("init", "--password", PASSWORD)
    with stored() as site:
        create(site, "section", {"title": "政策文件"}, by=SYSTEM_ACTOR, name="zcwj")

    def done(*lines, options=(), status=0):
        file = folder / "documents.jsonl"
        raw = [
            x if isinstance(x, bytes) else json.dumps(x, ensure_ascii=False).encode() for x in lines
        ]
        file.write_bytes(b"\n".join(raw))
        result = run("import", "documents", str(file), "--into", "/zcwj", *options, status=status)
        assert "没有发现问题" in run("check").output
        return result.output

    return done


def test_a_whole_line_becomes_a_draft_with_its_file(imported, stored):
    assert "导入 1 条，未导入 0 条" in imported(FULL)

    with stored() as site:
        item = site["zcwj"]["guan-yu-gong-shui-de-tong-zhi"]
        assert (item.type_name, item.state, item.live) == ("official_document", "draft", None)
        assert item.work.values["body"] == "<p>分区供水。</p>"
        assert item.work.values["keywords"] == ("供水", "通知")
        (file,) = item.work.values["attachments"]
        with file.open() as stream:
            assert stream.read().decode() == "甲,乙\n"


def test_published_lines_are_on_line_under_their_own_day(imported, stored):
    imported(FULL, options=["--publish"])

    with stored() as site:
        (item,) = site["zcwj"].values_in_order()
        assert item.state == "published"
        assert item.published_at.isoformat() == "2026-03-02T01:00:00+00:00"
        made = [r for r in site.audit.newest() if r.target == item.uid]
        assert [(r.action, r.actor) for r in made] == [
            ("publish", "system"), ("approve", "system"), ("submit", "system"), ("create", "system"),
        ]  # fmt: skip


def test_other_types_and_names_can_be_told(imported, stored):
    imported({"type": "article", "name": "gs", "title": "供水"})

    with stored() as site:
        assert site["zcwj"]["gs"].type_name == "article"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{not json", "不是 UTF-8 编码的 JSON"),
        (b'"a word"', "不是一个 JSON 对象"),
        (b"[" * 100_000, "不是 UTF-8 编码的 JSON"),
        (b'{"title": "\xff"}', "不是 UTF-8 编码的 JSON"),
        (b'{"title": "a\\ud800b"}', "不是 UTF-8 编码的 JSON"),
        ({"title": " "}, "请填写标题"),
        ({"body": "<p>没有标题</p>"}, "有内容需要修改"),
        ({"title": "长" * 201}, "有内容需要修改：标题"),
        ({"title": ["列表"]}, "有内容需要修改：标题"),
        ({"title": "甲", "written_on": "去年"}, "有内容需要修改：成文日期"),
        ({"title": "甲", "written_on": 2026}, "有内容需要修改：成文日期"),
        ({"title": "甲", "body": {"p": 1}}, "有内容需要修改：正文"),
        ({"title": "甲", "keywords": [1]}, "有内容需要修改：主题词"),
        ({"title": "甲", "type": "no_such"}, "没有名为“no_such”的内容类型"),
        ({"title": "甲", "type": ["article"]}, "type 和 name 须是文字"),
        ({"title": "甲", "type": "subsite"}, "不能添加"),
        ({"title": "甲", "name": "Not A Name"}, "不能用于网址"),
        ({"title": "甲", "name": 7}, "type 和 name 须是文字"),
        ({"title": "甲", "name": "taken"}, "已有名为“taken”的内容"),
        ({"title": "甲", "index_no": "T-1"}, "“T-1”已被其他文件使用"),
        ({"title": "甲", "attachments": "附件/表.csv"}, "附件不是列表"),
        ({"title": "甲", "attachments": ["没有.csv"]}, "没有找到附件“没有.csv”"),
        ({"title": "甲", "attachments": ["../secret.txt"]}, "没有找到附件“../secret.txt”"),
        ({"title": "甲", "attachments": ["/etc/hostname"]}, "没有找到附件“/etc/hostname”"),
        ({"title": "甲", "attachments": ["out/secret.txt"]}, "没有找到附件“out/secret.txt”"),
        ({"title": "甲", "attachments": ["附件"]}, "没有找到附件“附件”"),
        ({"title": "甲", "attachments": ["a\0b"]}, "没有找到附件"),
        ({"title": "甲", "attachments": ["a" * 5000]}, "没有找到附件"),
    ],
)
def test_a_refused_line_is_told_by_number_and_reason_and_leaves_nothing(
    line, reason, imported, stored, folder
):
    (folder / "out").symlink_to(folder.parent)
    good = [{"title": f"第{n}件"} for n in range(2)]
    taken = {"title": "先来的", "name": "taken", "index_no": "T-1"}

    output = imported(taken, line, b"", *good, status=1)

    told = [text for text in output.splitlines() if text.startswith("第 2 行没有导入：")]
    assert len(told) == 1
    assert reason in told[0]
    assert "导入 3 条，未导入 1 条" in output
    with stored() as site:
        assert [n.title for n in site["zcwj"].values_in_order()] == ["先来的", "第0件", "第1件"]
        assert len([r for r in site.audit.newest() if r.action == "create"]) == 5


def test_a_line_that_fails_half_way_to_publication_leaves_nothing(imported, stored):
    """It has been created, with its file, when the submission finds that the date is missing."""
    without = {key: value for key, value in FULL.items() if key != "written_on"}
    wrong_day = {**FULL, "published": "早春"}

    output = imported(without, FULL, wrong_day, options=["--publish"], status=1)

    assert "第 1 行没有导入：提交之前还有必填内容没有填写" in output
    assert "第 3 行没有导入：发布日期“早春”的写法不对" in output
    with stored() as site:
        assert [n.state for n in site["zcwj"].values_in_order()] == ["published"]


def test_more_than_a_batch_with_files_and_refusals_between(imported, stored, folder):
    for number in range(BATCH + 20):
        (folder / f"{number}.txt").write_text(f"文件 {number}", "utf-8")
    lines = [
        {"title": f"第{n}件", "attachments": [f"{n}.txt", *(["missing"] if n % 30 == 7 else [])]}
        for n in range(BATCH + 20)
    ]

    output = imported(*lines, status=1)

    assert "导入 116 条，未导入 4 条" in output
    with stored() as site:
        for item in site["zcwj"].values_in_order():
            number = item.title.strip("第件")
            with item.work.values["attachments"][0].open() as stream:
                assert stream.read().decode() == f"文件 {number}"


def test_line_separators_within_a_text_do_not_cut_the_line(imported, stored):
    """JSON may hold U+2028 and its like as they are; only a line feed ends a line."""
    assert "导入 1 条" in imported({"title": "甲\u2028乙\x85丙", "summary": "一\u2029二"})

    with stored() as site:
        (item,) = site["zcwj"].values_in_order()
        assert item.title == "甲 乙 丙"


def test_a_byte_order_mark_and_windows_line_ends_are_taken(imported):
    assert "导入 2 条" in imported(b'\xef\xbb\xbf{"title": "\xe7\x94\xb2"}\r', b'{"title": "x"}\r')


def test_a_place_that_is_not_a_section_is_told(imported, run, folder):
    imported({"title": "甲", "name": "a"})
    file = str(folder / "documents.jsonl")

    assert "没有 /no 这个栏目" in run("import", "documents", file, "--into", "/no", status=1).output
    inside = run("import", "documents", file, "--into", "/zcwj/a", status=1).output
    assert "/zcwj/a 不是栏目" in inside


def test_people_are_tried_then_imported(run, tmp_path, stored):
    run("init", "--password", PASSWORD)
    table = tmp_path / "people.csv"
    table.write_text("用户名,姓名\nzhaoyi,赵一\nbad id,钱二\n", "utf-8")

    tried = run("import", "people", str(table), "--dry-run", status=1).output
    assert "共 2 行，未通过 1 行。没有保存。" in tried
    assert "初始密码" not in tried
    with stored() as site:
        assert site.directory.user("zhaoyi") is None

    done = run("import", "people", str(table), status=1).output
    assert "第 2 行 zhaoyi：已建立账号，初始密码：" in done
    assert "第 3 行 bad id：用户名须以小写字母开头" in done
    with stored() as site:
        assert site.directory.user("zhaoyi").name == "赵一"


class Killed(BaseException):
    """The command was killed."""


def killed_at(monkeypatch, module, name, number):
    """Let the process die when it comes to a line for the so-manieth time; later it lives on."""
    real, calls = getattr(module, name), []

    def dying(*args, **kwargs):
        calls.append(args)
        if len(calls) == number:
            raise Killed
        return real(*args, **kwargs)

    monkeypatch.setattr(module, name, dying)


def test_a_killed_import_goes_on_where_it_stood_with_one_summary(imported, stored, monkeypatch):
    lines = [
        FULL | {"title": f"第{n}号", "index_no": f"4299/2026-{n:05}", "attachments": []}
        for n in range(BATCH + 20)
    ]
    lines[3] = {"title": "缺正文的类型", "type": "nonsense"}
    killed_at(monkeypatch, importing, "import_line", BATCH + 15)  # in the second hundred
    with pytest.raises(Killed):
        imported(*lines)
    with stored() as site:
        assert len(site["zcwj"]) == BATCH - 1
        (batch,) = open_batches(site)
        assert (batch.place, batch.failed) == (BATCH, 1)
        assert run_batches(site, transaction.manager) == 0  # the jobs leave it to the command

    assert "请半分钟后再试" in imported(
        *lines, status=1
    )  # for all that anybody knows it still runs
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        told = imported(*lines, status=1)
    assert f"前 {BATCH} 行上次已办" in told
    assert "第 4 行没有导入" in told
    assert f"导入 {BATCH + 19} 条，未导入 1 条" in told
    with stored() as site:
        titles = [n.title for n in site["zcwj"].values_in_order()]
        assert len(titles) == len(set(titles)) == BATCH + 19
        assert list(open_batches(site)) == []


def test_another_file_is_another_import(imported, stored, monkeypatch):
    killed_at(monkeypatch, importing, "import_line", 1)
    with pytest.raises(Killed):
        imported(FULL | {"title": "甲"})
    assert "上次" not in imported(FULL | {"title": "乙"})
    with stored() as site:
        assert [n.title for n in site["zcwj"].values_in_order()] == ["乙"]


def everything_in(site):
    """All that batches keep, as one text."""
    batches = batches_of(site)._kept.values()
    return repr(
        [(b.arguments, list(b.things.values()), list(b.outcomes.values())) for b in batches]
    )


def test_people_go_on_after_a_kill_and_no_password_is_kept(run, tmp_path, stored, monkeypatch):
    run("init", "--password", PASSWORD)
    table = tmp_path / "people.csv"
    count = people_command.PIECE + 5
    rows = [f"person{n},人员{n},p{n}@example.gov.cn" for n in range(count)]
    table.write_text("用户名,姓名,邮箱\n" + "\n".join(rows) + "\nbad id,钱二,\n", "utf-8")
    killed_at(monkeypatch, people_command, "import_line", people_command.PIECE + 3)
    with pytest.raises(Killed):
        run("import", "people", str(table))
    with stored() as site:
        assert site.directory.user(f"person{people_command.PIECE - 1}") is not None
        assert site.directory.user(f"person{people_command.PIECE}") is None

    with clock.frozen(clock.now() + timedelta(minutes=1)):
        told = run("import", "people", str(table), status=1).output
    assert f"前 {people_command.PIECE} 行上次已办" in told
    assert f"person{count - 1}：已建立账号，初始密码：" in told
    assert f"共 {count + 1} 行，未通过 1 行。" in told
    passwords = [line.split("初始密码：")[1] for line in told.splitlines() if "初始密码：" in line]
    assert len(passwords) == 5
    with stored() as site:
        kept = everything_in(site)
        assert "person3" in kept
        assert not [password for password in passwords if password in kept]
        assert "@example.gov.cn" not in kept


def test_a_password_is_told_once_also_where_a_piece_is_done_again(run, tmp_path, stored):
    run("init", "--password", PASSWORD)
    table = tmp_path / "people.csv"
    table.write_text("用户名,姓名\nzhaoyi,赵一\nbad id,钱二\nsunsan,孙三\n", "utf-8")
    told = run("import", "people", str(table), status=1).output
    for person in ("zhaoyi", "sunsan"):
        assert told.count(f"{person}：已建立账号，初始密码：") == 1
    password = told.split("zhaoyi：已建立账号，初始密码：")[1].splitlines()[0]
    with stored() as site:
        assert verify(site.directory.user("zhaoyi").password_hash, password)
