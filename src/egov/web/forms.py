"""Forms from schemas: one control per kind of field; what was typed comes back when something is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import colander

from egov.base.errors import Invalid
from egov.base.i18n import Message
from egov.model.files import StoredFile, files_in
from egov.web.uploads import accept_upload

MAX_FILES = 30


class Control(NamedTuple):
    """A field as the template shows it."""

    name: str
    kind: str
    title: Message
    value: Any
    choices: list[tuple[str, Message]]
    error: Message
    required: bool
    needed_to_submit: bool


def controls(
    schema: colander.SchemaNode, values: Mapping[str, Any], errors: Mapping[str, Message]
) -> list[Control]:
    """The form's fields in the order of the schema."""
    return [
        Control(
            name=field.name,
            kind=field.kind,
            title=field.title,
            value=_shown(field, values.get(field.name)),
            choices=list(getattr(field, "choices", ())),
            error=errors.get(field.name, ""),
            required=field.required,
            needed_to_submit=field.required_on_submit,
        )
        for field in schema
    ]


def _shown(field: colander.SchemaNode, value: Any) -> Any:
    if field.kind in ("file", "image", "files"):
        files = value if isinstance(value, tuple) else (value,)
        return [file for file in files if isinstance(file, StoredFile)]
    if value is None:
        return ""
    if field.kind == "tags" and isinstance(value, tuple):
        return "，".join(value)
    return value


def read_form(
    request: Any, schema: colander.SchemaNode, old: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Message]]:
    """What was sent, field by field, and the errors of uploads; files that were there stay unless unticked."""
    values: dict[str, Any] = {}
    errors: dict[str, Message] = {}
    limit = request.registry.egov.upload_max_bytes
    for field in schema:
        if field.kind in ("file", "image", "files"):
            try:
                values[field.name] = _read_files(request, field, old, limit)
            except Invalid as error:
                errors[field.name] = error.message
                values[field.name] = old.get(field.name)
        else:
            sent = request.POST.get(field.name)
            values[field.name] = sent if isinstance(sent, str) and sent.strip() else None
    return values, errors


def _read_files(
    request: Any, field: colander.SchemaNode, old: Mapping[str, Any], limit: int
) -> Any:
    known = {file.id: file for file in files_in({"": old.get(field.name)})}
    kept = [known[i] for i in request.POST.getall(f"{field.name}-keep") if i in known]
    sent = [part for part in request.POST.getall(field.name) if getattr(part, "filename", "")]
    new = [
        accept_upload(part, limit=limit, only_images=field.kind == "image")
        for part in sent[:MAX_FILES]
    ]
    if field.kind == "files":
        return tuple(kept + new)
    return next(iter(new or kept), None)
