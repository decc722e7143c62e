"""Content from a table, in the browser: a row to a draft, as long work."""

from __future__ import annotations

from typing import Any

from pyramid.view import view_config

from egov.base.errors import Invalid
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.manage.frame import page
from egov.manage.many.beginning import start
from egov.model.site import Section
from egov.model.types import schema_of
from egov.operations.importing import importable, read_rows

MOST_BYTES = 20_000_000


@view_config(route_name="manage", context=Section, name="import", permission=Permission.ADD,
             request_method="GET", renderer="templates/import.pt")  # fmt: skip
def show_import(context: Section, request: Any) -> dict[str, Any]:
    """Which file, and what its rows become."""
    return _import_page(context, request)


def _import_page(context: Section, request: Any, error: Message = "") -> dict[str, Any]:
    chosen = request.POST.get("type", "article")
    fields = {cls.type_info.name: [f.title for f in schema_of(cls)] for cls in importable()}
    return page(request, context, _("导入到“${title}”", mapping={"title": context.title})) | {
        "types": [(cls.type_info.name, cls.type_info.title, cls.type_info.name == chosen)
                  for cls in importable()],
        "fields": fields.get(chosen, []),
        "error": error,
    }  # fmt: skip


@view_config(route_name="manage", context=Section, name="import", permission=Permission.ADD,
             request_method="POST", renderer="templates/import.pt")  # fmt: skip
def do_import(context: Section, request: Any) -> Any:
    """Read the file and begin."""
    try:
        rows = _sent_rows(request.POST)
    except Invalid as error:
        return _import_page(context, request, error.message)
    return start(context, request, "import", rows, {"target": context.uid})


def _sent_rows(sent: Any) -> list[dict[str, Any]]:
    upload, kind = sent.get("file"), sent.get("type", "")
    if not getattr(upload, "filename", ""):
        raise Invalid(_("请选择要导入的文件。"))
    content = upload.file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise Invalid(_("文件不能超过 20 MB。"))
    if kind not in (cls.type_info.name for cls in importable()):
        raise Invalid(_("没有名为“${name}”的内容类型。", mapping={"name": kind}))
    return read_rows(content, upload.filename, kind)
