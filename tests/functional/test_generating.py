"""Filling a site for load trials."""

from itertools import islice

from click.testing import CliRunner

from egov.cli import main
from egov.cli.generating import CHARACTERS, lines_of
from tests.soak.worker import uri_of
from tests.support.world import PASSWORD


def test_invented_items_and_repeated_lines(tmp_path, monkeypatch):
    config, lines = tmp_path / "test.ini", tmp_path / "lines.jsonl"
    config.write_text(f"[app:main]\nuse = egg:egov\nzodbconn.uri = {uri_of(tmp_path)}\n")
    lines.write_text(
        '{"type": "article", "title": "标题", "body": "<p>正文</p>", "source": "甲", "name": "one"}\n'
    )
    monkeypatch.setenv("EGOV_CONFIG", str(config))

    def run(*args):
        return CliRunner().invoke(main, [str(arg) for arg in args])

    assert run("init", "--password", PASSWORD).exit_code == 0
    assert run("generate", "--items", 5, "--into", "/").exit_code == 0
    assert run("generate", "--items", 3, "--into", "/", "--from", lines).exit_code == 0
    assert run("generate", "--items", 3, "--into", "/nowhere").exit_code == 1
    assert "没有发现问题" in run("doctor").output


def test_a_text_is_cut_into_items_and_used_again_and_again(tmp_path):
    text, numbered = tmp_path / "law.md", tmp_path / "z.jsonl"
    text.write_text(f"# 某法\n## 第一章\n第一条 甲。\n{'乙' * CHARACTERS}\n丙。\n## 第二章\n丁。\n")
    numbered.write_text('{"type": "official_document", "title": "令", "index_no": "A/1"}\n')

    found = list(islice(lines_of((tmp_path,)), 8))

    assert [facts["title"] for facts in found] == [
        "某法 第一章",
        "某法 第一章",
        "某法 第二章",
        "令",
    ] * 2
    assert found[1]["body"] == "<p>丙。</p>"
    assert [facts["index_no"] for facts in found[3::4]] == ["A/1-1", "A/1-2"]
