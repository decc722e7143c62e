"""Looking at published texts again: setting when and by whom, doing it, being reminded."""

from __future__ import annotations

from datetime import date, timedelta

from egov.base import clock
from egov.base.errors import Conflict, Invalid
from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.model.item import Item
from egov.model.reviews import Review, Reviews
from egov.model.site import SiteGroup, site_of
from egov.operations.keeping import undoable
from egov.operations.notices import tell
from egov.operations.record import record, require
from egov.security.principals import SYSTEM_ACTOR, Actor


def reviews_of(site: SiteGroup) -> Reviews:
    """All reviews to come."""
    found: Reviews = site.register("reviews", Reviews)
    return found


@undoable
def set_review(item: Item, due: date | None, who: str, *, by: Actor) -> None:
    """Say when an item is to be looked at again, and by whom; None for never.

    Raises Forbidden without `edit`, Invalid at the field for a day that has passed or somebody who has no account.
    """
    require(by, Permission.EDIT, item)
    site = site_of(item)
    if due is not None and due <= clock.today():
        message = _("复核日期必须晚于今天。")
        raise Invalid(message, {"due": message})
    user = site.directory.user(who)
    if due is not None and (user is None or user.disabled):
        message = _("没有找到“${principal}”这个用户或用户组。", mapping={"principal": who})
        raise Invalid(message, {"who": message})
    put_review(item, Review(due, who) if due is not None else None)
    told = f"{due.isoformat()} {who}" if due is not None else "-"
    record(by, "review_date", item, comment=told)


@undoable
def mark_reviewed(item: Item, months: int, note: str, *, by: Actor) -> None:
    """Note that an item was looked at and holds good, and set the next look so many months later (0 for none).

    Raises Forbidden without `edit`, Conflict where no look was due, Invalid for more than ten years.
    """
    require(by, Permission.EDIT, item)
    if item.review is None:
        raise Conflict(_("“${title}”没有复核日期。", mapping={"title": item.title}))
    if not 0 <= months <= 120:
        raise Invalid(_("下次复核最多定在 120 个月后。"))
    after = (
        Review(clock.today() + timedelta(days=round(months * 30.44)), item.review.who)
        if months
        else None
    )
    put_review(item, after)
    record(by, "reviewed", item, comment=note.strip()[:300])


def put_review(item: Item, review: Review | None) -> None:
    """Let an item have that review to come; whoever calls has checked the right and records it."""
    reviews_of(site_of(item)).set(item.uid, item.review, review)
    item.review = review


def remind_reviewers(site: SiteGroup) -> int:
    """Tell people, once a day, of what they are to look at again today; returns of how much."""
    reviews, today = reviews_of(site), clock.today()
    if reviews.told_until >= today.isoformat():
        return 0
    told = 0
    for uid, review in list(reviews.until(today)):
        item = site.catalog.node(uid)
        if isinstance(item, Item) and review.due.isoformat() > reviews.told_until:
            tell({review.who}, "review", item, by=SYSTEM_ACTOR, text=review.due.isoformat())
            told += 1
    reviews.told_until = today.isoformat()
    return told
