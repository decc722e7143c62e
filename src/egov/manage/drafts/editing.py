"""Adding and editing: one form for every type, made from its schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyramid.view import view_config

from egov.base import clock
from egov.base.errors import Conflict, Invalid
from egov.base.i18n import _
from egov.base.ids import new_token
from egov.base.permissions import Permission
from egov.manage.drafts.merging import base_of, merging, theirs_chosen
from egov.manage.drafts.writing import begun, checks_of, remember
from egov.manage.frame import chip, done, page
from egov.manage.review.deciding import leaves_review
from egov.model import types
from egov.model.container import Container
from egov.model.item import Item
from egov.model.node import Node
from egov.operations.containers import configure
from egov.operations.content import create, edit, version_of
from egov.operations.ownership import owner_title
from egov.operations.workflow import advance, available
from egov.web.forms import build, mark, read
from egov.web.kept_forms import kept_forms
from egov.web.urls import manage_url, preview_url

FORM = "templates/form.pt"
# What a form shows and asks only where a text is written in it.
_NOTHING: dict[str, Any] = {
    "version": "", "base": "", "token": "", "item_uid": 0, "place_uid": 0, "chip": None, "can_submit": False,
    "leaves_review": False, "message": "", "note": "", "clashes": (), "is_merged": False, "checks": {"found": []},
    "autosave": "", "presence": "", "checks_url": "", "attach": "", "preview_url": "",
    "found_at": "", "lost_files": (), "theirs_label": _("对方的"), "mine_label": _("我的"),
}  # fmt: skip


def _form(
    request: Any, node: Node, title: Any, schema: Any, values: Any, **extra: Any
) -> dict[str, Any]:
    request.shows_editor = any(field.kind == "html" for field in schema)
    form = mark(build(request, schema, values), extra.pop("errors", {}))
    facts = _NOTHING | {"form": form, "user_id": request.actor.id}
    return page(request, node, title) | facts | {"cancel": manage_url(node)} | extra


@view_config(
    route_name="manage",
    context=Container,
    name="add",
    permission=Permission.ADD,
    request_method="GET",
    renderer=FORM,
)
def show_add(context: Container, request: Any) -> dict[str, Any]:
    """An empty form for a new node."""
    cls = types.get(request.GET.get("type", ""))
    title = _(
        "在“${where}”中新建${type}", mapping={"where": context.title, "type": cls.type_info.title}
    )
    schema = cls.schema()
    office = owner_title(context) if issubclass(cls, Item) else ""
    values: Mapping[str, Any] = {"source": office} if office and "source" in schema else {}
    values, found = _found_again(request, schema, values)
    return _form(request, context, title, schema, values, **_new(context, cls) | found)


def _new(context: Container, cls: type[Node]) -> dict[str, Any]:
    """What the form of something new needs; a text is kept as a draft while it is written."""
    facts = {"can_submit": issubclass(cls, Item), "token": new_token()}
    if issubclass(cls, Item):
        facts["autosave"] = manage_url(context, "autosave", type=cls.type_info.name)
        facts["presence"] = manage_url(context, "presence")
        facts["place_uid"] = context.uid
    return facts


@view_config(
    route_name="manage",
    context=Container,
    name="add",
    permission=Permission.ADD,
    request_method="POST",
    renderer=FORM,
)
def do_add(context: Container, request: Any) -> Any:
    """Make the node, and submit it if asked; nothing typed is lost when something is wrong."""
    cls = types.get(request.GET.get("type", ""))
    schema = cls.schema()
    values, errors = read(request, schema, {})
    title = _(
        "在“${where}”中新建${type}", mapping={"where": context.title, "type": cls.type_info.title}
    )
    try:
        _refuse(errors)
        node = begun(request) or create(context, cls.type_info.name, values, by=request.actor)
        remember(request, node)
    except Invalid as error:
        extra = {
            "errors": errors | error.fields,
            "message": error.message,
            **_new(context, cls),
        }
        return _form(request, context, title, schema, values, **extra)
    return _saved(request, node, _("已建立“${title}”。", mapping={"title": node.title}))


@view_config(
    route_name="manage",
    context=Item,
    name="edit",
    permission=Permission.EDIT,
    request_method="GET",
    renderer=FORM,
)
def show_edit(context: Item, request: Any) -> dict[str, Any]:
    """The form with the edition at work."""
    values, found = _found_again(request, type(context).schema(), context.work.values)
    return _edit_form(context, request, values, **found)


@view_config(
    route_name="manage",
    context=Item,
    name="edit",
    permission=Permission.EDIT,
    request_method="POST",
    renderer=FORM,
)
def do_edit(context: Item, request: Any) -> Any:
    """Save the draft, and submit it if asked."""
    values, errors = read(request, type(context).schema(), context.work.values)
    values |= theirs_chosen(context, request)
    is_merged = "merged" in request.POST
    try:
        _refuse(errors)
        edit(
            context,
            values,
            by=request.actor,
            expected=request.POST.get("version", ""),
            anew=is_merged,
        )
    except Invalid as error:
        return _edit_form(
            context, request, values, errors=errors | error.fields, message=error.message
        )
    except Conflict as error:
        merged, clashes = merging(context, request, values)
        note = _(
            "您和对方各自的改动已合并在下面，尚未保存。请核对；保存后，对方的版本保留在历史中。"
        )
        extra = {"message": error.message, "note": note, "clashes": clashes, "is_merged": True}
        return _edit_form(context, request, merged, **extra)
    return _saved(request, context, _("已保存“${title}”。", mapping={"title": context.title}))


def _edit_form(context: Item, request: Any, values: Any, **extra: Any) -> dict[str, Any]:
    title = _("编辑“${title}”", mapping={"title": context.title})
    facts = {
        "version": version_of(context),
        "base": base_of(context),
        "autosave": manage_url(context, "autosave"),
        "can_submit": True,
        "preview_url": preview_url(context),
        "presence": manage_url(context, "presence"),
        "checks": checks_of(context) if context.draft is not None else {"found": []},
        "checks_url": manage_url(context, "checks"),
        "attach": manage_url(context, "attach"),
        "chip": chip(context),
        "leaves_review": leaves_review(context),
        "item_uid": context.uid,
        "place_uid": context.__parent__.uid if context.__parent__ is not None else 0,
    }
    return _form(request, context, title, type(context).schema(), values, **facts | extra)


def _found_again(
    request: Any, schema: Any, values: Mapping[str, Any]
) -> tuple[Mapping[str, Any], dict[str, Any]]:
    """What this person sent to this address after their session had ended, and what the form then tells of it."""
    form = next((f for f in kept_forms(request) if f.path == request.path_qs), None)
    if form is None:
        return values, {}
    typed, _errors = read(request, schema, values, form.fields)
    sent = dict(form.fields)
    told: dict[str, Any] = {name: sent[name] for name in ("version", "base") if name in sent}
    if sent.get("form"):
        told["token"] = sent["form"]
    return typed, told | {"found_at": clock.stamp(form.at), "lost_files": form.lost_files}


def _refuse(errors: dict[str, Any]) -> None:
    if errors:
        raise Invalid(_("有文件没有上传成功，请看下面的说明。"))


def _saved(request: Any, node: Node, message: Any) -> Any:
    if "submit" in request.POST and isinstance(node, Item):
        return _submit(request, node)
    return done(request, node, message)


def _submit(request: Any, node: Item) -> Any:
    step = next((s for s in available(node, request.actor) if s.next_step), None)
    if step is None:
        return done(request, node, _("稿件已保存为草稿，但您现在不能提交它。"), tone="warning")
    try:
        advance(node, step.name, by=request.actor)
    except Invalid as error:
        # Which fields these are stands beside the form, among the checks.
        message = _("稿件已保存为草稿，还没有提交：${why}", mapping={"why": error.message})
        return done(request, node, message, "edit", "warning")
    return done(
        request, node, _("“${title}”：${step}。", mapping={"title": node.title, "step": step.title})
    )


@view_config(
    route_name="manage", context=Container, name="settings", permission=Permission.CONFIGURE,
    request_method="GET", renderer=FORM,
)  # fmt: skip
def show_settings(context: Container, request: Any) -> dict[str, Any]:
    """The settings of a container."""
    title = _("“${title}”的设置", mapping={"title": context.title})
    schema = type(context).schema()
    values, found = _found_again(request, schema, context.values)
    return _form(request, context, title, schema, values, **found)


@view_config(
    route_name="manage", context=Container, name="settings", permission=Permission.CONFIGURE,
    request_method="POST", renderer=FORM,
)  # fmt: skip
def do_settings(context: Container, request: Any) -> Any:
    """Change the settings of a container."""
    schema = type(context).schema()
    values, errors = read(request, schema, context.values)
    title = _("“${title}”的设置", mapping={"title": context.title})
    try:
        _refuse(errors)
        configure(context, values, by=request.actor)
    except Invalid as error:
        return _form(
            request,
            context,
            title,
            schema,
            values,
            errors=errors | error.fields,
            message=error.message,
        )
    view = "contents" if context is request.site else ""
    return done(
        request, context, _("已保存“${title}”的设置。", mapping={"title": context.title}), view
    )
