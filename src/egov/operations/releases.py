"""Releases: drafts that go out together or not at all, and come back the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from egov.base import clock
from egov.base.errors import Conflict, EgovError, Forbidden, Invalid
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.base.text import check_title
from egov.catalog.agenda import RELEASE
from egov.model.item import Item
from egov.model.release import OPEN, PUBLISHED, ROLLED_BACK, Former, Release
from egov.model.site import SiteGroup, site_of
from egov.operations.record import record, record_site, require
from egov.operations.schedule import may_schedule
from egov.operations.workflow import advance
from egov.security.policy import permits, table_for
from egov.security.principals import Actor, actor_for

MAX_ITEMS = 500


def may_see(site: SiteGroup, release: Release, by: Actor) -> bool:
    """Whether a person sees a release: who may see every draft in it; while it is empty, who made it."""
    items = items_of(site, release)
    if not items:
        return release.by == by.id
    return all(permits(by, Permission.PREVIEW, item) for item in items)


def items_of(site: SiteGroup, release: Release) -> list[Item]:
    """The items of a release that are still there, in its order."""
    found = (site.catalog.node(uid) for uid in release.items)
    return [item for item in found if isinstance(item, Item)]


def make_release(site: SiteGroup, title: str, *, by: Actor) -> Release:
    """Begin a release; raises Forbidden for a visitor, Invalid for an empty title."""
    if by.is_anonymous:
        raise Forbidden(_("请先登录。"))
    made = site.releases.add(Release(check_title(title), by.id))
    record_site(by, "make_release", site, reason=made.title)
    return made


def put_in(release: Release, item: Item, *, by: Actor) -> None:
    """Add an item to a release that has not gone out.

    Raises Forbidden for who may not publish the item, Conflict if the release has gone out, Invalid for an item
    without a draft, one that is in it already or that who made the release may not see, or more than 500 items.
    """
    require(by, Permission.PREVIEW, item)
    _require_publisher(item, by)
    _require_open(release)
    if item.draft is None:
        raise Invalid(_("“${title}”没有正在处理的稿件。", mapping={"title": item.title}))
    if item.uid in release.items:
        raise Invalid(_("“${title}”已在这个批次中。", mapping={"title": item.title}))
    if len(release.items) >= MAX_ITEMS:
        raise Invalid(_("一个批次最多 500 项。"))
    maker = site_of(item).directory.user(release.by)
    if maker is not None and not permits(actor_for(maker), Permission.PREVIEW, item):
        names = {"name": maker.name, "title": item.title}
        raise Invalid(_("建立批次的${name}不能查看“${title}”，请另建一个批次。", mapping=names))
    release.items = (*release.items, item.uid)
    record_site(by, "release_add", site_of(item), reason=f"{release.title}: {item.title}")


def take_out(site: SiteGroup, release: Release, uid: int, *, by: Actor) -> None:
    """Take an item out of a release; raises Forbidden for who does not see it, Conflict if it has gone out."""
    _require_seen(site, release, by)
    _require_open(release)
    release.items = tuple(known for known in release.items if known != uid)
    record_site(by, "release_remove", site, reason=release.title)


def obstacles(site: SiteGroup, release: Release, by: Actor) -> list[tuple[Item, Message]]:
    """The items of a release that could not be published now, and why."""
    found: list[tuple[Item, Message]] = []
    for item in items_of(site, release):
        table = table_for(item)
        if item.draft is None:
            found.append((item, _("没有正在处理的稿件")))
        elif table.find("publish", item.draft_state) is None:
            state = table.states[item.draft_state].title
            found.append((item, _("还是“${state}”，不能发布", mapping={"state": state})))
        elif not may_schedule(item, by):
            found.append((item, _("您没有发布它的权限")))
    return found


def publish_release(site: SiteGroup, release: Release, *, by: Actor) -> None:
    """Publish all drafts of a release, or none.

    Raises Forbidden for who does not see it, Conflict if it has gone out, Invalid with a message per item that cannot
    be published; then nothing has changed.
    """
    _require_seen(site, release, by)
    _require_open(release)
    items = items_of(site, release)
    if not items:
        raise Invalid(_("批次中还没有稿件。"))
    former: list[Former] = []

    def publish(item: Item) -> None:
        former.append(item.former())
        advance(item, "publish", by=by, comment=release.title)

    _all_or_none(site, items, publish, _("批次没有发布，以下内容还不能发布："))
    release.former = tuple(former)
    _close(site, release, PUBLISHED, by)


def roll_back(site: SiteGroup, release: Release, *, by: Actor) -> None:
    """Put every item of a published release back to what it was, or none: the drafts are approved drafts again.

    Raises Forbidden for who may not publish one of them, Conflict if the release is not published, Invalid with a
    message per item that has been changed since.
    """
    _require_seen(site, release, by)
    if release.state != PUBLISHED:
        raise Conflict(_("这个批次不在已发布状态。"))
    before = {former.uid: former for former in release.former}

    def take_back(item: Item) -> None:
        former = before[item.uid]
        _require_publisher(item, by)
        if item.draft is not None or item.live is None or item.live.number != former.edition:
            raise Conflict(_("发布之后又有了新的修改"))
        item.put_back(former)
        item.modified = clock.now()
        site.catalog.index(item)
        record(by, "roll_back", item, edition=former.edition, comment=release.title)

    items = [item for item in items_of(site, release) if item.uid in before]
    _all_or_none(site, items, take_back, _("批次没有退回，以下内容不能退回："))
    _close(site, release, ROLLED_BACK, by)


def schedule_release(site: SiteGroup, release: Release, at: datetime | None, *, by: Actor) -> None:
    """Set when a release goes out; None for never.

    Raises Forbidden for who may not publish one of its items, Conflict if it has gone out, Invalid for a past moment.
    """
    _require_seen(site, release, by)
    _require_open(release)
    for item in items_of(site, release):
        _require_publisher(item, by)
    at = at.astimezone(UTC) if at else None
    if at is not None and at <= clock.now():
        raise Invalid(_("时间必须晚于现在。"))
    site.catalog.agenda.set(release.key, RELEASE, release.publish_at, at)
    release.publish_at = at
    record_site(by, "release_schedule", site, reason=f"{release.title}: {clock.stamp(at) or '-'}")


def _all_or_none(
    site: SiteGroup, items: Iterable[Item], do: Callable[[Item], None], heading: Message
) -> None:
    manager = site._p_jar.transaction_manager if site._p_jar is not None else None
    mark = manager.savepoint() if manager is not None else None
    problems: dict[str, Message] = {}
    for item in items:
        try:
            do(item)
        except EgovError as error:
            problems[item.title] = error.message
    if problems:
        if mark is not None:
            mark.rollback()
        raise Invalid(heading, problems)


def _close(site: SiteGroup, release: Release, state: str, by: Actor) -> None:
    site.catalog.agenda.set(release.key, RELEASE, release.publish_at, None)
    release.publish_at = None
    release.state, release.done_by, release.done_at = state, by.id, clock.now()
    record_site(by, f"release_{state}", site, reason=release.title)


def _require_open(release: Release) -> None:
    if release.state != OPEN:
        raise Conflict(_("这个批次已经发布过了。"))


def _require_seen(site: SiteGroup, release: Release, by: Actor) -> None:
    if not by.is_system and not may_see(site, release, by):
        raise Forbidden(_("您不能处理这个批次。"))


def _require_publisher(item: Item, by: Actor) -> None:
    if not may_schedule(item, by):
        raise Forbidden(_("您没有在“${title}”上进行此操作的权限。", mapping={"title": item.title}))
