"""Passwords that the office keeps in a directory (LDAP v3): a safe filter, and a bind as the person."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ldap3 import Connection, Server, Tls
from ldap3.core.exceptions import LDAPException, LDAPSASLPrepError
from ldap3.utils.conv import escape_filter_chars
from ldap3.utils.dn import escape_rdn

from egov.base.errors import Invalid
from egov.base.i18n import _
from egov.base.settings import Settings
from egov.security.outside import SECONDS, Identity, is_this_machine, no_answer

log = logging.getLogger(__name__)


class _Tls(Tls):
    """Python's own verification of certificate and host: the library's uses functions that Python has dropped."""

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        self._context = context

    def wrap_socket(self, connection: Connection, do_handshake: bool = False) -> None:
        """Encrypt a connection; raises OSError for who cannot prove to be the host that was meant."""
        bare, host = connection.socket, connection.server.host
        try:
            connection.socket = self._context.wrap_socket(bare, server_hostname=host)
        finally:
            bare.close()  # what was wrapped has taken its place


class LdapDirectory:
    """The directory of the settings; every connection is encrypted, unless it stays on this machine."""

    def __init__(self, settings: Settings) -> None:
        """Raise Invalid for an address or a filter that cannot be meant."""
        self._settings = settings
        address = settings.ldap_uri
        if not address.startswith(("ldap://", "ldaps://")) or "{id}" not in settings.ldap_filter:
            raise Invalid(_("设置 ldap_uri 须以 ldap:// 或 ldaps:// 开头，ldap_filter 须含 {id}。"))
        ca_file = settings.ldap_ca_file
        self._tls = _Tls(ssl.create_default_context(cafile=ca_file or None))
        self._starts_tls = address.startswith("ldap://") and not (
            is_this_machine(address) and not ca_file
        )

    def identify(self, user_id: str, password: str) -> Identity | None:
        """Who gives this name and password; None if they do not belong together. Raises Invalid if nobody answers.

        A bind without a password succeeds at many servers and says nothing (RFC 4513, 5.1.2): it is never tried.
        """
        if not user_id or not password:
            return None
        settings = self._settings
        try:
            with self._connection(settings.ldap_bind_dn, settings.ldap_bind_password) as service:
                if not service.bound:
                    log.error("the directory refuses ldap_bind_dn: %s", service.result)
                    raise no_answer()
                found = self._find(service, user_id)
            # An unknown name is tried, too, so that both answers take as long.
            dn = found["dn"] if found else f"cn={escape_rdn(user_id)},{settings.ldap_base}"
            with self._connection(dn, password) as own:
                is_right = bool(own.bound)
        except LDAPSASLPrepError:
            return None  # control characters are in no password
        except (LDAPException, OSError) as error:
            log.warning("the directory does not answer: %s", error)
            raise no_answer() from error
        return self._identity(user_id, found) if found and is_right else None

    @contextmanager
    def _connection(self, dn: str, password: str) -> Iterator[Connection]:
        server = Server(
            self._settings.ldap_uri, tls=self._tls, get_info="NO_INFO", connect_timeout=SECONDS
        )
        made = Connection(
            server, dn or None, password or None, receive_timeout=SECONDS, check_names=False
        )
        try:
            made.open()
            if self._starts_tls:
                made.start_tls()
            made.bind()
            yield made
        finally:
            socket = made.socket
            made.unbind()
            if socket is not None:
                socket.close()  # the library leaves it open where the handshake failed

    def _find(self, service: Connection, user_id: str) -> Any:
        """The one entry of that name; two are as good as none."""
        settings = self._settings
        wanted = settings.ldap_filter.replace("{id}", escape_filter_chars(user_id))
        attributes = [settings.ldap_subject, "cn", "mail"]
        service.search(settings.ldap_base, wanted, attributes=attributes, size_limit=2)
        entries = [entry for entry in service.response or [] if entry["type"] == "searchResEntry"]
        return entries[0] if len(entries) == 1 else None

    def _identity(self, user_id: str, entry: Any) -> Identity:
        def first(name: str) -> str:
            values = entry["raw_attributes"].get(name) or [b""]
            return str(values[0].decode("utf-8", "backslashreplace"))

        subject = first(self._settings.ldap_subject) or entry["dn"]
        return Identity("ldap", subject, user_id, first("cn"), first("mail"))
