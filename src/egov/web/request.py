"""The request, with what every view asks of it."""

from __future__ import annotations

from typing import Any

from pyramid.decorator import reify
from pyramid.request import Request

from egov.model.site import SiteGroup
from egov.security.principals import Actor
from egov.storage.away import hear_news
from egov.web.connections import Lease
from egov.web.looks import look_of
from egov.web.reads import reads_of
from egov.web.rendering import SOURCE_LOCALE, locale_of
from egov.web.root import site_in
from egov.web.security import actor_of, session_of, token_of


class EgovRequest(Request):
    """A request that finds out once, and only when asked, who is asking and what stands in the database.

    A class of our own, because Pyramid would otherwise make a new class for every single request.
    """

    id = ""
    preview: Any = None  # what a preview shows, for pages under its address
    once_target = ""  # where a form leads that has been done although its answer is a page
    shows_frame = False  # whether the page shows another of this site in a frame
    shows_editor = False  # whether the page needs the rich-text editor's content policy

    @property
    def path_info(self) -> str:
        """The address below the application, as text; WebOb decodes what is nothing but ASCII all the same."""
        path: str = self.environ["PATH_INFO"]
        return path if path.isascii() else path.encode("latin-1").decode()

    @path_info.setter
    def path_info(self, path: str) -> None:
        self.environ["PATH_INFO"] = path.encode().decode("latin-1")

    def make_body_seekable(self) -> None:
        """Let a body be read again when the request is tried again; where there is none, WebOb copies it, too.

        So it does for every page that is only asked for, if the server says that a body would come to an end.
        """
        if self.method not in ("GET", "HEAD") or self.content_length:
            super().make_body_seekable()

    @reify
    def locale_name(self) -> str:
        """The language of the page."""
        return locale_of(self) or SOURCE_LOCALE

    @reify
    def lease(self) -> Lease:
        """The connection and the transaction manager of this request alone."""
        connections = self.registry.connections
        lease: Lease = connections.take()
        self.add_finished_callback(lambda _request: connections.give_back(lease))
        return lease

    @reify
    def look(self) -> str:
        """How the reader wants pages to look; empty for as usual."""
        return look_of(self.environ)

    @reify
    def is_file(self) -> bool:
        """Whether the page is made for a plain web server (`egov export-static`), which answers no look and no form."""
        return reads_of(self) is not None

    @reify
    def is_answered(self) -> bool:
        """Whether searches and forms on the page reach the application."""
        return not self.is_file or bool(self.registry.egov.export_server)

    @reify
    def tm(self) -> Any:
        """The request's own transaction manager."""
        return self.lease.manager

    @reify
    def site(self) -> SiteGroup:
        """The site group of the database; who is signed in, or sends a form, sees it as it was left in any process."""
        if self.method not in ("GET", "HEAD") or token_of(self):
            hear_news(self.registry._zodb_databases[""])
        lease = self.lease
        connection = lease.attend()
        if lease.root is None:
            lease.root = site_in(connection)
        site: SiteGroup = lease.root
        return site

    @reify
    def login_session(self) -> Any:
        """The live session of the cookie, or None."""
        return session_of(self)

    @reify
    def actor(self) -> Actor:
        """The person who is asking."""
        return actor_of(self)
