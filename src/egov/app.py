"""The table of contents: what the application consists of, in order."""

from __future__ import annotations

import gc
from functools import partial
from typing import Any

import pyramid_zodbconn
from pyramid.config import Configurator

from egov.base.errors import Invalid
from egov.base.i18n import _
from egov.base.memory import gather
from egov.model.placement import Placement
from egov.model.site import Section, SiteGroup, Subsite
from egov.search.index import SearchIndex, working_index
from egov.storage.opening import open_database
from egov.web.cache import PageCache
from egov.web.connections import Connections
from egov.web.maintenance import Maintenance
from egov.web.media_host import MediaHost
from egov.web.request import EgovRequest
from egov.web.root import root_factory

_YOUNG = 10_000  # objects that a process makes before it looks for garbage among them


def configure(settings: dict[str, Any], *, create: bool = False) -> Configurator:
    """A configurator with everything included; only with `create` is a database made.

    Raises Invalid for a setting that does not exist, NoDatabase and Refused as the storage does.
    """
    if not settings.get("zodbconn.uri"):
        raise Invalid(_("配置文件中没有 zodbconn.uri。"))
    settings.setdefault("tm.annotate_user", "false")  # nobody reads it, and every request would pay
    config = Configurator(settings=settings, root_factory=root_factory, request_factory=EgovRequest)
    config.add_request_method(None, name="tm")  # the request class has it
    config.include("pyramid_retry")
    config.include("pyramid_tm")
    pyramid_zodbconn.includeme(config, partial(open_database, create=create))
    database = config.registry._zodb_databases[""]
    database.setActivityMonitor(None)  # nobody reads it, either
    config.registry.connections = Connections(database)
    config.include("egov.web.rendering")
    folder = settings.get("egov.search_dir", "")
    config.registry.search = SearchIndex(folder) if folder else None
    config.registry.working_search = working_index(folder) if folder else None
    config.include("egov.web")  # brings the directives that the rooms below use
    for cls in (SiteGroup, Subsite, Section, Placement):
        config.add_content_type(cls)
    config.include("egov.features.content")
    config.include("egov.manage")
    config.include("egov.public")
    config.include("egov.features.corrections")
    config.include("egov.features.readership")
    config.include("egov.features.subscriptions")
    return config


def settle() -> None:
    """Leave what a process has made for good out of the collection of garbage, which would walk over it for ever.

    Each walk over a whole application takes a quarter of a second, during which nobody is answered. Young objects are
    looked through less often than usual: by then most of what a request has made is gone by itself. What stays is laid
    in large pages of memory.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, *gc.get_threshold()[1:])
    gather()


def make_app(config: Configurator) -> Any:
    """The whole WSGI application: the router, behind the page cache and the word about maintenance."""
    application = config.make_wsgi_app()
    settings, database = config.registry.egov, config.registry._zodb_databases[""]
    # With no memory it keeps nothing, and still spares a browser the page that it has.
    application = PageCache(application, database, settings.page_cache_mb << 20)
    if settings.media_host:
        application = MediaHost(application, settings.media_host)
    if settings.maintenance_file:
        application = Maintenance(application, settings.maintenance_file)
    return application
