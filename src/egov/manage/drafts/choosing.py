"""What an editor may link to or show in a text: listed from the catalog, found by words in the indexes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from pyramid.view import view_config

from egov.base.i18n import Message
from egov.base.permissions import Permission
from egov.base.text import as_number, file_size
from egov.catalog import reads
from egov.catalog.access import access_of
from egov.checks.markup import tells_nothing
from egov.manage.frame import chip
from egov.manage.review.comparing import thumb
from egov.model.container import Container
from egov.model.files import StoredFile, files_in
from egov.model.item import Item
from egov.model.node import Node, lineage
from egov.model.site import SiteGroup, subsite_of
from egov.model.types import all_types
from egov.search.index import SearchIndex
from egov.search.queries import MAX_QUESTION, NOTHING, Answer, Question, ask
from egov.search.questions import wording
from egov.search.working import working_domains
from egov.security.policy import permits
from egov.web.urls import file_url, public_url
from egov.workflow.table import ROLES

_SHOWN = 60
_READING = frozenset(ROLES) - {"owner"}
_LOOKED_THROUGH = 2_000  # where there is no index: so many, the newest, by their titles


class Choice(NamedTuple):
    """Something that can be linked to or shown."""

    title: Message
    url: str
    alt: str
    thumb: str
    hint: Message
    is_public: bool
    place: str = ""  # the site where it stands: many sections have the same name


@view_config(route_name="manage", context=SiteGroup, name="choose", request_method="GET",
             permission=Permission.AUTHENTICATED, renderer="templates/choose.pt")  # fmt: skip
def choose(context: SiteGroup, request: Any) -> dict[str, Any]:
    """What stands in a container, or fits the words, as far as this person may see it; and the files of the text."""
    asked, actor, catalog = request.GET, request.actor, context.catalog
    kind = "image" if asked.get("kind") == "image" else "file"
    question = asked.get("q", "").strip().replace("\0", "")[:MAX_QUESTION]
    at: Any = catalog.node(as_number(asked.get("at")))
    if not isinstance(at, Container) or not _may_see(actor, at):
        at = context
    item = catalog.node(as_number(asked.get("item")))
    own = isinstance(item, Item) and permits(actor, Permission.PREVIEW, item)
    number = max(1, as_number(asked.get("page"), 4))
    if question:
        nodes, goes_on = _found(at, request, kind, question), False
    else:
        nodes, goes_on = _listed(at, actor, kind, number)
    found = (choice for node in nodes if (choice := _choice(node, actor, kind)))
    return {
        "kind": kind,
        "question": question,
        "max_question": MAX_QUESTION,
        "is_indexed": request.registry.working_search is not None,
        "at": at.uid,
        "above": [(n.title, n.uid) for n in reversed(list(lineage(at))) if _may_see(actor, n)],
        "below": [(c.title, c.uid) for c in at.containers() if _may_see(actor, c)],
        "own": list(_own(item, kind)) if own else [],
        "choices": list(islice(found, _SHOWN)),
        "is_full": bool(question) and next(found, None) is not None,
        "before": number - 1,
        "after": number + 1 if goes_on else 0,
        "here": None if kind == "image" else (at.title, public_url(at)),
    }


def _may_see(actor: Any, node: Node) -> bool:
    return permits(actor, Permission.VIEW, node) or permits(actor, Permission.PREVIEW, node)


def _own(item: Item, kind: str) -> Iterator[Choice]:
    for file in files_in(item.work.values):
        if kind == "file" or file.is_image:
            url = file_url(item, file)
            # The name of a file says nothing of what is seen: whoever shows it says that.
            yield Choice(file.filename, url, "", thumb(item, file), file_size(file.size), True)


def _listed(at: Container, actor: Any, kind: str, number: int) -> tuple[Iterator[Node], bool]:
    """A page of the items directly here, last changed first, and whether there are more."""
    types = _types(kind)
    start = (number - 1) * _SHOWN
    if permits(actor, Permission.PREVIEW, at):
        page = reads.contents(at, actor, limit=_SHOWN, offset=start, types=types, sort="changed")
    else:
        page = reads.published(at, actor, limit=_SHOWN, offset=start, types=types)
    return iter(page.nodes), page.total > start + _SHOWN


def _types(kind: str) -> list[str]:
    """The types of items that can be shown, or linked to."""
    names = [cls.type_info.name for cls in all_types() if issubclass(cls, Item)]
    return [name for name in names if kind == "file" or name == "image"]


def _found(at: Container, request: Any, kind: str, question: str) -> Iterator[Node]:
    """What fits the words here and below, the best first: what the person works with, then what else is public."""
    site, actor = request.site, request.actor
    index: SearchIndex | None = request.registry.working_search
    if index is None:
        yield from _by_title(at, actor, kind, question.lower())
        return
    within = None if at is site else set(reads.domains_below(at))
    public = access_of(site, actor.principals).domains(_READING)
    answers = [
        _ask(site, index, working_domains(site, actor, within), kind, question),
        _ask(site, request.registry.search, public & (within or public), kind, question),
    ]
    # What fits only in part is offered where nothing fits better.
    told = [a for a in answers if a.exact and a.hits] or answers
    for uid in dict.fromkeys(hit.uid for answer in told for hit in answer.hits):
        node = site.catalog.node(uid)
        if node is not None:
            yield node


def _ask(
    site: SiteGroup, index: SearchIndex, domains: set[int], kind: str, question: str
) -> Answer:
    index.prepare(site)
    text, also = wording(question, site.guide)
    kept = "image" if kind == "image" else ""
    asked = Question(text, kind=kept, limit=2 * _SHOWN, also=also)
    return ask(index, asked, domains) or NOTHING


def _by_title(at: Container, actor: Any, kind: str, question: str) -> Iterator[Node]:
    works_here = permits(actor, Permission.PREVIEW, at)
    nodes = (
        islice(reads.items_below(at, actor), _LOOKED_THROUGH)
        if works_here
        else reads.published(at, actor, limit=_LOOKED_THROUGH, deep=True).nodes
    )
    types = _types(kind)
    for node in nodes:
        if node.type_name in types and question in node.title.lower():
            yield node


def _choice(node: Node, actor: Any, kind: str) -> Choice | None:
    if isinstance(node, Container):
        may = kind == "file" and _may_see(actor, node)
        hint, home = node.type_info.title, _home(node, actor)
        return Choice(node.title, public_url(node), "", "", hint, True, home) if may else None
    if not isinstance(node, Item) or not _may_see(actor, node):
        return None
    # Who does not work with it sees what the public sees, not what is written anew.
    edition = node.work if permits(actor, Permission.PREVIEW, node) else node.live
    if edition is None:
        return None
    title = edition.values.get("title") or node.title
    public = node.live_state == "published"
    hint = node.type_info.title if public else chip(node)["title"]
    if kind == "file":
        return Choice(title, public_url(node), "", "", hint, public, _home(node, actor))
    image = edition.values.get("image")
    if not isinstance(image, StoredFile):
        return None
    alt = edition.values.get("alt") or title
    told = "" if tells_nothing(alt, image.filename) else alt
    return Choice(
        title, file_url(node, image), told, thumb(node, image), hint, public, _home(node, actor)
    )


def _home(node: Node, actor: Any) -> str:
    home = subsite_of(node)
    return home.title if home is not node and _may_see(actor, home) else ""
