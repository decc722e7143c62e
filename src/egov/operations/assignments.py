"""Who is to deal with an item, and by when; reminders on the day, escalation after it."""

from __future__ import annotations

from datetime import date

from egov.base import clock
from egov.base.errors import Forbidden, Invalid
from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.base.workdays import after, is_workday, read_table
from egov.model.desk import Assignment
from egov.model.item import Item
from egov.model.node import lineage
from egov.model.site import SiteGroup, site_of
from egov.operations.discussion import desk_of
from egov.operations.keeping import undoable
from egov.operations.notices import tell
from egov.operations.record import record
from egov.security.policy import permits, roles_on, table_for
from egov.security.principals import SYSTEM_ACTOR, Actor, User, actor_for

MAX_NOTE, MAX_DAYS = 500, 60
REMINDED, ESCALATED = 1, 2


def may_assign(item: Item, by: Actor) -> bool:
    """Whether a person may say who deals with an item: who decides on it, or may write it."""
    deciders = frozenset[str]().union(*table_for(item).deciding().values())
    return not deciders.isdisjoint(roles_on(by, item)) or permits(by, Permission.EDIT, item)


@undoable
def assign(item: Item, to: str, days: int, *, by: Actor, note: str = "") -> Assignment:
    """Give an item to a person to deal with within so many working days, instead of whoever had it.

    Raises Forbidden for who may not (`may_assign`), Invalid at the field for somebody who does not exist, cannot sign
    in or may not see it, for no draft at work, and for a number of days outside 0 to 60. Tells the person.
    """
    require_assigner(item, by)
    if item.draft is None:
        raise Invalid(_("“${title}”没有正在处理的稿件。", mapping={"title": item.title}))
    site = site_of(item)
    user = _assignable(item, to)
    if not 0 <= days <= MAX_DAYS:
        message = _("期限请填 0 到 60 个工作日。")
        raise Invalid(message, {"days": message})
    due = after(clock.today(), days, holidays_of(site))
    made = Assignment(to, by.id, clock.now(), due, note.strip()[:MAX_NOTE])
    _give(item, made)
    record(by, "assign", item, edition=item.work.number, comment=f"{user.name}，{due}")
    tell([to], "assign", item, by=by, text=made.note)
    return made


def release(item: Item) -> None:
    """Forget who was to deal with an item: it has been dealt with, or has gone."""
    if item.desk is not None and item.desk.assignment is not None:
        site_of(item).tasks.remove(item.desk.assignment, item.uid)
        item.desk.assignment = None


def put_back(item: Item, given: Assignment | None) -> None:
    """Let an item wait for whom it once waited, or for nobody; raises Invalid as `assign` does for that person."""
    if given is None:
        release(item)
    else:
        _assignable(item, given.to)
        _give(item, given)


def require_assigner(item: Item, by: Actor) -> None:
    """Raise Forbidden for who may not say who deals with an item."""
    if not may_assign(item, by):
        raise Forbidden(_("您没有在“${title}”上进行此操作的权限。", mapping={"title": item.title}))


def _assignable(item: Item, to: str) -> User:
    user = site_of(item).directory.user(to)
    if user is None or user.disabled:
        message = _("没有“${who}”这位人员，或其账号已停用。", mapping={"who": to})
        raise Invalid(message, {"to": message})
    if not permits(actor_for(user), Permission.PREVIEW, item):
        message = _("“${who}”看不到这篇稿件，不能交给此人。", mapping={"who": user.name})
        raise Invalid(message, {"to": message})
    return user


def _give(item: Item, given: Assignment) -> None:
    release(item)
    desk_of(item).assignment = given
    site_of(item).tasks.add(given, item.uid)


def assigned_to(site: SiteGroup, by: Actor, limit: int) -> list[Item]:
    """What waits for a person, the earliest due first."""
    found: list[Item] = []
    for uid in site.tasks.of(by.id):
        item = site.catalog.node(uid)
        if isinstance(item, Item) and permits(by, Permission.PREVIEW, item):
            found.append(item)
        if len(found) == limit:
            break
    return found


def remind(site: SiteGroup) -> int:
    """Tell, once each, whose work is due today and whose is late; late work is told to who gave it and to managers.

    Only on working days; returns how many things were told of.
    """
    today = clock.today()
    if site.tasks.day == today.isoformat() or not is_workday(today, holidays_of(site)):
        return 0
    site.tasks.day = today.isoformat()
    late = site.tasks.reaching(ESCALATED, date.fromordinal(today.toordinal() - 1).isoformat())
    due = site.tasks.reaching(REMINDED, today.isoformat())
    for event, uids in (("overdue", late), ("due", due)):
        for uid in uids:
            item = site.catalog.node(uid)
            given = item.desk.assignment if isinstance(item, Item) and item.desk else None
            if not isinstance(item, Item) or given is None:
                continue
            people = {given.to}
            if event == "overdue":
                people |= {given.by, *managers_of(item)}
            tell(people, event, item, by=SYSTEM_ACTOR, text=str(given.due))
    return len(late) + len(due)


def managers_of(item: Item) -> set[str]:
    """Who manages the item by the grants nearest to it, themselves or by a group or unit."""
    people = [user for user in site_of(item).directory.users.values() if not user.disabled]
    for above in lineage(item):
        named = {g.principal for g in above.grants if g.role == "manager" and g.is_active()}
        if found := {user.id for user in people if not named.isdisjoint(user.principals)}:
            return found
    return set()


def holidays_of(site: SiteGroup) -> dict[date, bool]:
    """The office's own table of holidays and working days."""
    return read_table(site.values.get("holidays", ""))
