"""Who somebody is, as a directory or an identity provider of the office tells it."""

from __future__ import annotations

from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from egov.base.errors import Invalid
from egov.base.i18n import _

SECONDS = 5  # how long an answer may take


class Identity(NamedTuple):
    """A person in the words of a source outside: which account they name, and what stays when the name changes."""

    source: str  # "oidc" or "ldap"
    subject: str
    id: str
    name: str
    email: str

    @property
    def link(self) -> str:
        """What is kept with the account."""
        return f"{self.source}:{self.subject}"


def is_this_machine(address: str) -> bool:
    """Whether an address (a URL) leads nowhere else, so that nobody can listen on the way."""
    host = urlsplit(address).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def no_answer() -> Invalid:
    """The word for who signs in while the source outside does not answer."""
    return Invalid(_("统一身份认证没有回应。请稍后再试，或用本系统的密码登录。"))
