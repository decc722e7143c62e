"""Letters to the people of the back office: what they were told of, and each working morning what waits for them.

What has been sent is noted and committed first, and taken back only when the letter could not be sent: so neither two
processes nor a request that is tried again send a letter twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import NamedTuple

from transaction import TransactionManager

from egov.base import clock
from egov.base.i18n import _, told
from egov.base.settings import Settings
from egov.base.workdays import is_workday
from egov.catalog import reads
from egov.model.node import path_of
from egov.model.notices import Notice
from egov.model.site import SiteGroup
from egov.operations.assignments import assigned_to, holidays_of
from egov.operations.inbox import due_day
from egov.operations.notices import DIGEST, MAIL, TITLES
from egov.security.principals import User, actor_for

log = logging.getLogger(__name__)

BUNDLED_MICROS = (
    2 * 60 * 1_000_000
)  # notices wait so long for more, so that one letter tells them all
DIGEST_FROM = (8, 30)  # office time
ATTEMPTS = 3
_LISTED, _COUNTED = 20, 100


class Letter(NamedTuple):
    """What is sent to one person."""

    to: str
    subject: str
    text: str
    headers: tuple[tuple[str, str], ...] = ()


class Away(OSError):
    """The mail server takes no letter from anybody for now."""


class Later(OSError):
    """The mail server does not take this letter for now."""


Send = Callable[[Letter], None]
Made = tuple[Letter, Callable[[], None]]  # a letter, and what takes back the note that it was sent


def send_letters(
    site: SiteGroup, manager: TransactionManager, settings: Settings, send: Send
) -> int:
    """Send everything that is due to be sent; returns how many letters went out. Commits after each person."""
    sent = 0
    for user_id in list(site.directory.users):
        for make in (_notices_for, _digest_for):
            making = partial(_made_for, site, user_id, settings, make)
            sent += send_once(manager, send, making, user_id)
    return sent


def send_once(
    manager: TransactionManager, send: Send, make: Callable[[], Made | None], to: str
) -> int:
    """Send what `make` makes, and return 1; 0 where it makes nothing or the letter could not be sent.

    `to` says in the log whose letter it was. Commits the note that it was sent before, and its taking back after.
    """
    made: Made | None = None
    for attempt in manager.attempts(ATTEMPTS):
        with attempt:
            made = make()
    if made is None:
        return 0
    letter, take_back = made
    try:
        send(letter)
    except OSError as error:  # what smtplib raises is one; its text may hold the address
        cause = error.strerror or type(error).__name__
        log.warning("a letter to %s was not sent and will be tried again: %s", to, cause)
        for attempt in manager.attempts(ATTEMPTS):
            with attempt:
                take_back()
        return 0
    return 1


def _made_for(
    site: SiteGroup, user_id: str, settings: Settings,
    make: Callable[[SiteGroup, User, Settings], Made | None],
) -> Made | None:  # fmt: skip
    user = site.directory.user(user_id)
    if user is None or not user.email or user.disabled:
        return None
    return make(site, user, settings)


def _notices_for(site: SiteGroup, user: User, settings: Settings) -> Made | None:
    before = site.notices.mailed_until.get(user.id, 0)
    waiting = list(site.notices.since(user.id, before))
    if not waiting or clock.micros(clock.now()) - waiting[0][0] < BUNDLED_MICROS:
        return None
    site.notices.mailed_until[user.id] = waiting[-1][0]
    muted = site.notices.muted.get(user.id, frozenset())
    tellable = [notice for _key, notice in waiting if MAIL + notice.event not in muted]
    if not tellable:
        return None
    subject = told(TITLES[tellable[0].event]) + f"：{tellable[0].title}"
    if len(tellable) > 1:
        subject += told(_("，等 ${count} 项", mapping={"count": len(tellable)}))
    lines = [_told(site, notice, settings) for notice in tellable[-_LISTED:]]

    def take_back() -> None:
        site.notices.mailed_until[user.id] = before

    return _letter(site, user, subject, "\n\n".join(lines), settings), take_back


def _told(site: SiteGroup, notice: Notice, settings: Settings) -> str:
    node = site.catalog.node(notice.uid)
    address = f"{settings.base_url}/manage{path_of(node)}" if node and settings.base_url else ""
    first = f"{clock.stamp(notice.at)} {told(TITLES[notice.event])}：{notice.title}（{notice.by}）"
    return "\n".join(filter(None, [first, notice.text, address]))


def _digest_for(site: SiteGroup, user: User, settings: Settings) -> Made | None:
    now = clock.local(clock.now())
    today = now.date()
    before = site.notices.digested.get(user.id, "")
    if (now.hour, now.minute) < DIGEST_FROM or before == today.isoformat():
        return None
    if not is_workday(today, holidays_of(site)):
        return None
    if MAIL + DIGEST in site.notices.muted.get(user.id, frozenset()):
        return None
    lines = list(_digest(site, user))
    if not lines:
        return None  # not noted: what comes later in the day is told the same day
    site.notices.digested[user.id] = today.isoformat()

    def take_back() -> None:
        site.notices.digested[user.id] = before

    subject = told(_("今天等您办理的事项"))
    return _letter(site, user, subject, "\n".join(lines), settings), take_back


def _digest(site: SiteGroup, user: User) -> Iterator[str]:
    actor = actor_for(user)
    for item in assigned_to(site, actor, _LISTED):
        given = item.desk.assignment if item.desk is not None else None
        if given is not None:
            yield told(
                _("交给您办理，${due} 到期：${title}", mapping={"due": clock.day(given.due), "title": item.title})
            )  # fmt: skip
    waiting = [w.node for w in islice(reads.waiting(actor, site), _COUNTED)]
    if waiting:
        more = "+" if len(waiting) == _COUNTED else ""
        yield told(_("待您审核：${count} 项", mapping={"count": f"{len(waiting)}{more}"}))
    late = sum(due_day(item) < clock.today() for item in waiting)
    if late:
        yield told(_("其中已超过期限：${count} 项", mapping={"count": late}))
    for node in reads.mine(actor, site, states=("returned",), limit=_LISTED):
        yield told(_("被退回，等您修改：${title}", mapping={"title": node.title}))


def _letter(site: SiteGroup, user: User, subject: str, text: str, settings: Settings) -> Letter:
    greeting = told(_("${name}：您好！", mapping={"name": user.name}))
    where = f"{settings.base_url}/manage/@@notices" if settings.base_url else ""
    end = told(
        _(
            "此信由“${site}”的后台自动发出；可在“提醒”页中设定不再接收。",
            mapping={"site": site.title},
        )
    )
    body = "\n\n".join(filter(None, [greeting, text, end, where]))
    return Letter(user.email, " ".join(f"[{site.title}] {subject}".split())[:200], body)
