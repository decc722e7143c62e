"""The letters of subscriptions: one that asks for confirmation, then digests of what is new, daily or weekly.

As in mailing.py, what goes out is noted and committed first, so that no letter goes out twice.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import NamedTuple
from urllib.parse import parse_qsl

from transaction import TransactionManager

from egov.base import clock
from egov.base.i18n import _, told
from egov.base.permissions import Permission
from egov.base.settings import Settings
from egov.catalog.access import access_of
from egov.catalog.reads import domains_below, published
from egov.model.container import Container
from egov.model.item import Item
from egov.model.node import lineage, path_of
from egov.model.placement import Placement
from egov.model.site import SiteGroup
from egov.model.subscriptions import Subscription
from egov.operations.mailing import ATTEMPTS, Away, Later, Letter, Made, Send, send_once
from egov.operations.subscriptions import address_before, is_offered, subscriptions_of, sweep
from egov.search.index import SearchIndex
from egov.search.queries import ask
from egov.search.questions import question_of
from egov.security.policy import permits
from egov.security.principals import ANONYMOUS
from egov.workflow.table import ROLES

log = logging.getLogger(__name__)

DIGEST_FROM_HOUR = 8  # office time
WEEKLY_ON = 0  # Monday
MOST_TOLD = 30
LAST_TRY_FROM_HOUR = 20
AGAIN_AFTER = timedelta(minutes=30)  # where the mail server takes no letters for now
MOST_FAILURES = 5  # days in a row; then nobody is there
_LOOKED_BACK = timedelta(days=15)
_ADOPTED = 1000  # as many of the newest placements are looked at
_NEWEST = 200  # results of a question
_READING = frozenset(ROLES) - {"owner"}


class News(NamedTuple):
    """An item that is new, or of which something was publicly said to have changed."""

    item: Item
    note: str
    arrived: dict[int, int]  # uid of a container: when it was new there, in microseconds


def send_subscriptions(
    site: SiteGroup, manager: TransactionManager, settings: Settings, send: Send
) -> int:
    """Send what is due to subscribers; returns how many letters went out. Commits after each."""
    if not is_offered(site, settings):
        return 0
    base = address_before(site, settings)
    for attempt in manager.attempts(ATTEMPTS):
        with attempt:
            sweep(site)
    sent, way = 0, _Way(send)
    for token in [t for t, is_out in subscriptions_of(site).unconfirmed.items() if not is_out]:
        sent += send_once(manager, way, partial(_asking, site, token, base, way), "a subscriber")
        if way.is_away:
            return sent
    return sent + _round(site, manager, settings, way, base)


class _Way:
    """The way out, which remembers what became of the last letter, and whether some letter may go out later."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.is_away = False  # nobody's letters are taken
        self.is_later = False  # this one is not taken for now
        self.has_more = False  # some letter was not taken for now

    def __call__(self, letter: Letter) -> None:
        self.is_later = False
        try:
            self._send(letter)
        except (Away, Later) as error:
            self.is_away = isinstance(error, Away)
            self.is_later = self.has_more = True
            raise


def _round(
    site: SiteGroup, manager: TransactionManager, settings: Settings, way: _Way, base: str
) -> int:
    """Look once a day through everybody who is due, again for letters not taken for now; goes on when stopped."""
    now = clock.local(clock.now())
    today = now.date().isoformat()
    known = subscriptions_of(site)
    if now.hour < DIGEST_FROM_HOUR or known.round_on == today:
        return 0
    if known.again_at is not None and now < known.again_at:
        return 0
    due = [s.token for s in known.confirmed() if not s.weekly or now.weekday() == WEEKLY_ON]
    news = list(_news(site)) if due else []
    found = _Answers(site, settings)
    sent = 0
    for token in due if news else ():
        making = partial(_digest, site, token, news, found, base, way)
        sent += send_once(manager, way, making, "a subscriber")
        if way.is_away:
            break
    has_more = way.has_more and now.hour < LAST_TRY_FROM_HOUR
    for attempt in manager.attempts(ATTEMPTS):
        with attempt:
            known.again_at = clock.now() + AGAIN_AFTER if has_more else None
            known.round_on = known.round_on if has_more else today
    return sent


def _asking(site: SiteGroup, token: str, base: str, way: _Way) -> Made | None:
    known = subscriptions_of(site)
    found = known.find(token)
    if found is None or found.is_confirmed or known.unconfirmed.get(token, True):
        return None
    known.unconfirmed[token] = True
    found.asked += 1

    def take_back() -> None:
        if token in known.unconfirmed and way.is_later:
            known.unconfirmed[token] = False

    lines = (
        told(_("有人用这个邮箱地址订阅“${what}”。", mapping={"what": title_of(site, found)})),
        told(_("如果是您，请打开下面的网址确认；如果不是，不用理会，地址将在两天内删除：")),
        _page_of(found, base),
    )
    subject = told(_("请确认订阅：${what}", mapping={"what": title_of(site, found)}))
    return Letter(found.email, _subject(site, subject), "\n\n".join(lines)), take_back


