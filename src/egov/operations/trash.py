"""The trash: what lies there, for how long, bringing it back, and destroying it for good by a right of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from egov.base import clock
from egov.base.errors import Forbidden, NotFound
from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.model.btrees import UidTree
from egov.model.container import Container
from egov.model.item import Item
from egov.model.node import Node
from egov.model.notices import Notice
from egov.model.placement import Placement
from egov.model.site import SiteGroup
from egov.operations.record import record_site
from egov.operations.tree import Discarded, may_undelete
from egov.security.policy import permits
from egov.security.principals import SYSTEM_ACTOR, Actor

NOTICE_DAYS = 7
PIECE = 200  # nodes to one commit


def discarded(site: SiteGroup, by: Actor, *, limit: int) -> list[Discarded]:
    """What lies in the trash and this person may bring back, newest first."""
    found = [entry for entry in site.trash.values() if may_undelete(site, entry, by)]
    return sorted(found, key=lambda entry: entry.at, reverse=True)[:limit]


def may_purge(site: SiteGroup, entry: Discarded, by: Actor) -> bool:
    """Whether a person may destroy something for good: by the right `purge` where it stood, or on the whole."""
    home = site.catalog.node(entry.parent_uid)
    return permits(by, Permission.PURGE, home if isinstance(home, Container) else site)


def purge(site: SiteGroup, uid: int, *, by: Actor) -> None:
    """Destroy something in the trash for good, with all below it; what is large is cleared away by the jobs.

    Raises NotFound if it is not there, Forbidden without `purge`. From then on nobody sees it or brings it back.
    """
    entry: Discarded | None = site.trash.get(uid)
    if entry is None:
        raise NotFound(_("回收站中没有这项内容。"))
    if not by.is_system and not may_purge(site, entry, by):
        raise Forbidden(_("您没有彻底删除“${title}”的权限。", mapping={"title": entry.node.title}))
    del site.trash[uid]
    going_of(site)[uid] = entry.node
    site.audit.append(by, "purge", reason=f"{entry.node.title} ({entry.name}, {uid})")
    clear_away(site, PIECE)


def going_of(site: SiteGroup) -> UidTree:
    """What has been destroyed and is still being cleared away."""
    found: UidTree = site.register("purging", UidTree)
    return found


def clear_away(site: SiteGroup, most: int) -> int:
    """Take the next nodes of what was destroyed out of all indexes; returns how many."""
    left = most
    for uid, node in list(islice(going_of(site).items(), most)):
        left = _clear(site, node, left)
        if left <= 0 and not _is_bare(node):
            break
        _forget(site, node)
        del going_of(site)[uid]
        left -= 1
    return most - max(left, 0)


def _is_bare(node: Node) -> bool:
    return not isinstance(node, Container) or len(node) == 0


def _clear(site: SiteGroup, node: Node, left: int) -> int:
    """Clear what is below a node, the deepest first, as long as something is left to do; returns what is."""
    if not isinstance(node, Container):
        return left
    for name in list(islice(node.names(), max(left, 0))):
        child = node[name]
        left = _clear(site, child, left)
        if left <= 0:
            return left
        node.detach(name)
        _forget(site, child)
        left -= 1
    return left


def _forget(site: SiteGroup, node: Node) -> None:
    catalog = site.catalog
    for uid in catalog.shown_in.get(node.uid, ()):
        shown = catalog.nodes.get(uid)
        if isinstance(shown, Placement) and shown.__parent__ is not None:
            shown.__parent__.detach(str(shown.__name__))
            catalog.unindex(shown)
    catalog.unindex(node)
    catalog.shown_in.pop(node.uid, None)
    catalog.own_rights.pop(node.uid, None)
    catalog.ruled.pop(node.uid, None)
    if isinstance(node, Item):
        catalog.agenda.set(node.uid, "publish", node.publish_at, None)
        catalog.agenda.set(node.uid, "expire", node.expire_at, None)
        catalog.journal.note(node.uid)
        site.unreviewed.pop(node.uid, None)


def ends(entry: Discarded, days: int) -> datetime | None:
    """When something in the trash is destroyed by itself; None where `trash_days` is 0."""
    return entry.at + timedelta(days=days) if days else None


def warn_and_purge(site: SiteGroup, days: int) -> int:
    """Destroy what has lain in the trash for so many days, a week after its people were told; returns how many.

    Nothing goes without notice: what was never told of is told of now and goes a week later.
    """
    if not days:
        return 0
    now, gone = clock.now(), 0
    for uid, entry in list(site.trash.items()):
        if entry.warned is None and now >= entry.at + timedelta(days=days - NOTICE_DAYS):
            _warn(
                site, entry, max(entry.at + timedelta(days=days), now + timedelta(days=NOTICE_DAYS))
            )
            site.trash[uid] = entry._replace(warned=now)
        elif entry.warned is not None and now >= max(
            entry.at + timedelta(days=days), entry.warned + timedelta(days=NOTICE_DAYS)
        ):
            purge(site, uid, by=SYSTEM_ACTOR)
            gone += 1
    return gone


def _warn(site: SiteGroup, entry: Discarded, at: datetime) -> None:
    home = site.catalog.node(entry.parent_uid) or site
    text = _("${day} 起彻底删除，需要时请先恢复", mapping={"day": clock.day(at)})
    for user_id in _concerned(site, entry, home):
        notice = Notice(clock.now(), "purge", home.uid, entry.node.title, "", text)
        site.notices.add(user_id, notice)
    record_site(SYSTEM_ACTOR, "warn_purge", site, reason=entry.node.title)


def _concerned(site: SiteGroup, entry: Discarded, home: Node) -> Iterator[str]:
    """Who deleted it, and who manages the place where it stood by a grant in their own name."""
    people = {entry.by}
    current: Node | None = home
    while current is not None:
        people |= {
            grant.principal.removeprefix("user:")
            for grant in current.grants
            if grant.role == "manager" and grant.principal.startswith("user:") and grant.is_active()
        }
        current = current.__parent__ if current.inherits else None
    return (user_id for user_id in sorted(people) if site.directory.user(user_id) is not None)
