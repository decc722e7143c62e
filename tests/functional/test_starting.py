"""What a start does not wait for: templates that were compiled before, and libraries that the first page needs not."""

import subprocess
import sys

import pytest

from egov.app import configure
from egov.web.rendering import Template
from egov.web.template_cache import KeptTemplates

LATER = ("pypinyin", "rjieba", "openpyxl", "ldap3", "authlib", "pypdf")
START = """
import sys, warnings
warnings.simplefilter("ignore")
from egov.app import configure, make_app
make_app(configure({"zodbconn.uri": "memory://"}))
print(" ".join(sys.modules))
"""


def test_a_start_leaves_what_a_page_needs_not():
    told = subprocess.run([sys.executable, "-c", START], capture_output=True, text=True, check=True)

    assert set(LATER) & set(told.stdout.split()) == set()


@pytest.fixture
def kept(tmp_path):
    return KeptTemplates(tmp_path / "templates")


def files(kept):
    return sorted(kept._folder.iterdir())


def test_a_template_is_compiled_once_for_all_starts(kept, tmp_path):
    assert kept.get("a.py") is None
    kept.build("x = 1", "a.py")

    assert KeptTemplates(tmp_path / "templates").get("a.py")["x"] == 1
    assert [path.name for path in files(kept)] == ["a.py"]
    assert kept._folder.stat().st_mode & 0o77 == 0


@pytest.mark.parametrize("left", [b"", b"x" * 10, None], ids=["empty", "short", "flipped"])
def test_what_a_power_cut_has_left_does_not_count(kept, left):
    kept.build("x = 1", "a.py")
    content = files(kept)[0].read_bytes()
    files(kept)[0].write_bytes(content[:-1] + bytes([content[-1] ^ 1]) if left is None else left)

    assert kept.get("a.py") is None
    assert kept.build("x = 2", "a.py")["x"] == 2
    assert kept.get("a.py")["x"] == 2


def test_a_template_that_cannot_be_kept_is_used_all_the_same(kept, caplog):
    kept._folder.rmdir()

    assert kept.build("x = 1", "a.py")["x"] == 1
    assert "is not kept" in caplog.text


@pytest.mark.parametrize("by", ["setting", "systemd"])
def test_the_folder_is_the_offices_or_systemds(by, tmp_path, monkeypatch):
    monkeypatch.setattr(Template, "loader", Template.loader)
    monkeypatch.delenv("CHAMELEON_CACHE")
    settings = {"zodbconn.uri": "memory://"}
    if by == "setting":
        settings["egov.template_cache_dir"] = str(tmp_path / "templates")
    else:
        monkeypatch.setenv("CACHE_DIRECTORY", str(tmp_path))

    config = configure(settings)

    assert Template.loader._folder.parent == tmp_path / "templates"
    config.registry._zodb_databases[""].close()
