"""Chameleon templates as Pyramid renderers: compiled once per process and language, one at a time, with few names.

Chameleon copies every name for every macro, so a template gets what its view returns, `request`, `lang`,
`get_csrf_token` and `form_token`, and nothing else. Compiling takes a lock: CPython 3.11 cannot build syntax trees in
two threads at once ("AST constructor recursion depth mismatch"), and the first requests after a start arrive together.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from functools import cache, partial
from html import escape
from importlib import resources
from threading import RLock
from typing import Any

from babel.messages.pofile import read_po
from chameleon import PageTemplateFile
from chameleon.i18n import simple_translate
from chameleon.tal import RepeatDict
from chameleon.tales import PythonExpr
from chameleon.utils import Scope
from pyramid.csrf import get_csrf_token
from pyramid.path import AssetResolver
from pyramid.response import Response
from pyramid.viewderivers import VIEW
from translationstring import TranslationString

from egov.base.i18n import Message, told
from egov.base.ids import new_token
from egov.model.node import Node
from egov.model.site import language_of
from egov.web.static_version import STATIC_VERSION

SOURCE_LOCALE = "zh_Hans"
LOCALES = {SOURCE_LOCALE: "简体中文", "en": "English"}
LANG = {SOURCE_LOCALE: "zh-Hans", "en": "en"}  # as HTML names them
LOCALE_COOKIE = "egov_lang"

_compiling = RLock()


class _Names(Scope):
    """A template's names as a plain dictionary: Chameleon's own asks two, in Python, for every name on a page.

    It does so to let a macro set a name for everybody; ours do not.
    """

    __slots__ = ()

    __getitem__ = dict.__getitem__
    __contains__ = dict.__contains__
    __iter__ = dict.__iter__  # Python copies a dictionary at once only if nobody meddles with this
    get: Any = dict.get
    get_name: Any = dict.__getitem__

    def copy(self) -> _Names:
        """The names for a macro."""
        return _Names(self)


class _AsWritten(PythonExpr):
    """Python as Python means it: Chameleon would look for an item where an object has no attribute.

    It does so by a function of its own for every dot on a page.
    """

    transform: Any = ast.NodeTransformer()  # changes nothing


# An element that holds a message and nothing else; what it holds is known when the template is compiled.
_FIXED = re.compile(r' i18n:translate=""([^>]*>)([^<>$&]+)(?=</)')


class Template(PageTemplateFile):
    """A template file in one language, which no two threads compile at the same time.

    Chameleon hands `locale` on to the files that a template loads.
    """

    expression_types = PageTemplateFile.expression_types | {"python": _AsWritten}
    locale = SOURCE_LOCALE
    _render: Any  # what Chameleon makes of the file

    def render(self, **names: Any) -> str:  # type: ignore[override]
        """The page that these names make."""
        return self.made_of(_Names(names))

    def made_of(self, names: _Names) -> str:
        """The same; an error is noted with the places in the templates where it occurred.

        Chameleon's own way makes each page's names a dictionary three times over.
        """
        self.cook_check()
        parts: list[str] = []
        state: dict[str, Any] = {}
        names.update(
            repeat=RepeatDict({}),
            target_language=None,
            __translate=names["translate"],
            __decode=bytes.decode,
            __on_error_handler=self.on_error_handler,
        )
        try:
            self._render(parts, names, state)
        except Exception as error:
            for expression, line, _column, filename, _error in state.get("__error__", ()):
                error.add_note(f"at {expression!r} in {filename}, line {line}")
            raise
        return "".join(parts)

    def cook(self, body: str) -> None:
        """Compile, fixed messages in place."""
        catalog = catalog_of(self.locale)

        def translated(found: re.Match[str]) -> str:
            msgid = " ".join(found[2].split())
            return found[1] + escape(catalog.get(msgid, msgid), quote=False)

        with _compiling:
            super().cook(_FIXED.sub(translated, body))


@cache
def template_at(path: str, locale: str, reload: bool = False) -> Template:
    """The template of a file in a language, the same one for every application of the process."""
    options: dict[str, Any] = {"locale": locale, "auto_reload": reload}
    return Template(path, **options)


@cache
def catalog_of(locale: str) -> dict[str, str]:
    """The messages of a language, read from its PO file; none for the source language."""
    path = resources.files("egov") / "locale" / locale / "LC_MESSAGES/egov.po"
    if locale == SOURCE_LOCALE or not path.is_file():
        return {}
    with path.open("rb") as source:
        return {str(m.id): str(m.string) for m in read_po(source) if m.id and m.string}


def translator_of(request: Any) -> Callable[..., str]:
    """What puts messages into the reader's language, for templates."""
    return translator_for(request.locale_name)


