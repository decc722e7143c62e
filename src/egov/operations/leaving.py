"""What a person leaves behind who goes: drafts, what waits for them and grants; handing it over in one step."""

from __future__ import annotations

from typing import NamedTuple

from persistent import Persistent

from egov.base import clock
from egov.base.errors import Conflict, EgovError, Invalid
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.catalog import reads
from egov.history.deeds import ASSIGNMENT, OWNER, step_of
from egov.model.item import Item
from egov.model.site import SiteGroup, site_of
from egov.operations.accounts import close
from egov.operations.delegation import Held, all_grants
from egov.operations.keeping import undoable
from egov.operations.notices import tell
from egov.operations.passing import HAND_OVER, Passed, in_use, pass_on
from egov.operations.record import record, record_site, require_duty
from egov.operations.undo import undo
from egov.security.policy import permits_duty
from egov.security.principals import Actor, User


class Left(NamedTuple):
    """What a person has at work, what waits for them, and which rights they hold and gave."""

    drafts: list[Item]
    waiting: list[Item]
    held: list[Held]
    given: list[Held]


class Handed(Persistent):
    """To whom a leaver's things went, and by which steps: the uid of each node and the key in its trail."""

    def __init__(self, to: str, was_open: bool, steps: tuple[tuple[int, int], ...]) -> None:
        self.to = to
        self.was_open = was_open
        self.steps = steps


class HandedOver(NamedTuple):
    """How much has been handed over."""

    drafts: int
    waiting: int
    grants: int


def left_by(site: SiteGroup, user: User) -> Left:
    """What a person would leave behind."""
    grants = [held for held in all_grants(site) if held.grant.is_active()]
    waiting = (site.catalog.node(uid) for uid in site.tasks.of(user.id))
    return Left(
        drafts=list(reads.drafts_of(site, user.id)),
        waiting=[item for item in waiting if isinstance(item, Item)],
        held=[held for held in grants if held.grant.principal == f"user:{user.id}"],
        given=[held for held in grants if held.grant.by == user.id],
    )


def hand_over(site: SiteGroup, user: User, to: User, *, by: Actor) -> HandedOver:
    """Give a person's drafts and what waits for them to another, and close the account.

    The security administrator so hands over their grants, too: with the same role, place, end and giver, and what the
    person has handed on stands by the other from now on. Membership of groups and units is not handed over.
    Raises Forbidden without the system or the security duty, Invalid for the same, a closed or one's own account,
    Conflict for the last of a duty. Tells the other.
    """
    require_duty(by, Permission.SYSTEM, Permission.SECURITY)
    if to is user or to.disabled or by.id in (to.id, user.id):
        message = _("请选择另一位在用的人员，不能移交给自己。")
        raise Invalid(message, {"to": message})
    was_open = not user.disabled
    if was_open:
        close(site, user)
    left = left_by(site, user)
    for item in left.drafts:
        _give(item, to, by, f"{user.id} → {to.id}")
    for item in left.waiting:
        _reassign(item, to, by)
    gives = by.is_system or permits_duty(by, Permission.SECURITY)
    passed = pass_on(site, f"user:{user.id}", f"user:{to.id}", by=by) if gives else Passed(0, ())
    found = HandedOver(len(left.drafts), len(left.waiting), passed.grants)
    steps = [(node.uid, node.log.maxKey()) for node in passed.nodes]
    steps += [(i.uid, step_of(i, ASSIGNMENT)) for i in left.waiting]
    steps += [(i.uid, step_of(i, OWNER)) for i in left.drafts]
    earlier = user.handed
    if earlier is not None and not was_open:  # each administrator hands over what is theirs to
        steps, was_open = [*steps, *earlier.steps], earlier.was_open
    user.handed = Handed(to.id, was_open, tuple(steps))
    record_site(
        by,
        "leave",
        site,
        reason=f"{user.id} → {to.id}：稿件 {found.drafts}，待办 {found.waiting}，授权 {found.grants}",
    )
    return found


def take_back(site: SiteGroup, user: User, *, by: Actor) -> list[Message]:
    """Give a person back what was handed over for them, with an account that is open again; what stays, and why.

    Grants come first, for who cannot see an item is given no work on it. Each step is taken back as from its own
    history: what others changed since stays as it is. Raises Forbidden without the system or the security duty,
    Conflict where nothing was handed over or somebody else had closed the account before.
    """
    require_duty(by, Permission.SYSTEM, Permission.SECURITY)
    handed = user.handed
    if handed is None:
        raise Conflict(_("没有可以撤销的移交。"))
    if user.disabled and not handed.was_open:
        in_use(site, user.id)
    user.disabled, user.opened, user.handed = False, clock.now(), None
    stays: list[Message] = []
    others: list[
        tuple[int, int]
    ] = []  # which another administrator, or the next time, may take back
    manager = site._p_jar.transaction_manager
    for uid, key in handed.steps:
        node = site.catalog.node(uid)
        mark = manager.savepoint()
        try:
            if node is not None:
                undo(site, node, key, by=by)
        except EgovError as error:
            mark.rollback()
            others += [] if isinstance(error, Conflict) else [(uid, key)]
            names = {"title": node.title, "why": error.message}
            stays.append(_("“${title}”：${why}", mapping=names))
    if others:
        user.handed = Handed(handed.to, True, tuple(others))
    told = f"{handed.to} → {user.id}: {len(handed.steps) - len(stays)}, {len(stays)}"
    record_site(by, "take_back_leave", site, reason=told)
    return stays


@undoable
def _give(item: Item, to: User, by: Actor, comment: str) -> None:
    item.owner = to.id
    site_of(item).catalog.index(item)
    record(by, HAND_OVER, item, comment=comment)


@undoable
def _reassign(item: Item, to: User, by: Actor) -> None:
    given = item.desk.assignment if item.desk is not None else None
    if item.desk is None or given is None:
        return
    tasks = site_of(item).tasks
    tasks.remove(given, item.uid)
    item.desk.assignment = given._replace(to=to.id)
    tasks.add(item.desk.assignment, item.uid)
    record(by, HAND_OVER, item, edition=item.work.number, comment=f"{given.to} → {to.id}")
    tell([to.id], "assign", item, by=by, text=given.note)
