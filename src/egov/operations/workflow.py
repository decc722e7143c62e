"""Moving content through its states: submit, approve, return, publish, withdraw, restore …"""

from __future__ import annotations

from egov.base import clock
from egov.base.errors import Conflict, Forbidden, Invalid, NotFound
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.model.container import Container
from egov.model.item import Edition, Item, Opinion
from egov.model.node import Node
from egov.model.site import SiteGroup, site_of
from egov.model.types import schema_of
from egov.operations.assignments import release
from egov.operations.checking import check_gate
from egov.operations.keeping import undoable
from egov.operations.notices import EVENTS, tell, writers
from egov.operations.publishing import FORCE, NO_UPDATE, Update, note_forced, tell_update
from egov.operations.record import record, require
from egov.security.policy import obstacle, table_for, votes
from egov.security.principals import Actor
from egov.workflow.table import Table, Transition

_GUARD_MESSAGES: dict[str, Message] = {
    "author": _("撰写过本稿的人不能审核本稿。"),
    "person": _("您已审核过本稿的前一环节，这一环节须由另一人审核。"),
    "voted": _("您已经同意过，还须另一人同意。"),
}
MAX_COMMENT = 2000


def available(node: Node, by: Actor) -> list[Transition]:
    """The steps that the actor may take with the node now; the usual next one first."""
    steps = [t for t in _leaving(node) if not obstacle(by, t, node)]
    return sorted(steps, key=lambda t: not t.next_step)


@undoable
def advance(
    node: Node, step_name: str, *, by: Actor, comment: str = "", update: Update = NO_UPDATE
) -> Node:
    """Take one step of the node's workflow; a step that publishes tells the public of the `update`.

    Raises Conflict if the node is not in a state from which the step leads, Forbidden without the role, Invalid
    where a guard forbids it, where the comment that the table asks for is missing, or where fields that are
    required at submission are empty. Side effects in order: state and editions, opinion, catalog, trail, audit.
    """
    table = table_for(node)
    step = _find(table, node, step_name)
    comment = comment.strip()
    _check_step(node, table, step, by, comment)
    number = 0
    if isinstance(node, Item):
        number = node.work.number
        _advance_item(node, table, step, by, comment, update)
    else:
        node.state = step.target
    node.modified = clock.now()
    catalog = site_of(node).catalog
    catalog.index(node)
    if isinstance(node, Container):
        catalog.rights_changed()
    record(by, step.name, node, edition=number, comment=comment)
    if isinstance(node, Item):
        release(node)
        if step.name in EVENTS:
            tell(writers(node), step.name, node, by=by, text=comment)
    return node


@undoable
def restore(item: Item, number: int, *, by: Actor) -> Item:
    """Begin a new draft edition with the values of an older one.

    Raises Forbidden without `edit`, NotFound if there is no edition of that number, Conflict if a draft is at work.
    """
    require(by, Permission.EDIT, item)
    old = item.edition(number)
    if old is None:
        raise NotFound(_("没有第 ${number} 版。", mapping={"number": number}))
    if item.draft is not None:
        raise Conflict(
            _("“${title}”已有一份正在处理的稿件，请先完成或删除它。", mapping={"title": item.title})
        )
    item.begin_draft(Edition(item.next_number(), old.values, by.id), table_for(item).start)
    item.modified = clock.now()
    site_of(item).catalog.index(item)
    comment = str(number)
    record(by, "restore", item, edition=item.work.number, comment=comment)
    return item


@undoable
def discard_draft(item: Item, *, by: Actor) -> Item:
    """Give up the draft edition of an item that is live; the draft stays among the older editions.

    Raises Forbidden without `delete` on the draft or `edit`, Conflict if there is no live edition or no draft.
    """
    require(by, Permission.EDIT, item)
    if item.draft is None or item.live is None:
        raise Conflict(_("“${title}”没有可以放弃的修改稿。", mapping={"title": item.title}))
    number = item.draft.number
    item.leave_behind(item.draft)
    item.draft = None
    item.enter("", live=False)
    item.title = item.live_title
    item.opinions = ()
    item.modified = clock.now()
    site_of(item).catalog.index(item)
    record(by, "discard_draft", item, edition=number)
    return item


def missing_fields(item: Item) -> dict[str, Message]:
    """The fields that must be filled before the draft may be submitted and are not."""
    values = item.work.values
    return {
        field.name: _("提交前请填写“${field}”。", mapping={"field": field.title})
        for field in schema_of(type(item))
        if getattr(field, "required_on_submit", False) and not values.get(field.name)
    }


def _leaving(node: Node) -> list[Transition]:
    table = table_for(node)
    if isinstance(node, Item):
        return table.leaving(node.draft_state, node.live_state)
    return table.leaving(node.state)


def _find(table: Table, node: Node, name: str) -> Transition:
    states = (node.draft_state, node.live_state) if isinstance(node, Item) else (node.state,)
    for state in states:
        if state and (step := table.find(name, state)):
            return step
    title = table.states[node.state].title if node.state in table.states else node.state
    raise Conflict(
        _(
            "“${title}”现在的状态是“${state}”，不能进行此操作。",
            mapping={"title": node.title, "state": title},
        )
    )


def _check_step(node: Node, table: Table, step: Transition, by: Actor, comment: str) -> None:
    hindered = obstacle(by, step, node)
    if hindered == "role":
        raise Forbidden(_("您没有在“${title}”上进行此操作的权限。", mapping={"title": node.title}))
    if hindered:
        raise Invalid(_GUARD_MESSAGES[hindered])
    if step.comment == "required" and not comment:
        message = _("请写明“${step}”的原因。", mapping={"step": step.title})
        raise Invalid(message, {"comment": message})
    if len(comment) > MAX_COMMENT:
        message = _("说明不能超过 2000 个字。")
        raise Invalid(message, {"comment": message})
    if isinstance(node, SiteGroup):
        raise Invalid(_("门户网站不能关闭。"))
    if isinstance(node, Item) and table.start in step.sources and (missing := missing_fields(node)):
        raise Invalid(_("提交之前还有必填内容没有填写。"), missing)
    if isinstance(node, Item) and table.start in step.sources:
        check_gate(node, by)


def _advance_item(
    item: Item, table: Table, step: Transition, by: Actor, comment: str, update: Update
) -> None:
    now = clock.now()
    digest = item.work.digest()
    if table.lane(step.target) == "work":
        is_last = len(votes(step, item)) + 1 >= step.approvals
        target = step.target if is_last else item.draft_state
        opinion = Opinion(by.id, step.name, now, comment, digest, target)
        item.opinions = (*item.opinions, opinion)
        item.enter(target, live=False)
    elif table.publishes(step):
        is_forced = step.name == FORCE
        if not is_forced:
            _check_approved_bytes(item)
        before = item.live
        item.publish_draft(step.target, now, minor=update.minor)
        tell_update(item, before, update)
        opinion = Opinion(by.id, step.name, now, comment, digest, step.target)
        note_forced(item, opinion if is_forced else None)
    else:
        item.notice = comment if step.name == "withdraw" else ""
        item.enter(step.target, live=True)


def _check_approved_bytes(item: Item) -> None:
    approvals = [o for o in item.opinions if o.action == "approve"]
    if approvals and approvals[-1].digest != item.work.digest():
        raise Conflict(
            _("“${title}”的内容与审核通过的内容不一致，不能发布。", mapping={"title": item.title})
        )
