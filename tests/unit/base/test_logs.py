"""The log for programs, as the configurations in etc/ offer it."""

import configparser
import json
import logging
from importlib import import_module
from pathlib import Path

import pytest

ETC = Path(__file__).parents[3] / "etc"


@pytest.fixture(params=["production.ini", "cluster.ini", "postgres.ini"])
def formatter(request):
    """What `formatter = json` stands for in a configuration."""
    ini = configparser.ConfigParser(interpolation=None)
    ini.read(ETC / request.param, "utf-8")
    assert "json" in ini["formatters"]["keys"]
    module, _dot, name = ini["formatter_json"]["class"].rpartition(".")
    return getattr(import_module(module), name)()


def record(message, *args, error=None):
    info = (type(error), error, None) if error else None
    return logging.LogRecord("egov.web", logging.ERROR, "", 0, message, args, info)


def test_each_line_is_one_object_with_the_id_of_the_request(formatter):
    line = formatter.format(
        record("request %s failed:\n%s", "4f6a2b1c9d0e7f35", "财政", error=ValueError("odd"))
    )
    told = json.loads(line)

    assert "\n" not in line
    assert told["request"] == "4f6a2b1c9d0e7f35"
    assert (told["level"], told["logger"]) == ("ERROR", "egov.web")
    assert told["message"] == "request 4f6a2b1c9d0e7f35 failed:\n财政"
    assert "ValueError: odd" in told["traceback"]


def test_what_belongs_to_no_request_names_none(formatter):
    told = json.loads(formatter.format(record("a request somewhere is refused")))
    assert told.keys() == {"time", "level", "logger", "process", "message"}
    assert told["time"].endswith("+00:00")
