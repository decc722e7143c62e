"""Subscribing by mail: asked for on a page, wanted only once a letter was answered, ended by one click."""

from __future__ import annotations

import re
from datetime import timedelta

from egov.base import clock
from egov.base.errors import Conflict, Forbidden, Invalid, NotFound
from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.base.settings import Settings
from egov.model.container import Container
from egov.model.site import SiteGroup, site_of
from egov.model.subscriptions import Subscription, Subscriptions
from egov.operations.record import record_read, record_site, require
from egov.security.policy import permits
from egov.security.principals import ANONYMOUS, Actor

NAME = "subscriptions"
MAX_EMAIL, MAX_QUESTION = 254, 400
PER_HOUR = 10  # from one network address
MOST_WAITING = 3  # letters that ask one mail address for confirmation, until one is answered or two days are over
MOST_EACH = 30  # subscriptions of one mail address
UNCONFIRMED_KEPT = timedelta(days=2)
_HOUR = timedelta(hours=1)
_EMAIL = re.compile(
    r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}\Z"
)


def subscriptions_of(site: SiteGroup) -> Subscriptions:
    """The register of a site group."""
    found: Subscriptions = site.register(NAME, Subscriptions)
    return found


def address_before(site: SiteGroup, settings: Settings) -> str:
    """What stands before the paths in letters to the public; empty where nobody has said it."""
    domain = site.values.get("domain", "")
    return settings.base_url.rstrip("/") or (f"https://{domain}" if domain else "")


def is_offered(site: SiteGroup, settings: Settings) -> bool:
    """Whether letters can be sent and lead back here."""
    return bool(settings.mail_host and address_before(site, settings))


def subscribe(
    place: Container, email: str, *, by: Actor, question: str = "", weekly: bool = False
) -> None:
    """Let an address be asked whether it wants to hear of what is new in a place, or there for a question.

    Tells nothing about whether the address is known: who asks too often for one address, or for what it has already,
    gets the same answer, and no letter. Raises Forbidden for a place that visitors may not see, Invalid for what is no
    mail address, Conflict after ten in an hour from one network address.
    """
    if not permits(ANONYMOUS, Permission.VIEW, place):
        raise Forbidden(_("没有这个页面。"))
    email = email.strip().lower()
    if len(email) > MAX_EMAIL or not _EMAIL.match(email):
        message = _("请填写一个电子邮箱地址，例如 name@example.com。")
        raise Invalid(message, {"email": message})
    if len(question) > MAX_QUESTION:
        raise Invalid(_("这个问题太长。"))
    site = site_of(place)
    key = f"{NAME}:{by.address}"
    if site.attempts.locked_until(key, PER_HOUR, _HOUR) is not None:
        raise Conflict(_("您已提交多条，请一小时后再试。"))
    site.attempts.record_failure(key, PER_HOUR)
    known = subscriptions_of(site)
    mine = known.of_email(email)
    waiting = [s for s in mine if not s.is_confirmed]
    same = next((s for s in mine if (s.place, s.question) == (place.uid, question)), None)
    if same is not None and not same.is_confirmed and sum(s.asked for s in waiting) < MOST_WAITING:
        known.unconfirmed[same.token] = False
    elif same is None and len(waiting) < MOST_WAITING and len(mine) < MOST_EACH:
        known.add(Subscription(email, place.uid, question, weekly))


def confirm(site: SiteGroup, token: str) -> Subscription:
    """Note that the owner of the address wants it; raises NotFound for a token that is none, or no longer."""
    found = _find(site, token)
    if not found.is_confirmed:
        subscriptions_of(site).confirm(found)
    return found


def set_rhythm(site: SiteGroup, token: str, *, weekly: bool) -> Subscription:
    """Change how often letters come; raises NotFound for a token that is none, or no longer."""
    found = _find(site, token)
    found.weekly = weekly
    return found


def end(site: SiteGroup, token: str) -> None:
    """End a subscription and erase its address; one that is ended already stays so."""
    known = subscriptions_of(site)
    if (found := known.find(token)) is not None:
        known.erase(found)


def look_up(site: SiteGroup, email: str, *, by: Actor) -> list[Subscription]:
    """The subscriptions of an address, for who asks on its owner's behalf.

    Raises Forbidden for who does not configure the site group. The look is on record.
    """
    require(by, Permission.CONFIGURE, site)
    email = email.strip().lower()
    found = subscriptions_of(site).of_email(email)
    record_read(by, f"subscriptions of {email[:2]}…@{email.rpartition('@')[2]}"[:100], site)
    return found


def end_for(site: SiteGroup, token: str, *, by: Actor) -> None:
    """End somebody's subscription on their behalf; raises Forbidden for who does not configure the site group."""
    require(by, Permission.CONFIGURE, site)
    end(site, token)
    record_site(by, "subscription_ended", site)


def sweep(site: SiteGroup) -> None:
    """Erase what nobody confirmed in time."""
    known = subscriptions_of(site)
    oldest = clock.now() - UNCONFIRMED_KEPT
    for token in list(known.unconfirmed):
        found = known.find(token)
        if found is not None and found.created < oldest:
            known.erase(found)


def _find(site: SiteGroup, token: str) -> Subscription:
    found = subscriptions_of(site).find(token)
    if found is None:
        raise NotFound(_("没有这个订阅，可能已经退订或过期。"))
    return found
