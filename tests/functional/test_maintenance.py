"""While a file stands, every page is a word about maintenance; nothing else of the site answers."""

import pytest
from click.testing import CliRunner
from webtest import TestApp

from egov.cli import main
from egov.web.maintenance import Maintenance


@pytest.fixture
def flag(tmp_path):
    return tmp_path / "maintenance"


@pytest.fixture
def visitor(wsgi, flag):
    return TestApp(Maintenance(wsgi, str(flag)))


def test_the_site_answers_while_no_file_stands(visitor):
    assert "临江市人民政府" in visitor.get("/")


@pytest.mark.parametrize("path", ["/", "/finance", "/manage", "/login", "/sitemap.xml"])
def test_every_page_tells_of_maintenance(visitor, flag, path):
    flag.write_text("今晚 20:00 恢复 <b>", "utf-8")
    answer = visitor.get(path, status=503)

    assert "今晚 20:00 恢复 &lt;b&gt;" in answer
    assert answer.headers["Retry-After"] == "600"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.html.select('link[rel="stylesheet"]')


def test_styles_and_health_go_on(visitor, flag):
    flag.touch()
    visitor.get("/-/health", status=200)
    visitor.get("/static/public/tokens.css", status=200)
    assert "暂时不能访问，请稍后再来" in visitor.get("/", status=503)


def test_the_command_begins_and_ends_it(tmp_path, monkeypatch, flag):
    config = tmp_path / "e.ini"
    config.write_text(f"[app:main]\nuse = egg:egov\negov.maintenance_file = {flag}\n")
    monkeypatch.setenv("EGOV_CONFIG", str(config))
    runner = CliRunner()
    assert runner.invoke(main, ["maintenance", "on", "明早恢复"]).exit_code == 0
    assert flag.read_text("utf-8") == "明早恢复"
    assert runner.invoke(main, ["maintenance", "off"]).exit_code == 0
    assert not flag.exists()
    config.write_text("[app:main]\nuse = egg:egov\n")
    assert runner.invoke(main, ["maintenance", "on"]).exit_code == 1
