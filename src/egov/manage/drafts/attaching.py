"""Files that go into a draft while it is written."""

from __future__ import annotations

from typing import Any

from pyramid.view import view_config

from egov.base.errors import Busy, Conflict, EgovError, Invalid
from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.base.settings import Settings
from egov.base.text import file_size
from egov.manage.drafts.writing import kept
from egov.manage.review.comparing import thumb
from egov.model import types
from egov.model.files import StoredFile, files_in
from egov.model.item import Item
from egov.operations.attaching import attach
from egov.web.rendering import say_in
from egov.web.uploads import accept_upload
from egov.web.urls import file_url

_STATUS: dict[type[EgovError], int] = {Conflict: 409, Busy: 503}


@view_config(route_name="manage", context=Item, name="attach", permission=Permission.EDIT,
             request_method="POST", renderer="json")  # fmt: skip
def do_attach(context: Item, request: Any) -> dict[str, Any]:
    """Take one file into a field of the draft; `instead` names the one whose place it takes."""
    sent = request.POST
    name, part = sent.get("field", ""), sent.get("upload")
    fields = {field.name: field for field in types.schema_of(type(context))}
    kind = getattr(fields.get(name), "kind", "")
    only_images = kind == "image" or name == "pictures"
    try:
        file = _taken(part, request.registry.egov, only_images)
        instead = sent.get("instead", "")[:80]
        added = attach(
            context, name, file, by=request.actor, expected=sent.get("version", ""),
            instead_of=instead,
        )  # fmt: skip
    except EgovError as error:
        request.response.status_int = _STATUS.get(type(error), 422)
        if isinstance(error, Busy):
            request.response.headers["Retry-After"] = "30"
        return {"message": say_in(request, error.message)}
    return kept(context) | {
        "added": told_file(context, added),
        "files": [told_file(context, f) for f in files_in({"": context.work.values.get(name)})],
        "replaced": f"/-/file/{context.uid}/{instead}/" if instead else "",
    }


def _taken(part: Any, settings: Settings, only_images: bool) -> StoredFile:
    if not getattr(part, "filename", ""):
        raise Invalid(_("请先选择文件。"))
    return accept_upload(part, settings, only_images=only_images)


def told_file(item: Item, file: StoredFile) -> dict[str, str]:
    """A file of a draft, for its form."""
    return {
        "id": file.id,
        "name": file.filename,
        "size": file_size(file.size),
        "url": file_url(item, file),
        "thumb": thumb(item, file),
    }
