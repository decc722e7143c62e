"""Remarks on an item while it is worked on: anchored to a field or a passage, answered, resolved."""

from __future__ import annotations

from egov.base import clock
from egov.base.errors import Conflict, Invalid, NotFound
from egov.base.html import plain
from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.history.deeds import facts, part
from egov.model.desk import Desk, Remark, Reply
from egov.model.item import Item
from egov.model.types import schema_of
from egov.operations.keeping import keep
from egov.operations.notices import tell, writers
from egov.operations.record import record, require
from egov.security.principals import Actor

MAX_TEXT, MAX_PASSAGE, MAX_REMARKS = 2000, 300, 500


def remark(item: Item, text: str, *, by: Actor, field: str = "", passage: str = "") -> Remark:
    """Say something about an item, a field of it, or a passage of the field.

    Raises Forbidden without `preview`, Invalid for an empty or too long text, an unknown field or a passage that
    does not stand there. Tells the writers.
    """
    require(by, Permission.PREVIEW, item)
    clean = _clean(text)
    if field and field not in {node.name for node in schema_of(type(item))}:
        raise Invalid(_("没有这一项内容。"))
    passage = " ".join(passage.split())[:MAX_PASSAGE]
    if passage and not stands(item, field, passage):
        message = _("所引的文字不在这一项内容中。")
        raise Invalid(message, {"passage": message})
    desk = desk_of(item)
    if len(desk.remarks) >= MAX_REMARKS:
        raise Invalid(_("批注太多，请先处理已有的批注。"))
    made = desk.add(Remark(by.id, clean, field, passage, item.work.number))
    record(by, "remark", item, edition=item.work.number, comment=clean)
    keep(item, {part("remark", made.key): None})
    tell(writers(item), "remark", item, by=by, text=clean)
    return made


def reply(item: Item, key: int, text: str, *, by: Actor) -> Remark:
    """Answer a remark; raises Forbidden without `preview`, NotFound, Invalid for an empty or too long text."""
    require(by, Permission.PREVIEW, item)
    found = _remark(item, key)
    clean = _clean(text)
    if len(found.replies) >= MAX_REMARKS:
        raise Invalid(_("批注太多，请先处理已有的批注。"))
    before = facts(item, [part("remark", key)])
    found.replies = (*found.replies, Reply(by.id, clock.now(), clean))
    record(by, "remark", item, edition=item.work.number, comment=clean)
    keep(item, before)
    tell(writers(item) | found.people, "remark", item, by=by, text=clean)
    return found


def resolve(item: Item, key: int, *, by: Actor) -> Remark:
    """Settle a remark; it stays, with who settled it.

    Raises Forbidden without `preview`, NotFound, Conflict if it is settled.
    """
    require(by, Permission.PREVIEW, item)
    found = _remark(item, key)
    if found.resolved_by:
        raise Conflict(_("这条批注已经处理过了。"))
    before = facts(item, [part("remark", key)])
    found.resolved_by, found.resolved_at = by.id, clock.now()
    record(by, "resolve", item, edition=item.work.number, comment=found.text[:100])
    keep(item, before)
    tell(found.people, "remark", item, by=by, text=found.text[:100])
    return found


def desk_of(item: Item) -> Desk:
    """The item's desk, made when it is first needed."""
    if item.desk is None:
        item.desk = Desk()
    return item.desk


def stands(item: Item, field: str, passage: str) -> bool:
    """Whether a passage stands in a field of the edition at work, whatever its markup and line breaks."""
    value = item.work.values.get(field)
    return isinstance(value, str) and "".join(passage.split()) in "".join(plain(value).split())


def _remark(item: Item, key: int) -> Remark:
    found: Remark | None = item.desk.remarks.get(key) if item.desk is not None else None
    if found is None:
        raise NotFound(_("没有这条批注。"))
    return found


def _clean(text: str) -> str:
    clean = text.strip()
    if not clean or len(clean) > MAX_TEXT:
        message = _("请写明内容，不超过 2000 个字。")
        raise Invalid(message, {"text": message})
    return clean
