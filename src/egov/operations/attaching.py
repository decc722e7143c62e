"""Files of a draft, taken one by one while somebody writes, and put in each other's place."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from egov.base.errors import Invalid
from egov.base.i18n import _
from egov.model import types
from egov.model.files import StoredFile, files_in
from egov.model.item import Item
from egov.operations.content import autosave
from egov.security.principals import Actor

MAX_FILES = 60


def attach(
    item: Item, field: str, file: StoredFile, *, by: Actor, expected: str, instead_of: str = ""
) -> StoredFile:
    """Put a file into a field of the draft, last or in the place of another, to which the texts then lead.

    Returns the file as the draft holds it: one with the same bytes is not kept twice. Raises Invalid for a field that
    holds no files, a file that is not there to be replaced, or too many; for the rest as `autosave` does.
    """
    node = next((n for n in types.schema_of(type(item)) if n.name == field), None)
    if node is None or node.kind not in ("file", "image", "files"):
        raise Invalid(_("这里不能放文件。"))
    files = files_in({"": item.work.values.get(field)})
    same = next((known for known in files if known.id == file.id), None)
    if node.kind != "files":
        values: dict[str, Any] = {field: file}
    elif instead_of:
        values = _replaced(item, field, files, file, instead_of)
    elif same is not None:
        return same
    elif len(files) >= MAX_FILES:
        message = _("最多放 ${most} 个文件。", mapping={"most": MAX_FILES})
        raise Invalid(message, {field: message})
    else:
        values = {field: (*files, file)}
    autosave(item, item.work.values | values, by=by, expected=expected)
    return file


def _replaced(
    item: Item, field: str, files: list[StoredFile], file: StoredFile, instead_of: str
) -> dict[str, Any]:
    if not any(known.id == instead_of for known in files):
        raise Invalid(_("要替换的文件已经不在这里，请刷新后再试。"))
    kept = [known for known in files if known.id != file.id or known.id == instead_of]
    changed: dict[str, Any] = {
        field: tuple(file if known.id == instead_of else known for known in kept)
    }
    old = re.compile(rf"/-/file/{item.uid}/{re.escape(instead_of)}/[^\"/]*(?=\")")
    new = f"/-/file/{item.uid}/{file.id}/{quote(file.filename)}"
    for node in types.schema_of(type(item)):
        if node.kind == "html" and (text := item.work.values.get(node.name)):
            changed[node.name] = old.sub(lambda _match: new, text)
    return changed
