"""People from a table, in the browser: tried first, then done."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPFound
from pyramid.view import view_config

from egov.base.errors import Invalid
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.manage.frame import page
from egov.manage.many.beginning import batch_url, key_cookie, wake_jobs
from egov.model.batch import Batch
from egov.model.site import SiteGroup
from egov.operations.people import MAX_LENGTH, Outcome, decoded, import_people, read_people
from egov.operations.people_work import begin_people
from egov.operations.record import require_duty

MOST = 5_000
KEY_KEPT = 24 * 3600  # seconds


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
        "most": MOST,
        "error": error,
    }


@view_config(route_name="manage", context=SiteGroup, name="import-people", permission=Permission.AUTHENTICATED,
             request_method="POST", renderer="templates/import_people.pt")  # fmt: skip
def do_import(context: SiteGroup, request: Any) -> Any:
    """Try the table, or begin its import; a trial is the import itself, taken back."""
    require_duty(request.actor, Permission.SYSTEM, Permission.SECURITY)
    text = request.POST.get("text", "")
    try:
        upload = request.POST.get("file")
        if getattr(upload, "filename", ""):
            text = decoded(upload.file.read(MAX_LENGTH * 4))
        lines = read_people(text, most=MOST)
        if request.POST.get("do") != "import":
            request.tm.doom()
            return _import_page(
                context,
                request,
                text,
                import_people(context, lines, by=request.actor, is_trial=True),
            )
        batch, key = begin_people(context, lines, by=request.actor)
    except Invalid as error:
        return _import_page(context, request, text, error=error.message)
    wake_jobs(request)
    return _followed(request, batch, key)


def _followed(request: Any, batch: Batch, key: str) -> Any:
    """To the page of the import; the key to the first passwords goes along, to this browser alone."""
    response = HTTPFound(batch_url(batch))
    secure = request.registry.egov.secure_cookies
    response.set_cookie(key_cookie(request, batch), key, max_age=KEY_KEPT, path="/manage", httponly=True,
                        samesite="Strict", secure=secure)  # fmt: skip
    return response
