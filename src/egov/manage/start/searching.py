"""Looking through the whole back office: drafts, what is published, what was taken down, sites and sections."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pyramid.view import view_config

from egov.base import clock
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.base.text import as_number
from egov.catalog.reads import domains_below
from egov.manage.frame import chip, page
from egov.model import types
from egov.model.item import Item
from egov.model.node import lineage
from egov.model.site import SiteGroup, Subsite
from egov.search.excerpts import marked_in
from egov.search.index import SearchIndex
from egov.search.queries import (
    COUNTED_AT_WORK,
    DEEPEST,
    MAX_QUESTION,
    Answer,
    Question,
    ask,
)
from egov.search.questions import wording
from egov.search.working import working_domains
from egov.security.policy import permits
from egov.web.urls import manage_url
from egov.workflow.office import state_titles

VIEW = "search"
PAGE_SIZE = 20
_FILTERS = ("site", "kind", "state", "owner", "sort")


@view_config(route_name="manage", context=SiteGroup, name=VIEW, permission=Permission.AUTHENTICATED,
             request_method="GET", renderer="templates/search.pt")  # fmt: skip
def search(context: SiteGroup, request: Any) -> dict[str, Any]:
    """What the person may see and what fits the words; narrowed by site, type, state and author."""
    sent = {key: request.GET.get(key, "").strip()[:100] for key in ("q", *_FILTERS)}
    number = min(max(1, as_number(request.GET.get("page"))), DEEPEST // PAGE_SIZE)
    asked = _asked(context, sent, number)
    answer = _answer(context, request, asked, sent["site"]) if asked.text else None
    last = -(-min(answer.total, DEEPEST) // PAGE_SIZE) if answer else 0
    return page(request, context, _("搜索")) | {
        "sent": sent,
        "max_question": MAX_QUESTION,
        "is_ready": answer is not None or not asked.text,
        "answer": answer,
        "results": list(_results(request, answer)) if answer else [],
        "sites": [(s.__name__, s.title) for s in _sites(context, request)],
        "kinds": _choices(answer, "kinds", sent["kind"], _kind_titles()),
        "states": _choices(answer, "states", sent["state"], state_titles(context)),
        "owners": _choices(answer, "owners", sent["owner"], _names(context, answer)),
        "clear_url": manage_url(context, VIEW, q=sent["q"]),
        "suggestion_url": manage_url(context, VIEW, q=answer.suggestion) if answer else "",
        "is_filtered": any(sent[key] for key in _FILTERS if key != "sort"),
        "number": number,
        "before": _at(context, sent, number - 1) if number > 1 else "",
        "after": _at(context, sent, number + 1) if number < last else "",
    }


def _asked(site: SiteGroup, sent: dict[str, str], number: int) -> Question:
    text, also = wording(sent["q"], site.guide)
    return Question(
        text=text,
        also=also,
        kind=sent["kind"],
        state=sent["state"],
        owner=sent["owner"],
        newest_first=sent["sort"] == "date",
        limit=PAGE_SIZE,
        offset=(number - 1) * PAGE_SIZE,
    )


def _answer(site: SiteGroup, request: Any, asked: Question, home_name: str) -> Answer | None:
    index: SearchIndex | None = request.registry.working_search
    if index is None:
        return None
    index.prepare(site)
    home = next((s for s in _sites(site, request) if home_name and s.__name__ == home_name), None)
    within = set(domains_below(home)) if home is not None else None
    domains = working_domains(site, request.actor, within)
    return ask(index, asked, domains, counted=COUNTED_AT_WORK)


def _sites(site: SiteGroup, request: Any) -> list[Subsite]:
    return [
        home
        for home in site.containers()
        if isinstance(home, Subsite) and permits(request.actor, Permission.PREVIEW, home)
    ]


def _results(request: Any, answer: Answer) -> Iterator[dict[str, Any]]:
    site, actor = request.site, request.actor
    for hit in answer.hits:
        node = site.catalog.node(hit.uid)
        # The index may be a moment behind: what is shown is asked of the tree itself.
        if node is None or not permits(actor, Permission.PREVIEW, node):
            continue
        above = [
            n
            for n in lineage(node)
            if n not in (node, site) and permits(actor, Permission.PREVIEW, n)
        ]
        yield {
            "title": marked_in(node.title, answer.marked),
            "url": manage_url(node),
            "excerpt": hit.excerpt,
            "kind": node.type_info.title,
            "number": node.work.values.get("doc_no", "") if isinstance(node, Item) else "",
            "chip": chip(node),
            "place": " / ".join(n.title for n in reversed(above)) or site.title,
            "who": site.directory.title_of(f"user:{node.owner}") if node.owner else "",
            "at": clock.stamp(node.modified),
        }


def _choices(
    answer: Answer | None, name: str, chosen: str, titles: dict[str, Message]
) -> list[tuple[str, Message, int]]:
    counts = dict(getattr(answer, name)) if answer is not None else {}
    if chosen:
        counts.setdefault(chosen, 0)
    return [(value, titles.get(value, value), count) for value, count in counts.items()]


def _kind_titles() -> dict[str, Message]:
    return {cls.type_info.name: cls.type_info.title for cls in types.all_types()}


def _names(site: SiteGroup, answer: Answer | None) -> dict[str, Message]:
    owners = answer.owners if answer is not None else ()
    return {owner: site.directory.title_of(f"user:{owner}") for owner in owners}


def _at(site: SiteGroup, sent: dict[str, str], number: int) -> str:
    return manage_url(site, VIEW, **{k: v for k, v in sent.items() if v}, page=number)
