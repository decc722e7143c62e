"""In whose name a command acts: an account of the site that signs in here, or the console of the server.

Either way the audit log says which account of the machine typed it.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
import transaction

from egov.base.errors import Forbidden, Invalid
from egov.base.i18n import _
from egov.base.settings import Settings
from egov.cli.database import egov_settings
from egov.model.site import SiteGroup
from egov.operations.accounts import log_out
from egov.operations.credentials import confirm_code, needs_second
from egov.operations.rescue import require_first_run
from egov.operations.signing_in import log_in
from egov.security.ldap import LdapDirectory
from egov.security.principals import SYSTEM_ACTOR, Actor, User, actor_for
from egov.security.sessions import Session

_LONGEST = 60  # of an account's name on the machine
AS = click.option(
    "--as", "whom", metavar="PERSON", help="The account in whose name to act; its password is asked for."
)  # fmt: skip
REASON = click.option("--reason", default="", help="Why, for the record.")


def console() -> Actor:
    """The server's console: no person of the site, but whoever typed it on the machine is on record."""
    return SYSTEM_ACTOR.at(operator())


def operator() -> str:
    """Who runs the command on this machine, and who became that by sudo, as the audit log's address has it."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a number without a name, as in containers
        name = f"uid {os.getuid()}"
    told = f"console:{_tame(name)}"
    before = _tame(os.environ.get("SUDO_USER", ""))
    return f"{told} sudo:{before}" if before else told


def _tame(name: str) -> str:
    return "".join(c for c in name if c.isprintable())[:_LONGEST]


@contextmanager
def acting(site: SiteGroup, whom: str | None, reason: str = "") -> Iterator[Actor]:
    """Who a command that changes rights or accounts acts as: the person, signed in as in the browser, or the console.

    The sign-in, the command with its reason, a refusal and the end are on record, whatever becomes of the work.
    Raises ClickException for who cannot sign in, Forbidden without a person where somebody of the site could do it.
    """
    if not whom:
        try:
            require_first_run(site)
        except Forbidden:
            _record_refusal(site, console(), reason)
            raise
        yield console()
        return
    settings = egov_settings()
    session = _signed_in(site, whom, settings)
    user = site.directory.user(session.user_id)
    by = actor_for(user, operator())
    try:
        _check_settled(site, user, settings)
        site.audit.append(by, "command", reason=_typed(reason))
        yield by
    except Forbidden:
        transaction.abort()
        _record_refusal(site, by, reason)
        raise
    except BaseException:
        transaction.abort()
        raise
    finally:
        log_out(site, session, by=by)
        transaction.commit()


def _record_refusal(site: SiteGroup, by: Actor, reason: str) -> None:
    site.audit.append(by, "refused", outcome="refused", reason=_typed(reason))
    transaction.commit()


def _typed(reason: str) -> str:
    """The command without what was said with it, which may be secret."""
    words = click.get_current_context().command_path.split()[1:]
    return ": ".join(filter(None, [" ".join(["egov", *words]), reason[:300]]))


def _signed_in(site: SiteGroup, whom: str, settings: Settings) -> Session:
    address = operator()
    password = click.prompt(f"{whom} 的密码", hide_input=True, err=True)
    ldap = LdapDirectory(settings) if settings.ldap_uri else None
    facts: dict[str, Any] = {"settings": settings, "address": address, "agent": "egov"}
    try:
        started = log_in(site, whom, password, **facts, directory=ldap.identify if ldap else None)
        if started is not None and started[1].waits_for_code:
            transaction.commit()
            waiting, token = started[1], None
            try:
                code = click.prompt(_asked_for(site.directory.user(waiting.user_id)), err=True)
                token = confirm_code(site, waiting, code.strip(), **facts)
            finally:
                if token is None:
                    site.sessions.end(waiting)
            session = site.sessions.find(token) if token is not None else None
        else:
            session = started[1] if started is not None else None
    finally:
        transaction.commit()  # a failure counts
    if session is None:
        raise click.ClickException("用户名、密码或验证码不对。")
    return session


def _asked_for(user: User | None) -> str:
    """The second factor in words; raises ClickException for a security key alone, which cannot be used here."""
    if user is None or user.second_secret:
        return "验证码或备用码"
    if user.recovery:
        return "备用码（安全密钥不能用在命令行上）"
    raise click.ClickException(
        "安全密钥不能用在命令行上，而您的备用码已用完。请登录管理平台，在“我的账号”中重新生成备用码，再用其中一个。"
    )


def _check_settled(site: SiteGroup, user: User, settings: Settings) -> None:
    """As in the browser, where nothing else can be done before."""
    if user.must_change or needs_second(site, user, settings):
        raise Invalid(_("请先登录管理平台，更改密码或设置第二重验证。"))
