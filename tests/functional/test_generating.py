"""Filling a site for load trials."""

from click.testing import CliRunner

from egov.cli import main
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
