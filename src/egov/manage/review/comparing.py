"""Two editions of an item side by side or in one column, with the decision on the newer one below."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from pyramid.httpexceptions import HTTPNotFound
from pyramid.view import view_config

from egov.base import clock
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.base.text import as_number, file_size
from egov.history.compare import Difference, compare
from egov.history.diff import Row
from egov.manage.frame import chip, page
from egov.manage.review.deciding import decision
from egov.model.files import StoredFile
from egov.model.item import Edition, Item
from egov.web.urls import file_url, manage_url, picture_url

_FOLDED_FROM, _SHOWN_AROUND = 6, 2
_THUMB = 320


class Fold(NamedTuple):
    """So many lines that are the same in both editions and are left out."""

    lines: int
    kind: str = "fold"


@view_config(route_name="manage", context=Item, name="compare", permission=Permission.PREVIEW,
             renderer="templates/compare.pt")  # fmt: skip
def compare_editions(context: Item, request: Any) -> dict[str, Any]:
    """Two editions field by field; the older one stands left."""
    old, new = (context.edition(as_number(request.GET.get(key))) for key in "ab")
    if old is None or new is None:
        raise HTTPNotFound
    asked = {"a": old.number, "b": new.number}
    mode = "inline" if request.GET.get("mode") == "inline" else "side"
    whole = "whole" in request.GET
    found = compare(type(context).schema(), old.values, new.values)
    title = _("“${title}”：比较改动", mapping={"title": context.title})
    return page(request, context, title) | {
        "chip": chip(context),
        "differences": [_shown(context, d, whole) for d in found],
        "old": _edition(context, old, request),
        "new": _edition(context, new, request),
        "numbers": [edition.number for edition in context.all_editions()],
        "asked": asked,
        "mode": mode,
        "modes": [
            (_("并排"), manage_url(context, "compare", **asked), mode == "side"),
            (_("合在一起"), manage_url(context, "compare", **asked, mode="inline"), mode == "inline"),
        ],
        "whole_url": "" if whole else manage_url(context, "compare", **asked, mode=mode, whole=1),
        **(decision(context, request) if new is context.draft else {"steps": [], "forcing": None, "next_url": ""}),
    }  # fmt: skip


def _edition(item: Item, edition: Edition, request: Any) -> dict[str, Any]:
    name = request.site.directory.title_of
    role: Message = ""
    if edition is item.live:
        role = _("公众正在看的")
    elif edition is item.draft:
        role = _("正在办理的")
    return {
        "label": _("第 ${number} 版", mapping={"number": edition.number}),
        "role": role,
        "created": clock.stamp(edition.created),
        "authors": "、".join(name(f"user:{who}") for who in edition.authors),
        "digest": edition.digest()[:12],
    }


def _shown(item: Item, found: Difference, whole: bool) -> dict[str, Any]:
    rows: Iterable[Row | Fold] = found.rows if whole else folded(found.rows)
    return {
        "title": found.title,
        "only_form": found.only_form,
        "rows": list(rows),
        "files": [
            {"kind": pair.kind, "old": _file(item, pair.old), "new": _file(item, pair.new)}
            for pair in found.files
        ],
    }


def _file(item: Item, file: StoredFile | None) -> dict[str, str] | None:
    return file and {
        "name": file.filename,
        "url": file_url(item, file),
        "size": file_size(file.size),
        "thumb": thumb(item, file),
    }


def thumb(item: Item, file: StoredFile) -> str:
    """Where a small version of a picture is fetched; empty for what is none."""
    if not file.is_image:
        return ""
    return picture_url(item, file, _THUMB) if file.has(_THUMB) else file_url(item, file)


def folded(rows: tuple[Row, ...]) -> Iterator[Row | Fold]:
    """The rows with long stretches of equal lines left out, but for a few around each change."""
    at = 0
    while at < len(rows):
        end = at
        while end < len(rows) and rows[end].kind == "same":
            end += 1
        first = _SHOWN_AROUND if at else 0
        last = _SHOWN_AROUND if end < len(rows) else 0
        if end - at >= _FOLDED_FROM:
            yield from rows[at : at + first]
            yield Fold(end - at - first - last)
            yield from rows[end - last : end]
        else:
            yield from rows[at:end]
        if end < len(rows):
            yield rows[end]
        at = end + 1
