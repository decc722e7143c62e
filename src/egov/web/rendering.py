"""Chameleon templates as Pyramid renderers: compiled once per process, one at a time, each with few names.

Chameleon copies every name for every macro, so a template gets what its view returns, `request` and
`get_csrf_token`, and nothing else. Compiling takes a lock: CPython 3.11 cannot build syntax trees in two threads at
once ("AST constructor recursion depth mismatch"), and the first requests after a start arrive together.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from threading import RLock
from typing import Any

from chameleon import PageTemplateFile
from chameleon.i18n import simple_translate
from pyramid.path import AssetResolver
from translationstring import ChameleonTranslate

SOURCE_LOCALE = "zh_Hans"
LOCALES = {SOURCE_LOCALE: "简体中文", "en": "English"}
LOCALE_COOKIE = "egov_lang"

_compiling = RLock()


class Template(PageTemplateFile):
    """A template file that no two threads compile at the same time."""

    def cook(self, body: str) -> None:
        """Compile."""
        with _compiling:
            super().cook(body)


@cache
def template_at(path: str, reload: bool = False) -> Template:
    """The template of a file, the same one for every application of the process."""
    return Template(path, auto_reload=reload)


def translator_of(request: Any) -> Callable[..., str]:
    """What translates messages to the reader's language; the source language only fills in the names."""
    if request.locale_name == SOURCE_LOCALE:
        return simple_translate
    translate: Callable[..., str] = ChameleonTranslate(request.localizer.translate)
    return translate


def locale_of(request: Any) -> str | None:
    """The language that a person chose for the back office; visitors read what was written."""
    if not request.environ["PATH_INFO"].startswith(("/manage", "/login")):
        return None
    chosen = request.cookies.get(LOCALE_COOKIE)
    return chosen if chosen in LOCALES else None


@cache
def _path_of(package: Any, name: str) -> str:
    # Pyramid makes a renderer for every request; what it is made from never changes.
    path: str = AssetResolver(package).resolve(name).abspath()
    return path


class _Renderer:
    def __init__(self, info: Any) -> None:
        reload = bool(info.settings.get("reload_templates"))
        self._template = template_at(_path_of(info.package, info.name), reload)

    def __call__(self, value: dict[str, Any], system: dict[str, Any]) -> str:
        request = system["request"]
        markup: str = self._template.render(
            **value,
            request=request,
            get_csrf_token=system["get_csrf_token"],
            translate=translator_of(request),
        )
        return markup


def includeme(config: Any) -> None:
    """Let views name `.pt` files as their renderers, and translate what they say."""
    config.add_renderer(".pt", _Renderer)
    config.add_translation_dirs("egov:locale")
    config.set_locale_negotiator(locale_of)
