"""When a text is to be looked at again, and by whom; and having looked."""

from __future__ import annotations

from datetime import date
from typing import Any

from pyramid.view import view_config

from egov.base.errors import Invalid
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.base.text import as_number
from egov.manage.frame import done, page
from egov.model.item import Item
from egov.operations.reviewing import mark_reviewed, set_review


@view_config(route_name="manage", context=Item, name="review", permission=Permission.EDIT,
             request_method="GET", renderer="templates/review.pt")  # fmt: skip
def show_review(context: Item, request: Any) -> dict[str, Any]:
    """The day and the person, as they are set."""
    return _review_page(context, request, {})


def _review_page(context: Item, request: Any, errors: dict[str, Message]) -> dict[str, Any]:
    review, sent = context.review, request.POST
    people = [(u.id, u.name) for u in request.site.directory.users.values() if not u.disabled]
    return page(request, context, _("“${title}”的复核", mapping={"title": context.title})) | {
        "due": sent.get("due", review.due.isoformat() if review else ""),
        "who": sent.get("who", review.who if review else request.actor.id),
        "is_set": review is not None,
        "people": people,
        "errors": errors,
    }


@view_config(route_name="manage", context=Item, name="review", permission=Permission.EDIT,
             request_method="POST", renderer="templates/review.pt")  # fmt: skip
def do_review(context: Item, request: Any) -> Any:
    """Set the day and the person, or note that it was looked at."""
    sent, by = request.POST, request.actor
    try:
        if sent.get("do") == "done":
            mark_reviewed(context, as_number(sent.get("months"), 3), sent.get("note", ""), by=by)
            return done(
                request, context, _("已记下“${title}”复核无误。", mapping={"title": context.title})
            )
        due = _day(sent.get("due", "")) if sent.get("do") != "never" else None
        set_review(context, due, sent.get("who", ""), by=by)
    except Invalid as error:
        return _review_page(context, request, error.fields or {"due": error.message})
    return done(request, context, _("已保存复核日期。"))


def _day(raw: str) -> date:
    try:
        return date.fromisoformat(raw)
    except ValueError:
        message = _("请填写日期。")
        raise Invalid(message, {"due": message}) from None
