"""Opening the database that the ini file names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from configparser import Error as ConfigError
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import transaction
from plaster.exceptions import PlasterError
from pyramid.paster import get_appsettings

from egov.app import configure
from egov.base.errors import Invalid
from egov.base.i18n import _
from egov.base.settings import Settings, read_settings
from egov.evolve.running import refuse_before_steps
from egov.model.site import SiteGroup
from egov.operations.setup import ROOT_KEY
from egov.storage.opening import files_of, remove

DEFAULT_CONFIG = "development.ini"


def config_path() -> str:
    """The ini file: EGOV_CONFIG, or development.ini in this folder."""
    return os.environ.get("EGOV_CONFIG", DEFAULT_CONFIG)


@contextmanager
def open_root(*, create: bool = False, evolving: bool = False) -> Iterator[Any]:
    """The root of the database, committed at the end, rolled back on an error.

    Raises ClickException where there is no ini file, or no database and it may not be made; Refused where
    upgrade steps must be done first, unless it is opened for `evolving`.
    """
    settings = _settings()
    files = files_of(uri())
    is_new = create and files is not None and not Path(files.data).exists()
    config = configure(settings, create=create)  # opens the database
    config.commit()  # makes the content types known
    database = config.registry._zodb_databases[""]
    connection = database.open()
    is_done = False
    try:
        root = connection.root()
        if not evolving:
            refuse_before_steps(root)
        yield root
        transaction.commit()
        is_done = True
    finally:
        transaction.abort()
        connection.close()
        database.close()
        if files and is_new and not is_done:
            remove(files)


def _settings() -> dict[str, Any]:
    path = config_path()
    if not Path(path).exists():
        raise click.ClickException(
            f"没有找到配置文件 {path}。请在项目目录中运行，或设置 EGOV_CONFIG。"
        )
    try:
        return dict(get_appsettings(path))
    except (ConfigError, PlasterError, ImportError, LookupError, ValueError) as error:
        facts = {"path": path, "error": str(error)}
        raise Invalid(_("配置文件 ${path} 不能用：${error}", mapping=facts)) from None


def uri() -> str:
    """The database's URI in the ini file; raises ClickException where there is no ini file, or none in it."""
    found = _settings().get("zodbconn.uri")
    if not found:
        raise click.ClickException(f"{config_path()} 中没有 zodbconn.uri。")
    return str(found)


@contextmanager
def application() -> Iterator[Any]:
    """The whole application on the database of the ini file, as visitors meet it; the server must be stopped."""
    config = configure(_settings() | {"egov.media_host": ""})  # what is asked here is answered here
    app = config.make_wsgi_app()
    try:
        yield app
    finally:
        config.registry._zodb_databases[""].close()


def egov_settings() -> Settings:
    """egov's own settings in the ini file."""
    return read_settings(_settings())


@contextmanager
def open_site() -> Iterator[SiteGroup]:
    """The site group of the database; raises ClickException if there is none."""
    with open_root() as root:
        if ROOT_KEY not in root:
            raise click.ClickException("数据库中还没有网站群。请先运行 egov init。")
        yield root[ROOT_KEY]
