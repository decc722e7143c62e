"""Beginning long work from a page: what is asked before, where the person goes after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyramid.httpexceptions import HTTPFound

from egov.base.errors import Invalid
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.manage.frame import done, page, say
from egov.manage.many.selecting import Selection
from egov.model.batch import Batch
from egov.model.container import Container
from egov.operations.batches import begin, can_be_undone
from egov.security.policy import permits
from egov.web.urls import manage_url

NAMES_SHOWN = 20
_FILTERS = ("state", "type", "words", "site", "who", "given")


def start(
    context: Container, request: Any, what: str, things: Sequence[Any], arguments: dict[str, Any],
    where: Container | None = None,
) -> Any:  # fmt: skip
    """Begin long work, and show either that it is done or its page."""
    where = where or context
    view = view_of(where, request)
    try:
        batch = begin(context, what, things, arguments, by=request.actor)
    except Invalid as error:
        return done(request, where, error.message, view, "danger")
    return follow(request, batch, where, view)


def follow(request: Any, batch: Batch, where: Container, view: str) -> Any:
    """Go back where all was done at once, else to the batch's page."""
    if batch.is_open:
        wake_jobs(request)
    if batch.is_open or batch.failed:
        return HTTPFound(batch_url(batch))
    message = _("已完成 ${count} 项。", mapping={"count": batch.size})
    say_done(request, message, batch)
    return HTTPFound(manage_url(where, view, **filters_of(request)))


def filters_of(request: Any) -> dict[str, str]:
    """What the list that the person came from was narrowed to."""
    sent = request.GET if request.POST.get("back") == "inbox" else request.POST
    found = {key: sent.get(key, "")[:100] for key in _FILTERS}
    return {key: value for key, value in found.items() if value}


def view_of(container: Container, request: Any) -> str:
    """The view from which the person came."""
    if request.POST.get("back") == "inbox":
        return "inbox"
    return "contents" if container is request.site else ""


def asking(context: Container, request: Any, chosen: Selection, title: Message) -> dict[str, Any]:
    return page(request, context, title) | {
        "names": [node.title for node in chosen.nodes(NAMES_SHOWN)],
        "count": len(chosen.uids),
        "chosen": chosen.fields,
        "back": request.POST.get("back", ""),
        "back_url": manage_url(context, view_of(context, request), **filters_of(request)),
    }


def target_of(request: Any) -> Container:
    """The container whose path was sent; raises Invalid where the person sees none there."""
    path = request.POST.get("target", "").strip()
    node: Any = request.site
    for name in filter(None, path.split("/")):
        node = node.get(name) if isinstance(node, Container) else None
    if (
        not path
        or not isinstance(node, Container)
        or not permits(request.actor, Permission.PREVIEW, node)
    ):
        raise Invalid(_("没有找到“${path}”这个栏目，请从列表中选择。", mapping={"path": path}))
    return node


def wake_jobs(request: Any) -> None:
    """Let the server's thread begin as soon as this request is committed."""
    wake = getattr(request.registry, "jobs_wake", None)
    if wake is not None:
        request.tm.get().addAfterCommitHook(lambda is_done: wake.set() if is_done else None)


def batch_url(batch: Batch) -> str:
    """Where a person follows a batch."""
    return f"/manage/@@batch?key={batch.key}"


def key_cookie(request: Any, batch: Batch) -> str:
    """The cookie in which who began an import of people has the key to their first passwords."""
    prefix = "__Secure-" if request.registry.egov.secure_cookies else ""
    return f"{prefix}egov_first_{batch.key}"


def say_done(request: Any, message: Message, batch: Batch) -> None:
    """Say on the next page what was done, with the way to take it back."""
    say(request, message, undo=batch_url(batch) if can_be_undone(batch) else "")
