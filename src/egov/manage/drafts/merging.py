"""Keeping what is being written, and bringing together what two people wrote at once."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from pyramid.view import view_config

from egov.base import clock
from egov.base.errors import Conflict, Forbidden, Invalid
from egov.base.permissions import Permission
from egov.history.compare import Difference, difference
from egov.history.merge import merge
from egov.model.files import StoredFile
from egov.model.item import Item
from egov.operations.content import autosave, validated, version_of
from egov.web.forms import read
from egov.web.rendering import say_in


def base_of(item: Item) -> str:
    """The values that a form was opened with, as it carries them; files by their ids."""
    return json.dumps(item.work.values, default=_plain, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, StoredFile):
        return {"file": value.id}
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def merging(
    item: Item, request: Any, mine: dict[str, Any]
) -> tuple[dict[str, Any], list[Difference]]:
    """What a person typed with what another saved meanwhile, and the fields in which both changed the same place."""
    theirs, base = item.work.values, _base(request)
    try:
        mine = validated(type(item), mine)  # as it would be stored, so that only real changes count
    except Invalid:
        mine = dict(mine)
    told = {name: _comparable(value) for name, value in mine.items()}
    others = {name: _comparable(theirs.get(name)) for name in mine}
    merged = merge({name: base.get(name) for name in mine}, told, others)
    values = {
        name: mine[name]
        if merged.values[name] == told[name]
        else theirs.get(name)
        if merged.values[name] == others[name]
        else merged.values[name]
        for name in mine
    }
    fields = {field.name: field for field in type(item).schema()}
    clashes = [difference(fields[name], theirs.get(name), mine[name]) for name in merged.clashes]
    return values, clashes


def _base(request: Any) -> dict[str, Any]:
    try:
        found = json.loads(request.POST.get("base", "") or "{}")
    except ValueError:
        return {}
    return {k: _comparable(v) for k, v in found.items()} if isinstance(found, dict) else {}


def _comparable(value: Any) -> Any:
    """A value as it compares with one that went through a form: "" for nothing, files by their ids."""
    if isinstance(value, StoredFile):
        return ("file", value.id)
    if isinstance(value, dict):
        return ("file", value.get("file"))
    if isinstance(value, list | tuple):
        return tuple(_comparable(part) for part in value)
    if isinstance(value, date):
        return value.isoformat()
    return value or ""


def theirs_chosen(item: Item, request: Any) -> dict[str, Any]:
    """The fields of which a person took the other's wording after a merge."""
    return {
        field.name: item.work.values.get(field.name)
        for field in type(item).schema()
        if request.POST.get(f"take-{field.name}") == "theirs"
    }


@view_config(route_name="manage", context=Item, name="autosave", permission=Permission.EDIT,
             request_method="POST", renderer="json")  # fmt: skip
def keep_writing(context: Item, request: Any) -> dict[str, Any]:
    """Keep the form's fields in the draft; uploads wait for the real saving."""
    values, errors = read(request, type(context).schema(), context.work.values)
    try:
        if not errors:
            version, anew = request.POST.get("version", ""), "merged" in request.POST
            autosave(context, values, by=request.actor, expected=version, anew=anew)
    except Conflict as error:
        request.response.status_int = 409
        return {"message": say_in(request, error.message)}
    except (Invalid, Forbidden) as error:
        request.response.status_int = 422
        return {"message": say_in(request, error.message)}
    return {
        "version": version_of(context),
        "base": base_of(context),
        "saved": clock.local(clock.now()).strftime("%H:%M:%S"),
    }