@cache
def translator_for(locale: str) -> Callable[..., str]:
    """What puts messages into a language, for templates."""
    catalog = catalog_of(locale)

    def translate(msgid: Any, mapping: Any = None, default: str | None = None, **kw: Any) -> str:
        if isinstance(msgid, TranslationString):
            return told(msgid, catalog)
        text: str = catalog.get(msgid) or default or msgid
        return simple_translate(msgid, mapping=mapping, default=text) if mapping else text

    return translate


def say_in(request: Any, message: Message) -> str:
    """A message as text in the reader's language."""
    return told(message, catalog_of(request.locale_name))


def locale_of(request: Any) -> str | None:
    """The language that a person chose for the back office; visitors get that of the part of the site they read."""
    if not request.environ["PATH_INFO"].startswith(("/manage", "/login")):
        context = getattr(request, "context", None)
        said = language_of(context) if isinstance(context, Node) else ""
        return said if said in LOCALES else None
    chosen = request.cookies.get(LOCALE_COOKIE)
    return chosen if chosen in LOCALES else None


@cache
def _path_of(package: Any, name: str) -> str:
    # Pyramid makes a renderer for every request; what it is made from never changes.
    path: str = AssetResolver(package).resolve(name).abspath()
    return path


def _shown(path: str, values: dict[str, Any], request: Any, csrf: Any, *, reload: bool) -> bytes:
    locale = request.locale_name
    names = _Names(
        values,
        request=request,
        get_csrf_token=csrf,
        form_token=new_token,
        lang=LANG[locale],
        static_v=STATIC_VERSION,
        translate=translator_for(locale),
    )
    # A response of bytes need not ask for its charset again and again.
    return template_at(path, locale, reload).made_of(names).encode()


def _reloads(settings: Any) -> bool:
    return bool(settings.get("reload_templates"))


class _Renderer:
    """For templates that no view names: parts of pages, and pages of errors."""

    def __init__(self, info: Any) -> None:
        self._path = _path_of(info.package, info.name)
        self._reload = _reloads(info.settings)

    def __call__(self, value: dict[str, Any], system: dict[str, Any]) -> bytes:
        return _shown(
            self._path, value, system["request"], system["get_csrf_token"], reload=self._reload
        )


def templated_view(view: Any, info: Any) -> Any:
    """Answer what a view returns by its template, where it has one.

    Pyramid's own way looks for the template, and for how an answer is made, anew for every page.
    """
    helper = info.options.get("renderer")
    if getattr(helper, "type", "") != ".pt":
        return view
    usual, reload = _path_of(helper.package, helper.name), _reloads(info.settings)

    def templated(context: Any, request: Any) -> Any:
        values = view(context, request)
        if values.__class__ is not dict:
            return values
        asked = vars(request)
        other = asked.pop("override_renderer", None)
        path = _path_of(info.package, other) if other else usual
        body = _shown(path, values, request, partial(get_csrf_token, request), reload=reload)
        if "response" not in asked:
            return Response(body)
        request.response.body = body
        return request.response

    return templated


def includeme(config: Any) -> None:
    """Let views name `.pt` files as their renderers, and translate what they say."""
    config.add_renderer(".pt", _Renderer)
    config.add_view_deriver(templated_view, under="rendered_view", over=VIEW)
