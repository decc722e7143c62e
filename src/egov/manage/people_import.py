"""People from a table, in the browser: tried first, then done."""

from __future__ import annotations

from typing import Any

from pyramid.view import view_config

from egov.base.errors import Invalid
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.manage.frame import page
from egov.model.site import SiteGroup
from egov.operations.people import MAX_LENGTH, Outcome, decoded, import_people, read_people
from egov.operations.record import require_duty

MOST = 200  # each new account costs a slow hash; more at once is the command's work


@view_config(route_name="manage", context=SiteGroup, name="import-people", permission=Permission.AUTHENTICATED,
             request_method="GET", renderer="templates/import_people.pt")  # fmt: skip
def show_import(context: SiteGroup, request: Any) -> dict[str, Any]:
    """The form for a table of people, for the system and the security administrator."""
    require_duty(request.actor, Permission.SYSTEM, Permission.SECURITY)
    return _import_page(context, request)


def _import_page(
    context: SiteGroup,
    request: Any,
    text: str = "",
    outcomes: list[Outcome] | None = None,
    error: Message = "",
) -> dict[str, Any]:
    found = outcomes or []
    return page(request, context, _("导入人员")) | {
        "text": text,
        "outcomes": found,
        "refused": sum(1 for outcome in found if outcome.is_refused),
        "was_tried": request.POST.get("do") == "try",
        "most": MOST,
        "error": error,
    }


@view_config(route_name="manage", context=SiteGroup, name="import-people", permission=Permission.AUTHENTICATED,
             request_method="POST", renderer="templates/import_people.pt")  # fmt: skip
def do_import(context: SiteGroup, request: Any) -> dict[str, Any]:
    """Try the table or import it; a trial is the import itself, taken back."""
    require_duty(request.actor, Permission.SYSTEM, Permission.SECURITY)
    text = request.POST.get("text", "")
    try:
        upload = request.POST.get("file")
        if getattr(upload, "filename", ""):
            text = decoded(upload.file.read(MAX_LENGTH * 4))
        outcomes = import_people(context, read_people(text, most=MOST), by=request.actor)
    except Invalid as error:
        return _import_page(context, request, text, error=error.message)
    shown = _import_page(context, request, text, outcomes)
    if request.POST.get("do") == "try":
        request.tm.doom()
    return shown
