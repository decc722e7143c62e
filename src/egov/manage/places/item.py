"""An item on the manage side: what is written, where it stands, what comes next; its history."""

from __future__ import annotations

from typing import Any

from pyramid.view import view_config

from egov.base import clock
from egov.base.errors import Invalid
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.base.text import as_number
from egov.catalog import reads
from egov.checks.findings import BLOCK
from egov.history.actions import ACTIONS
from egov.history.compare import as_text
from egov.manage.drafts.sharing import share_url
from egov.manage.frame import chip, done, page
from egov.manage.places.arranging import TAKES_DOWN, ask_before, used
from egov.manage.places.contents import node_links
from egov.manage.review.deciding import against_live, decision
from egov.manage.review.desk import assign_url, assignment_of, remarks_of
from egov.manage.review.releases import may_release, open_releases
from egov.manage.review.scheduling import times
from egov.manage.staff.organisation import unit_of_office
from egov.model.files import StoredFile
from egov.model.item import Edition, Item
from egov.operations.checking import check_item, may_waive, waive
from egov.operations.inbox import following
from egov.operations.publishing import MAX_NOTE, Update, may_confirm
from egov.operations.workflow import advance, restore
from egov.security.policy import permits, permits_duty, table_for, votes
from egov.web.rendering import say_in
from egov.web.urls import file_url, manage_url, preview_url


@view_config(
    route_name="manage", context=Item, permission=Permission.PREVIEW, renderer="templates/item.pt"
)
def item(context: Item, request: Any) -> dict[str, Any]:
    """The edition at work, its state and the steps that this person may take."""
    return _item_page(context, request)


def _item_page(context: Item, request: Any, error: Any = "", comment: str = "") -> dict[str, Any]:
    may_edit = permits(request.actor, Permission.EDIT, context)
    return page(request, context) | {
        "fields": _fields_with_remarks(context, request),
        "number": context.work.number,
        "chip": chip(context),
        "unreviewed": _unreviewed(context, request),
        "confirm_url": manage_url(context, "confirm"),
        "edit_url": manage_url(context, "edit") if may_edit else "",
        "digest": context.work.digest()[:12],
        "opinions": _opinions(context, request),
        "counted": _counted(context, request),
        "published": clock.stamp(context.published_at),
        "owner": request.site.directory.title_of(f"user:{context.owner}"),
        "links": node_links(context, request.actor),
        "against_live": against_live(context),
        "assignment": assignment_of(context, request.site.directory),
        "preview_url": preview_url(context) if context.draft is not None else "",
        **_unit(context, request),
        "share_url": share_url(context, request.actor),
        "release_url": manage_url(context, "put-in-release"),
        "releases": open_releases(request.site, request.actor)
        if may_release(context, request)
        else [],
        "assign_url": assign_url(context, request.actor),
        "remark_url": manage_url(context, "remark"),
        **times(context, request.actor),
        **_checked(context, request),
        **decision(context, request, error, comment),
    }


def _unit(item: Item, request: Any) -> dict[str, Any]:
    """The unit that an office's page tells of, with its own page for who looks after units."""
    unit = unit_of_office(item, request.site.directory)
    leads = unit is not None and permits_duty(request.actor, Permission.SECURITY)
    return {
        "unit": unit.title if unit is not None else "",
        "unit_url": manage_url(request.site, "unit", id=unit.id) if unit and leads else "",
    }


def _opinions(item: Item, request: Any) -> list[dict[str, Any]]:
    """What each person before has decided, and whether it was on exactly what stands here now."""
    states, now = table_for(item).states, item.work.digest()
    return [
        {
            "who": request.site.directory.title_of(f"user:{o.by}"),
            "what": ACTIONS.get(o.action, o.action),
            "comment": o.comment,
            "at": clock.stamp(o.at),
            "digest": o.digest[:12],
            "is_same": o.digest == now,
            "led_to": states[o.state].title if o.state in states else "",
            "tone": states[o.state].tone if o.state in states else "neutral",
        }
        for o in item.opinions
    ]


def _counted(item: Item, request: Any) -> list[Message]:
    """Of each step that needs several people, who has taken it and how many more it needs."""
    told = []
    for step in table_for(item).leaving(item.draft_state):
        if step.approvals > 1:
            names = [request.site.directory.title_of(f"user:{who}") for who in votes(step, item)]
            mapping = {
                "step": say_in(request, step.title), "all": step.approvals,
                "names": "、".join(reversed(names)), "rest": step.approvals - len(names),
            }  # fmt: skip
            told.append(
                _("“${step}”需要 ${all} 人，${names}已办理，还需 ${rest} 人。", mapping=mapping)
                if names
                else _("“${step}”需要 ${all} 人，还没有人办理。", mapping=mapping)
            )
    return told


