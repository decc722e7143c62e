"""Whole pages for visitors, kept in memory in front of the router.

A page may be kept when its view says so (`keep`) for somebody who is not signed in. It is given out again only while
the database says that nothing has changed that a public page may show: one number, the catalog's revision, which every
such change bumps in its own transaction. Whether the database has moved on at all costs no read; whether the number
has changed is read once per transaction, and at least every half second for storages that learn of others' commits
only by asking. So a publication shows at once on its own process and within a second on all others. While the database
server does not answer, nobody can publish either, and visitors go on reading what is here, for a minute.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterable
from email.utils import formatdate, parsedate_to_datetime
from threading import Lock
from time import monotonic
from typing import Any, NamedTuple, TypeAlias

from persistent.timestamp import TimeStamp
from transaction import TransactionManager

from egov.base import clock, ids
from egov.catalog.access import access_of
from egov.operations.setup import ROOT_KEY
from egov.storage.away import is_away, is_known_away
from egov.web.looks import look_of
from egov.web.reads import reads_of

_MARK, _NEVER = "egov.keep", "egov.never_keep"
_SESSION = "egov_session="
_ASK_AGAIN_SECONDS = 0.5
_STALE_SECONDS = 60  # of a database server that is restarted
_MAX_KEY = 400
_NEVER_KEPT = ("set-cookie", "date", "server", "x-request-id")

Start = Callable[..., Any]
# Look, path and question, each by itself: joined, the path "large/" would be the home page in large letters.
_Key: TypeAlias = tuple[str, str, str]


class _Page(NamedTuple):
    revision: int
    until: float  # a moment after which a right to see it may have ended, or something is due
    headers: list[tuple[str, str]]
    etag: str
    body: bytes
    is_read: bool  # by a person, and so counted; feeds and files are not


def keep(request: Any) -> None:
    """Let the answer to this request be given to other visitors until something public changes."""
    site = request.site
    if not request.actor.is_anonymous or site._p_jar is None or reads_of(request) is not None:
        return
    revision = site.catalog.revision
    if revision._p_changed:
        return  # as in a preview: only this request sees it so
    ends = access_of(site, request.actor.principals).until
    first = min(filter(None, (ends, site.catalog.agenda.next())), default=None)
    until = first.timestamp() if first is not None else float("inf")
    request.environ[_MARK] = (revision(), until, revision._p_serial)


def never_keep(request: Any) -> None:
    """Let nobody else have the answer to this request, whatever was said before: it holds a secret of the asker."""
    request.environ[_NEVER] = True


class PageCache:
    """A WSGI application around another; `limit` is the memory that bodies may take, in bytes."""

    def __init__(self, application: Any, database: Any, limit: int) -> None:
        self.application = application
        self.registry = getattr(
            application, "registry", None
        )  # so that scripts find it where it was
        self._visits = getattr(self.registry, "visits", None)
        self._database = database
        self._limit = limit
        self._pages: OrderedDict[_Key, _Page] = OrderedDict()
        self._size = 0
        self._lock = Lock()
        self._away_until = 0.0  # it did not answer; not asked again before
        self._known: tuple[Any, float, int] = (
            None,
            0.0,
            -1,
        )  # last transaction, asked at, revision

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        """Answer from memory, or ask the application and remember."""
        key = _key_of(environ)
        if key is None:
            return self.application(environ, start_response)
        page = self._pages.get(key)
        if page is not None:
            if self._is_current(page) and clock.now().timestamp() < page.until:
                self._touch(key)
                if page.is_read and self._visits is not None:
                    self._visits.see(environ)
                headers = [*page.headers, ("X-Request-ID", ids.new_request_id())]
                return _answer(page._replace(headers=headers), environ, start_response)
            self._forget(key)
        return self._ask(key, environ, start_response)

    def _is_current(self, page: _Page) -> bool:
        try:
            return page.revision == self._revision()
        except Exception:  # noqa: BLE001  whatever it is: the application meets it too, and tells of it
            return False

    def _revision(self) -> int:
        """The revision now; the last one known while the database server does not answer, for a minute."""
        _last, asked, revision = self._known
        now = monotonic()
        is_recent = now - asked < _STALE_SECONDS
        if is_recent and (now < self._away_until or is_known_away(self._database)):
            return revision
        try:
            return self._asked_revision(now)
        except Exception as error:
            if not is_recent or not is_away(error):
                raise
            self._away_until = now + _ASK_AGAIN_SECONDS
            return revision

    def _asked_revision(self, now: float) -> int:
        last, asked, revision = self._known
        newest = self._database.lastTransaction()
        if newest == last and now - asked < _ASK_AGAIN_SECONDS:
            return revision
        connection = self._database.open(TransactionManager())
        try:
            site = connection.root().get(ROOT_KEY)
            revision = site.catalog.revision() if site is not None else -1
        finally:
            connection.close()
        self._known = (newest, now, revision)
        return revision

    def _ask(self, key: _Key, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        told: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            told[:] = [status, headers, exc_info]
            return lambda _data: None

        answer = self.application(environ, start)
        body = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        status, headers, exc_info = told
        mark = environ.pop(_MARK, None)
        if mark is None or environ.pop(_NEVER, False) or not status.startswith("200"):
            start_response(status, headers, exc_info)
            return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]
        is_whole = environ["REQUEST_METHOD"] == "GET"  # of no body there is nothing to tell
        etag = f'"{hashlib.sha256(body).hexdigest()[:24]}"' if is_whole else ""
        headers += [("ETag", etag)] if etag else []
        changed = TimeStamp(mark[2]).timeTime()
        if 0 < changed < clock.now().timestamp() - 1:
            # within a second, the next change would look the same
            headers.append(("Last-Modified", formatdate(changed, usegmt=True)))
        if not any(name.lower() == "cache-control" for name, _value in headers):
            headers.append(("Cache-Control", "public, no-cache"))
            headers.append(("Vary", "Cookie"))  # the look, for caches between here and the reader
        kept = [(name, value) for name, value in headers if name.lower() not in _NEVER_KEPT]
        is_read = any(value.startswith("text/html") for _name, value in headers)
        page = _Page(mark[0], mark[1], kept, etag, body, is_read)
        sets_cookie = any(name.lower() == "set-cookie" for name, _value in headers)
        if is_whole and not sets_cookie:
            self._remember(key, page)
        return _answer(page._replace(headers=headers), environ, start_response)

    def _touch(self, key: _Key) -> None:
        with contextlib.suppress(KeyError):  # another thread has forgotten it in this very moment
            self._pages.move_to_end(key)

    def _remember(self, key: _Key, page: _Page) -> None:
        with self._lock:
            before = self._pages.pop(key, None)
            self._size += len(page.body) - (len(before.body) if before else 0)
            self._pages[key] = page
            while self._size > self._limit and self._pages:
                _key, oldest = self._pages.popitem(last=False)
                self._size -= len(oldest.body)

    def _forget(self, key: _Key) -> None:
        with self._lock:
            if (page := self._pages.pop(key, None)) is not None:
                self._size -= len(page.body)


def _key_of(environ: dict[str, Any]) -> _Key | None:
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return None
    if _SESSION in environ.get("HTTP_COOKIE", ""):
        return None
    key = look_of(environ), environ["PATH_INFO"], environ.get("QUERY_STRING", "")
    return key if sum(map(len, key)) <= _MAX_KEY else None


def _is_known(page: _Page, environ: dict[str, Any]) -> bool:
    """Whether the browser has the page: by its tag, or where it sends none, by the last public change (RFC 9110)."""
    if tags := environ.get("HTTP_IF_NONE_MATCH", ""):
        return (page.etag and page.etag in tags) or tags.strip() == "*"
    since = environ.get("HTTP_IF_MODIFIED_SINCE")
    told = next((value for name, value in page.headers if name == "Last-Modified"), None)
    if not since or not told:
        return False
    try:
        return parsedate_to_datetime(told) <= parsedate_to_datetime(since)
    except (TypeError, ValueError):
        return False


def _answer(page: _Page, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
    if _is_known(page, environ):
        start_response(
            "304 Not Modified", [h for h in page.headers if not h[0].startswith("Content-")]
        )
        return [b""]
    start_response("200 OK", page.headers)
    return [b"" if environ["REQUEST_METHOD"] == "HEAD" else page.body]
