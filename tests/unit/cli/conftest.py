"""A command line of one's own: an ini file and an empty folder for the database."""

import pytest
from click.testing import CliRunner

from egov.cli.database import open_site
from egov.cli.main import main

INI = """
[app:main]
use = egg:egov
zodbconn.uri = file://{folder}/Data.fs?blobstorage_dir={folder}/blobs
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Type a command; returns its result, and fails if it ended with a traceback."""
    (tmp_path / "egov.ini").write_text(INI.format(folder=tmp_path), "utf-8")
    monkeypatch.setenv("EGOV_CONFIG", str(tmp_path / "egov.ini"))

    def typed(*words, status=0, typed=None):
        result = CliRunner().invoke(main, words, input=typed)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == status, result.output
        return result

    return typed


@pytest.fixture
def stored(run):
    """Look into the database that the commands wrote."""
    return open_site