def _fields_with_remarks(item: Item, request: Any) -> list[dict[str, Any]]:
    """The filled fields with what was said about each; last, without a name, what was said about the whole."""
    remarks = remarks_of(item, request.site.directory, request.actor.id)
    fields = edition_fields(item, item.work)
    shown = [field | {"remarks": remarks.pop(field["name"], [])} for field in fields]
    rest = [said for field in remarks.values() for said in field]
    whole = {"name": "", "title": "", "html": "", "links": [], "text": "", "remarks": rest}
    return [*shown, whole]


def _unreviewed(item: Item, request: Any) -> dict[str, Any] | None:
    """Who published it without review, and whether this person can review it now."""
    forced = item.forced
    return forced and {
        "who": request.site.directory.title_of(f"user:{forced.by}"),
        "why": forced.comment,
        "at": clock.stamp(forced.at),
        "may_confirm": may_confirm(item, request.actor),
    }


def _checked(context: Item, request: Any) -> dict[str, Any]:
    """What the checks find while a draft is at work, and who has let it pass."""
    waiver = context.work.waiver
    found = check_item(context) if context.draft is not None else []
    blocked = waiver is None and any(f.severity == BLOCK for f in found)
    titles = {field.name: field.title for field in type(context).schema()}
    return {
        "findings": [
            (f.severity == BLOCK, f.field, titles.get(f.field, f.field), f.message, f.place)
            for f in found
        ],
        "may_waive": blocked and may_waive(context, request.actor),
        "waive_url": manage_url(context, "waive"),
        "waiver": waiver and (request.site.directory.title_of(f"user:{waiver.by}"), waiver.reason),
    }


@view_config(route_name="manage", context=Item, name="waive", permission=Permission.PREVIEW,
             request_method="POST", renderer="templates/item.pt")  # fmt: skip
def waive_checks(context: Item, request: Any) -> Any:
    """Let the draft pass in spite of the checks."""
    try:
        waive(context, request.POST.get("reason", ""), by=request.actor)
    except Invalid as error:
        return _item_page(context, request, error.message)
    return done(request, context, _("已放行“${title}”。", mapping={"title": context.title}))


def edition_fields(node: Item, edition: Edition) -> list[dict[str, Any]]:
    """The filled fields of an edition, for reading."""
    found = []
    for field in type(node).schema():
        value = edition.values.get(field.name)
        if value and not getattr(field, "is_within", False):
            files = value if isinstance(value, tuple) else (value,)
            links = [(f.filename, file_url(node, f)) for f in files if isinstance(f, StoredFile)]
            html = value if field.kind == "html" else ""
            text = "" if html or links else as_text(field, value)
            found.append(
                {
                    "name": field.name,
                    "title": field.title,
                    "html": html,
                    "links": links,
                    "text": text,
                }
            )
    return found


@view_config(
    route_name="manage", context=Item, name="step", permission=Permission.PREVIEW, request_method="POST",
    renderer="templates/item.pt",
)  # fmt: skip
def step_item(context: Item, request: Any) -> Any:
    """Take a step of the item's workflow; what was typed comes back when something is missing."""
    name, comment = request.POST.get("step", ""), request.POST.get("comment", "")
    if name in TAKES_DOWN and "sure" not in request.POST and (uses := used(context, request)):
        return ask_before(context, request, name, uses)
    decides = bool(reads.decisions(request.actor, context))
    behind = following(request.actor, request.site, context.uid) if decides else 0
    try:
        advance(context, name, by=request.actor, comment=comment, update=_update(request.POST))
    except Invalid as error:
        more = "".join(say_in(request, message) for message in error.fields.values())
        return _item_page(context, request, more or error.message, comment)
    title = ACTIONS.get(name, name)
    return done(
        request,
        context,
        _("“${title}”：${step}。", mapping={"title": context.title, "step": title}),
        next=behind,
    )


def _update(sent: Any) -> Update:
    return Update(sent.get("note", "")[:MAX_NOTE], minor="minor" in sent)


@view_config(
    route_name="manage",
    context=Item,
    name="restore",
    permission=Permission.EDIT,
    request_method="POST",
)
def restore_edition(context: Item, request: Any) -> Any:
    """Begin a new draft with the text of an older edition."""
    restore(context, as_number(request.POST.get("number")), by=request.actor)
    return done(request, context, _("已用旧版内容新建草稿，请核对后提交审核。"))
