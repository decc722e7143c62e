"""The bare Pyramid+Chameleon application that egov is measured against: same template engine, no database."""

from __future__ import annotations

from pathlib import Path

from pyramid.config import Configurator

FOLDER = Path(__file__).parent


def bare_app(values):
    """An application with one page of about egov's size, and an empty view at /empty."""
    config = Configurator(settings={"pyramid.default_locale_name": "zh_Hans"})
    config.include("egov.web.rendering")
    config.add_route("page", "/page")
    config.add_route("empty", "/empty")
    config.add_view(lambda _request: values, route_name="page", renderer=str(FOLDER / "bare.pt"))
    config.add_view(lambda request: request.response, route_name="empty")
    return config.make_wsgi_app()
