"""Links by which somebody without an account sees drafts as the public would, and decides in their maker's place."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from egov.base import clock, ids
from egov.base.errors import Conflict, Forbidden, Invalid, NotFound
from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.model.item import Item
from egov.model.release import Pass
from egov.model.site import SiteGroup
from egov.operations.assignments import may_assign
from egov.operations.record import record
from egov.operations.workflow import advance, available
from egov.security.policy import permits, table_for
from egov.security.principals import Actor, actor_for
from egov.workflow.table import Transition

MAX_DAYS = 30
MAX_NAME = 60


def make_pass(
    site: SiteGroup, items: Iterable[Item], name: str, days: int, *, by: Actor, may_decide: bool = False
) -> str:  # fmt: skip
    """The secret of a new link to the drafts of some items; only its hash is kept.

    Raises Forbidden for who may not say who deals with each of them (`may_assign`), Invalid at the field for no name or
    a number of days outside 1 to 30.
    """
    found = tuple(items)
    if not found or not all(may_assign(item, by) for item in found):
        raise Forbidden(_("您不能把这篇稿件给别人看。"))
    if not name.strip() or len(name) > MAX_NAME:
        message = _("请写明给谁看，不超过 60 个字。")
        raise Invalid(message, {"name": message})
    if not 1 <= days <= MAX_DAYS:
        message = _("有效期请填 1 到 30 天。")
        raise Invalid(message, {"days": message})
    token = ids.new_token()
    until = clock.now() + timedelta(days=days)
    uids = tuple(item.uid for item in found)
    site.passes.add(hash_of(token), Pass(uids, name.strip(), by.id, until, may_decide))
    for item in found:
        record(by, "make_pass", item, edition=item.work.number, comment=name.strip())
    return token


def revoke_pass(site: SiteGroup, item: Item, key: str, *, by: Actor) -> None:
    """Let a link open nothing any more; raises NotFound, Forbidden for who may not make one."""
    made = site.passes.get(key)
    if made is None or item.uid not in made.items:
        raise NotFound(_("没有这个链接。"))
    if not may_assign(item, by) and made.by != by.id:
        raise Forbidden(_("您不能收回这个链接。"))
    made.revoked = True
    record(by, "revoke_pass", item, edition=item.work.number, comment=made.name)


def opened(site: SiteGroup, token: str) -> Pass:
    """The good link of a secret; raises NotFound for any other, and once its maker may not see the drafts any more."""
    made = site.passes.get(hash_of(token))
    if made is None or not made.is_good:
        raise NotFound(_("链接无效或已过期。"))
    maker = _maker(site, made)
    for item in items_of_pass(site, made):
        if not permits(maker, Permission.PREVIEW, item):
            raise NotFound(_("链接无效或已过期。"))
    return made


def items_of_pass(site: SiteGroup, made: Pass) -> list[Item]:
    """The items that a link shows and that are still there."""
    found = (site.catalog.node(uid) for uid in made.items)
    return [item for item in found if isinstance(item, Item)]


def choices(site: SiteGroup, made: Pass) -> dict[int, list[Transition]]:
    """The decisions that a link allows on each item: those on a waiting draft that its maker could take now."""
    if not made.may_decide:
        return {}
    maker = _maker(site, made)
    found = {}
    for item in items_of_pass(site, made):
        table = table_for(item)
        steps = [
            step
            for step in available(item, maker)
            if item.draft_state in step.sources
            and item.draft_state in table.deciding()
            and table.lane(step.target) == "work"
            and step.target != table.start  # that is the writers' own way back
        ]
        if steps:
            found[item.uid] = steps
    return found


def decide(
    site: SiteGroup, token: str, uid: int, step: str, *, digest: str, comment: str, address: str = ""
) -> Item:  # fmt: skip
    """Take a decision by a link, in its maker's place and under both names.

    Raises NotFound for a link that is not good or has no such item, Forbidden for a step that it does not allow,
    Conflict if the draft is not the one that was seen (its digest), and as `advance` does.
    """
    made = opened(site, token)
    item = next((item for item in items_of_pass(site, made) if item.uid == uid), None)
    if item is None:
        raise NotFound(_("链接无效或已过期。"))
    if step not in {known.name for known in choices(site, made).get(uid, [])}:
        raise Forbidden(_("这个链接现在不能用来办理此事。"))
    if item.work.digest() != digest:
        raise Conflict(_("稿件在您查看之后有了修改，请重新查看后再决定。"))
    maker = _maker(site, made)
    both = replace(maker, name=f"{made.name}（经{maker.name}的链接）", address=address)
    told = f"{made.name}：{comment.strip()}" if comment.strip() else ""
    advance(item, step, by=both, comment=told)
    return item


def hash_of(token: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(token.encode()).hexdigest()


def _maker(site: SiteGroup, made: Pass) -> Actor:
    user = site.directory.user(made.by)
    if user is None or user.disabled:
        raise NotFound(_("链接无效或已过期。"))
    return actor_for(user)
