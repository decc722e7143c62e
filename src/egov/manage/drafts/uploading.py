"""Many files at once into a section: pictures become images, all else files, each a draft of its own."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from pyramid.view import view_config

from egov.base.errors import EgovError
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.manage.frame import done, page
from egov.model.site import Section
from egov.operations.content import create
from egov.web.forms import MAX_FILES
from egov.web.uploads import ALLOWED, accept_upload
from egov.web.urls import manage_url


@view_config(route_name="manage", context=Section, name="upload", permission=Permission.ADD,
             request_method="GET", renderer="templates/upload.pt")  # fmt: skip
def show_upload(context: Section, request: Any) -> dict[str, Any]:
    """A place to drop files."""
    return _upload_page(context, request, [], [])


def _upload_page(
    context: Section, request: Any, taken: list[Any], refused: list[Message]
) -> dict[str, Any]:
    title = _("上传到“${title}”", mapping={"title": context.title})
    return page(request, context, title) | {
        "taken": [(node.title, manage_url(node)) for node in taken],
        "refused": refused,
        "accepted": ",".join(ALLOWED),
        "megabytes": request.registry.egov.upload_max_bytes >> 20,
        "most": MAX_FILES,
    }


@view_config(route_name="manage", context=Section, name="upload", permission=Permission.ADD,
             request_method="POST", renderer="templates/upload.pt")  # fmt: skip
def do_upload(context: Section, request: Any) -> Any:
    """Take what fits; what does not is told by name, and the rest is kept all the same."""
    sent = [p for p in request.POST.getall("upload") if getattr(p, "filename", "")]
    taken: list[Any] = []
    refused: list[Message] = []
    for part in sent[:MAX_FILES]:
        try:
            file = accept_upload(part, request.registry.egov)
            title = PurePath(file.filename).stem
            kind = "image" if file.is_image else "file"
            taken.append(create(context, kind, {"title": title, kind: file}, by=request.actor))
        except EgovError as error:
            refused.append(error.message)
    if not sent:
        refused.append(_("请先选择文件。"))
    if taken:
        request.once_target = manage_url(context)
    if refused:
        return _upload_page(context, request, taken, refused)
    message = _("已上传 ${count} 个文件，都是草稿，核对后提交审核。", mapping={"count": len(taken)})
    return done(request, context, message)
