"""The bare application that egov is measured against: Pyramid and Chameleon as they come, and no database."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from chameleon import PageTemplateFile
from pyramid.config import Configurator

FOLDER = Path(__file__).parent


class _Renderer:
    """As plain as a renderer can be: the template gets what the view returned, and nothing else."""

    def __init__(self, info):
        self._template = _template(info.name)

    def __call__(self, value, _system):
        return self._template.render(**value)


@cache
def _template(path):
    return PageTemplateFile(path)


def bare_app(values):
    """An application with one page of about egov's size, and an empty view at /empty."""
    config = Configurator(settings={"pyramid.default_locale_name": "zh_Hans"})
    config.add_renderer(".pt", _Renderer)
    config.add_route("page", "/page")
    config.add_route("empty", "/empty")
    config.add_view(lambda _request: values, route_name="page", renderer=str(FOLDER / "bare.pt"))
    config.add_view(lambda request: request.response, route_name="empty")
    return config.make_wsgi_app()
