"""Chameleon templates as Pyramid renderers: compiled once per process and language, one at a time, with few names.

Chameleon copies every name for every macro, so a template gets what its view returns, `request`, `lang`,
`get_csrf_token` and `form_token`, and nothing else. Compiling takes a lock: CPython 3.11 cannot build syntax trees in
two threads at once ("AST constructor recursion depth mismatch"), and the first requests after a start arrive together.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from functools import cache
from html import escape
from importlib import resources
from threading import RLock
from typing import Any

from babel.messages.pofile import read_po
from chameleon import PageTemplateFile
from chameleon.i18n import simple_translate
from chameleon.tales import PythonExpr
from chameleon.utils import Scope
from pyramid.path import AssetResolver
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

    def cook(self, body: str) -> None:
        """Compile, fixed messages in place."""
        catalog = catalog_of(self.locale)

        def translated(found: re.Match[str]) -> str:
            msgid = " ".join(found[2].split())
            return found[1] + escape(catalog.get(msgid, msgid), quote=False)

        with _compiling:
            super().cook(_FIXED.sub(translated, body))
            compiled: Any = self._render

        def render(stream: Any, names: Any, *args: Any, **kw: Any) -> None:
            # As items: copied as a dictionary, Chameleon's own would be asked for each name, in Python.
            compiled(stream, _Names(dict.items(names)), *args, **kw)

        self._render = render


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


class _Renderer:
    def __init__(self, info: Any) -> None:
        self._path = _path_of(info.package, info.name)
        self._reload = bool(info.settings.get("reload_templates"))

    def __call__(self, value: dict[str, Any], system: dict[str, Any]) -> bytes:
        request = system["request"]
        locale = request.locale_name
        markup: str = template_at(self._path, locale, self._reload).render(
            **value,
            request=request,
            get_csrf_token=system["get_csrf_token"],
            form_token=new_token,
            lang=LANG[locale],
            static_v=STATIC_VERSION,
            translate=translator_for(locale),
        )
        return markup.encode()  # a response of bytes need not ask for its charset again and again


def includeme(config: Any) -> None:
    """Let views name `.pt` files as their renderers, and translate what they say."""
    config.add_renderer(".pt", _Renderer)
    config.set_locale_negotiator(locale_of)
