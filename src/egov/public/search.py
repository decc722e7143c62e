"""The search page: a question, results that the asker may see, and ways to narrow them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode

from pyramid.httpexceptions import HTTPFound
from pyramid.view import view_config

from egov.base import clock
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.base.text import as_number
from egov.catalog.access import access_of
from egov.catalog.reads import domains_below, domains_by_part
from egov.model import types
from egov.model.container import Container
from egov.model.item import Item
from egov.model.node import Node
from egov.model.site import Section, SiteGroup, Subsite, site_of, subsite_of
from egov.operations.subscriptions import is_offered
from egov.public.frame import page
from egov.public.lists import VALIDITY, Line, page_url, paging, told_line
from egov.public.places import places_for
from egov.search import missed
from egov.search.excerpts import marked_in
from egov.search.index import SearchIndex
from egov.search.queries import DEEPEST, MAX_QUESTION, Answer, Question, ask
from egov.search.questions import FILTERS, LONGEST_NUMBER, as_query, question_of
from egov.security.policy import permits
from egov.web.cache import never_keep
from egov.web.urls import public_url

PAGE_SIZE = 10
_PLACES_SHOWN = 12
_ROLES = frozenset({"reader", "author", "editor", "reviewer", "publisher", "manager"})


class Result(NamedTuple):
    """One result as the page shows it."""

    title: tuple[tuple[str, bool], ...]
    url: str
    day: str
    site: str
    kind: Message
    number: str
    validity: Message
    excerpt: tuple[tuple[str, bool], ...]


class Narrowing(NamedTuple):
    """A way to narrow the results, or to widen them again."""

    label: Message
    amount: int
    url: str
    here: bool


@view_config(context=SiteGroup, name="search", permission=Permission.VIEW, request_method="GET",
             renderer="templates/search.pt")  # fmt: skip
@view_config(context=Subsite, name="search", permission=Permission.VIEW, request_method="GET",
             renderer="templates/search.pt")  # fmt: skip
@view_config(context=Section, name="search", permission=Permission.VIEW, request_method="GET",
             renderer="templates/search.pt")  # fmt: skip
def search(context: Container, request: Any) -> dict[str, Any]:
    """Results in the whole site group, in one department's site or in one section."""
    never_keep(request)  # the index may be a moment behind the database
    asked = _asked(request)
    shown = page(request, context, context, title=asked.text or _("搜索"), place=context.title)
    about, home = shown["page"], public_url(context).rstrip("/")
    about.crumbs, about.robots, about.layout = "", "noindex", "searching"
    answer = _answer(context, request, asked) if asked.text else None
    number = asked.offset // PAGE_SIZE + 1
    total = answer.total if answer else 0
    last = max(1, -(-min(total, DEEPEST) // PAGE_SIZE))
    if number > last:
        raise HTTPFound(page_url(_url(request), last))
    is_plain = number == 1 and not any(getattr(asked, name) for name in FILTERS)
    pinned = list(_pinned(request, asked)) if answer and is_plain else []
    places = places_for(context, request.actor, asked.text) if is_plain else []
    if answer is not None and not answer.hits and not pinned and not places and is_plain:
        missed.note(request.registry.search.folder, asked.text)
    return shown | {
        "asked": asked,
        "ready": answer is not None or not asked.text,
        "answer": answer,
        "pinned": pinned,
        "places": places,
        "results": list(_results(request, answer)) if answer else [],
        "narrowings": _narrowings(request, context, answer, asked) if answer else [],
        "sorts": _sorts(request, asked),
        "suggestion_url": f"?{urlencode({'q': answer.suggestion})}" if answer else "",
        "paging": paging(_url(request), number, last, total),
        "is_cut": number == last and total > DEEPEST,
        "chosen": _chosen(request, asked) if asked.text else [],
        "is_numbered": bool(asked.number or (answer and (answer.issuers or answer.validities))),
        "kept": _kept(request, without="number"),
        "longest_number": LONGEST_NUMBER,
        "feed_query": as_query(request.GET) if asked.text else "",
        "place": home,
        "place_title": context.title,
        "is_mailed": is_offered(request.site, request.registry.egov),
        "wider_url": f"/@@search{_url(request)}" if context is not request.site else "",
        "action": f"{home}/@@search",
        "max_question": MAX_QUESTION,
    }


def _asked(request: Any) -> Question:
    number = as_number(request.GET.get("page"), 5) or 1
    return question_of(
        request.GET, request.site.guide, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE
    )


def newest_for(context: Container, request: Any, limit: int) -> list[Item]:
    """The newest items of the place that answer the request's question fully; for feeds."""
    never_keep(request)
    asked = question_of(request.GET, request.site.guide, limit=limit, newest_first=True)
    answer = _answer(context, request, asked)
    if answer is None or not answer.exact:
        return []
    nodes = (request.site.catalog.node(hit.uid) for hit in answer.hits)
    return [node for node in nodes if isinstance(node, Item) and _shows(request, node)]


def _answer(context: Container, request: Any, asked: Question) -> Answer | None:
    index: SearchIndex | None = request.registry.search
    if index is None:
        return None
    site = site_of(context)
    index.prepare(site)
    domains = access_of(site, request.actor.principals).domains(_ROLES)
    within = None if context is site else set(domains_below(context))
    return ask(index, asked, domains, within)


def _pinned(request: Any, asked: Question) -> Iterator[Line]:
    nodes = (request.site.catalog.node(uid) for uid in request.site.guide.pinned(asked.text))
    return (told_line(node) for node in nodes if node and _shows(request, node))


def _shows(request: Any, node: Node | None) -> bool:
    # The index may be a moment behind: what is shown is asked of the tree itself.
    return isinstance(node, Item) and permits(request.actor, Permission.VIEW, node)


def _results(request: Any, answer: Answer) -> Iterator[Result]:
    choices = _validities()
    for hit in answer.hits:
        node = request.site.catalog.node(hit.uid)
        if isinstance(node, Item) and node.live is not None and _shows(request, node):
            yield Result(
                marked_in(node.live_title, answer.marked),
                public_url(node),
                clock.day(node.published_at),
                _title_of(request, subsite_of(node)),
                node.type_info.title,
                node.live.values.get("doc_no") or "",
                choices.get(node.validity, ""),
                hit.excerpt,
            )


def _title_of(request: Any, home: Container) -> str:
    # A section may be open to those to whom the site around it is closed.
    return home.title if permits(request.actor, Permission.VIEW, home) else ""


def _narrowings(
    request: Any, context: Container, answer: Answer, asked: Question
) -> list[tuple[Message, list[Narrowing]]]:
    validity = _validities()
    ways: list[tuple[Message, str, dict[Any, Message], dict[Any, int]]] = [
        (_("类型"), "kind", {k: types.get(k).type_info.title for k in answer.kinds}, answer.kinds),
        (_("发文机关"), "issuer", {}, answer.issuers),
        (_("年份"), "year", {}, dict(sorted(answer.years.items(), reverse=True))),
        (_("有效性"), "validity", validity, answer.validities),
    ]
    told = []
    for title, name, labels, counts in ways:
        chosen = getattr(asked, name)
        if len(counts) > 1 or chosen:
            everything = Narrowing(_("全部"), 0, _url(request, **{name: ""}), not chosen)
            narrow = [
                Narrowing(
                    labels.get(value, str(value)),
                    count,
                    _url(request, **{name: value}),
                    value == chosen,
                )
                for value, count in counts.items()
            ]
            told.append((title, [everything, *narrow]))
    if len(places := _places(request, context, answer)) > 1:
        told.append((_("位置"), places))
    return told


def _chosen(request: Any, asked: Question) -> list[Narrowing]:
    """The filters in force, each with the address without it."""
    labels: dict[str, Message] = {
        "kind": next(
            (c.type_info.title for c in types.all_types() if c.type_info.name == asked.kind),
            asked.kind,
        ),
        "issuer": asked.issuer,
        "year": str(asked.year or ""),
        "validity": _validities().get(asked.validity, asked.validity),
        "number": asked.number,
    }
    return [
        Narrowing(label, 0, _url(request, **{name: ""}), True)
        for name, label in labels.items()
        if label
    ]


def _validities() -> dict[str, Message]:
    """What may be said of validity, with its titles, from whichever types have the field."""
    schemas = (types.schema_of(cls) for cls in types.all_types())
    own = {k: v for s in schemas if "validity" in s for k, v in s["validity"].choices}
    return own | VALIDITY


def _places(request: Any, context: Container, answer: Answer) -> list[Narrowing]:
    """The sites and sections directly in this one, with what was found in each."""
    counts = Counter(
        {
            part: sum(answer.domains.get(uid, 0) for uid in domains)
            for part, domains in domains_by_part(context)
        }
    )
    found = (
        (request.site.catalog.node(uid), n) for uid, n in counts.most_common(_PLACES_SHOWN) if n
    )
    query = _url(request)
    return [
        Narrowing(place.title, count, f"{public_url(place).rstrip('/')}/@@search{query}", False)
        for place, count in found
        if place is not None and permits(request.actor, Permission.VIEW, place)
    ]


def _sorts(request: Any, asked: Question) -> list[Narrowing]:
    return [
        Narrowing(_("按相关程度"), 0, _url(request, sort=""), not asked.newest_first),
        Narrowing(_("按时间"), 0, _url(request, sort="date"), asked.newest_first),
    ]


def _url(request: Any, **changed: object) -> str:
    query = {k: v for k, v in (_kept(request) | changed).items() if v}
    return f"?{urlencode(query)}"


def _kept(request: Any, without: str = "") -> dict[str, str]:
    """What was asked, by its names in an address."""
    names = (name for name in ("q", *FILTERS, "sort") if name != without)
    return {name: value for name in names if (value := request.GET.get(name, ""))}