def _digest(
    site: SiteGroup, token: str, news: list[News], answers: _Answers, base: str, way: _Way
) -> Made | None:
    found = subscriptions_of(site).find(token)
    today = clock.today().isoformat()
    if found is None or not found.is_confirmed or found.letter_on == today:
        return None
    wanted = [
        n for n in news if n.arrived.get(found.place, 0) > found.since and answers.has(found, n)
    ]
    if not wanted:
        return None
    before = found.since, found.letter_on, found.failures
    found.since, found.letter_on, found.failures = (
        max(n.arrived[found.place] for n in wanted),
        today,
        0,
    )

    def take_back() -> None:
        found.since, letter_on, found.failures = before
        if way.is_later:
            found.letter_on = letter_on
        if not way.is_away and found.failed_on != today:
            found.failures, found.failed_on = found.failures + 1, today
        if found.failures >= MOST_FAILURES:
            subscriptions_of(site).erase(found)

    return _letter(site, found, wanted, base), take_back


def _letter(site: SiteGroup, found: Subscription, wanted: list[News], base: str) -> Letter:
    what = {"what": title_of(site, found), "count": len(wanted)}
    lines = [told(_("“${what}”有 ${count} 项新内容：", mapping=what))]
    for new in sorted(wanted, key=lambda n: -n.arrived[found.place])[:MOST_TOLD]:
        day = clock.day(clock.from_micros(new.arrived[found.place]))
        note = f"（{new.note}）" if new.note else ""
        lines.append(f"{day}  {new.item.live_title}{note}\n{base}{path_of(new.item)}")
    if len(wanted) > MOST_TOLD:
        lines.append(told(_("其余的请到网站上查看。")))
    page = _page_of(found, base)
    lines.append(
        told(_("您收到这封信，是因为您订阅了它。退订或改为每周一封：${url}", mapping={"url": page}))
    )
    subject = told(_("${what}：${count} 项新内容", mapping=what))
    # RFC 8058: a mail program ends the subscription by itself, with one POST.
    headers = (
        ("List-Unsubscribe", f"<{page}>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    )
    return Letter(found.email, _subject(site, subject), "\n\n".join(lines), headers)


def _page_of(found: Subscription, base: str) -> str:
    return f"{base}/@@subscription?t={found.token}"


def _subject(site: SiteGroup, text: str) -> str:
    return " ".join(f"[{site.title}] {text}".split())[:200]


def title_of(site: SiteGroup, found: Subscription) -> str:
    """What a subscription is about, for people."""
    place = site.catalog.node(found.place)
    title = place.title if place is not None else ""
    text = dict(parse_qsl(found.question)).get("q", "")
    return (
        told(_("${place}：搜索“${text}”", mapping={"place": title, "text": text}))
        if text
        else title
    )


def _news(site: SiteGroup) -> Iterator[News]:
    """What became public, was publicly changed, or adopted, in the last two weeks, as visitors see it."""
    since = clock.micros(clock.now() - _LOOKED_BACK)
    adopted = published(site, ANONYMOUS, types=("placement",), deep=True, limit=_ADOPTED).nodes
    uids = {change.uid for change in site.catalog.journal.since(since)}
    uids |= {
        node.target.uid
        for node in adopted
        if isinstance(node, Placement) and clock.micros(node.created) >= since
    }
    for uid in uids:
        item = site.catalog.node(uid)
        if (
            not isinstance(item, Item)
            or item.live_state != "published"
            or item.published_at is None
        ):
            continue
        if not permits(ANONYMOUS, Permission.VIEW, item):
            continue
        moments = [(clock.micros(item.published_at), "")]
        moments += [(clock.micros(change.at), told(change.text)) for change in item.changes]
        at, note = max(moments)
        yield News(item, note, _arrivals(site, item, at))


def _arrivals(site: SiteGroup, item: Item, at: int) -> dict[int, int]:
    shown = [item, *(site.catalog.nodes[p] for p in site.catalog.shown_in.get(item.uid, ()))]
    arrived: dict[int, int] = {}
    for node in shown:
        if permits(ANONYMOUS, Permission.VIEW, node):
            came = at if node is item else max(at, clock.micros(node.created))
            for container in lineage(node):
                # Whoever follows a larger place has it from where it came first.
                arrived[container.uid] = min(came, arrived.get(container.uid, came))
    return arrived


class _Answers:
    """Which items answer the questions of subscriptions; each question is asked once."""

    def __init__(self, site: SiteGroup, settings: Settings) -> None:
        self._site = site
        self._index = SearchIndex(settings.search_dir) if settings.search_dir else None
        self._known: dict[tuple[int, str], set[int]] = {}

    def has(self, found: Subscription, new: News) -> bool:
        """Whether the news is what the subscription asks for."""
        if found.place not in new.arrived:
            return False
        return not found.question or new.item.uid in self._answers(found.place, found.question)

    def _answers(self, uid: int, question: str) -> set[int]:
        if (uid, question) not in self._known:
            self._known[uid, question] = self._ask(uid, question)
        return self._known[uid, question]

    def _ask(self, uid: int, question: str) -> set[int]:
        place = self._site.catalog.node(uid)
        if self._index is None or not isinstance(place, Container):
            return set()
        self._index.refresh(self._site)
        asked = question_of(
            dict(parse_qsl(question)), self._site.guide, limit=_NEWEST, newest_first=True
        )
        domains = access_of(self._site, ANONYMOUS.principals).domains(_READING)
        within = None if place is self._site else set(domains_below(place))
        answer = ask(self._index, asked, domains, within)
        # What only resembles the question is shown to who searches, but is no news.
        return {hit.uid for hit in answer.hits} if answer is not None and answer.exact else set()
