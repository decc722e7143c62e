"""What belongs to a publication: what the public is told of an update, its date, its successor, a review to come."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from egov.base import clock
from egov.base.errors import Conflict, Forbidden, Invalid
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.model.item import Change, Edition, Item, Opinion
from egov.model.site import site_of
from egov.model.types import schema_of
from egov.operations.keeping import undoable
from egov.operations.record import record, require
from egov.operations.schedule import may_schedule
from egov.security.policy import obstacle, table_for
from egov.security.principals import Actor

FORCE = "force"
MAX_NOTE = 300
MAX_REASON = 500


class Update(NamedTuple):
    """What the public is told when something that was public before is published anew."""

    note: str = ""
    minor: bool = False  # a slip of the pen: the time of the last update stays


NO_UPDATE = Update()


def tell_update(item: Item, before: Edition | None, update: Update) -> None:
    """Add to the item's public record of changes: the note, and each tracked field that has another value now."""
    if before is None or item.live is None or item.updated_at is None:
        return
    told: list[Message] = [update.note.strip()[:MAX_NOTE]] if update.note.strip() else []
    for field in schema_of(type(item)):
        if getattr(field, "is_tracked", False):
            titles = dict(field.choices)
            old, new = (edition.values.get(field.name) or "" for edition in (before, item.live))
            if old != new:
                names = {
                    "field": field.title,
                    "old": titles.get(old, "—"),
                    "new": titles.get(new, "—"),
                }
                told.append(_("${field}：由“${old}”改为“${new}”", mapping=names))
    item.changes = (*item.changes, *(Change(clock.now(), text) for text in told))


def note_forced(item: Item, opinion: Opinion | None) -> None:
    """Remember who published the item without review; a reviewed edition makes up for it."""
    if opinion is None and item.forced is None:
        return
    item.forced = opinion
    unreviewed = site_of(item).unreviewed
    if opinion is None:
        unreviewed.pop(item.uid, None)
    else:
        unreviewed[item.uid] = item


def may_confirm(item: Item, by: Actor) -> bool:
    """Whether a person may review afterwards what was published without: who may approve, and did neither."""
    if item.forced is None or item.forced.by == by.id:
        return False
    if item.live is None or by.id in item.live.authors:
        return False
    approvals = [step for step in table_for(item).transitions if step.name == "approve"]
    return any(not obstacle(by, step, item) for step in approvals)


@undoable
def confirm(item: Item, *, by: Actor, comment: str = "") -> None:
    """Review afterwards what was published without.

    Raises Conflict where nothing waits for that, Forbidden for who may not approve it, wrote it or published it.
    """
    if item.forced is None:
        raise Conflict(_("这篇内容没有等待补审。"))
    if not may_confirm(item, by):
        raise Forbidden(_("补审须由有审核权限的另一人进行，撰写人和紧急发布人不能补审。"))
    note_forced(item, None)
    comment = comment.strip()[:MAX_REASON]
    opinion = Opinion(by.id, "confirm", clock.now(), comment, item.work.digest(), item.state)
    item.opinions = (*item.opinions, opinion)
    record(by, "confirm", item, edition=item.work.number, comment=comment)


@undoable
def backdate(item: Item, at: datetime, reason: str, *, by: Actor) -> None:
    """Give an item that is public another date of publication, which has passed; the reason is recorded.

    Raises Forbidden for who may not publish it, Conflict if it was never published, Invalid at the field for a moment
    to come or no reason.
    """
    _require_publisher(item, by)
    if item.published_at is None:
        raise Conflict(_("“${title}”还没有发布过。", mapping={"title": item.title}))
    if at > clock.now():
        message = _("发布时间不能晚于现在；要在将来发布，请用定时发布。")
        raise Invalid(message, {"at": message})
    if not reason.strip():
        message = _("请写明更改发布时间的原因。")
        raise Invalid(message, {"reason": message})
    before = clock.stamp(item.published_at)
    item.published_at = at.astimezone(UTC)
    site_of(item).catalog.index(item)
    told = f"{before} → {clock.stamp(at)}：{reason.strip()[:MAX_REASON]}"
    record(by, "backdate", item, comment=told)


@undoable
def supersede(item: Item, new: Item | None, *, by: Actor) -> None:
    """Say on an item's page that another public item takes its place, with a link to it; None takes that back.

    Raises Forbidden for who may not publish it or see the new one, Invalid for itself, a circle, or one not public.
    """
    _require_publisher(item, by)
    if new is not None:
        require(by, Permission.VIEW, new)
        if new.live_state != "published":
            raise Invalid(
                _("“${title}”还没有公开，不能取代别的内容。", mapping={"title": new.known_title})
            )
        if item.uid in _line(new):
            raise Invalid(_("两篇内容不能互相取代。"))
    item.superseded_by = new.uid if new is not None else 0
    told = new.known_title if new is not None else "—"
    record(by, "supersede", item, comment=told)


def successor_of(item: Item) -> Item | None:
    """What takes an item's place, if that is public, whoever may read it."""
    new = site_of(item).catalog.node(item.superseded_by) if item.superseded_by else None
    return new if isinstance(new, Item) and new.live_state == "published" else None


def _line(item: Item) -> set[int]:
    """The item and all that take its place, one after the other."""
    found: set[int] = set()
    current: object = item
    while isinstance(current, Item) and current.uid not in found:
        found.add(current.uid)
        current = site_of(item).catalog.node(current.superseded_by)
    return found


def _require_publisher(item: Item, by: Actor) -> None:
    if not may_schedule(item, by):
        raise Forbidden(_("您没有在“${title}”上进行此操作的权限。", mapping={"title": item.title}))
