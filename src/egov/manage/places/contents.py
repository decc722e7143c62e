"""The contents of a container, and what can be done with the container itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from pyramid.view import view_config

from egov.base import clock
from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.base.text import as_number
from egov.catalog import reads
from egov.manage.frame import chip, page
from egov.manage.many.by_title import Found, by_title
from egov.manage.many.clipboard import clipboard
from egov.model import types
from egov.model.container import Container
from egov.model.default_blocks import may_be_arranged
from egov.model.item import Item
from egov.model.node import Node
from egov.model.placement import Placement
from egov.model.site import Section, SiteGroup, Subsite, site_of
from egov.operations.ownership import owner_of
from egov.operations.publishing import FORCE
from egov.operations.workflow import available
from egov.security.policy import permits, permits_duty, table_in
from egov.security.principals import Actor
from egov.web.urls import manage_url
from egov.workflow.office import state_titles
from egov.workflow.table import Transition

PAGE_SIZE = 50
_SORTS = (("order", _("栏目顺序")), ("changed", _("最近更新")))


@view_config(
    route_name="manage",
    context=Subsite,
    permission=Permission.PREVIEW,
    renderer="templates/contents.pt",
)
@view_config(
    route_name="manage",
    context=Section,
    permission=Permission.PREVIEW,
    renderer="templates/contents.pt",
)
@view_config(
    route_name="manage", context=SiteGroup, name="contents", permission=Permission.PREVIEW,
    renderer="templates/contents.pt",
)  # fmt: skip
def contents(context: Container, request: Any) -> dict[str, Any]:
    """A container's children as a table; searched, filtered and sorted as the address says."""
    asked = Asked.of(request.GET)
    actor = request.actor
    found = _found(context, request, asked)
    last = max(1, -(-found.total // PAGE_SIZE))
    return page(request, context) | {
        "rows": [row(node, actor) for node in found.nodes],
        "by_order": asked.is_plain,
        "arranging": asked.is_plain and "arrange" in request.GET,
        "bulk_steps": _bulk_steps(found.nodes, actor),
        "total": found.total,
        "remark": found.remark,
        "number": asked.number,
        "last": last,
        "asked": asked,
        "here": manage_url(context, "contents" if context is request.site else ""),
        "without_words": asked.url(context, words="", number=1),
        "turn": [asked.url(context, number=n) if 1 <= n <= last else ""
                 for n in (asked.number - 1, asked.number + 1)],
        "sorts": [(title, asked.url(context, sort=name, number=1), asked.sort == name)
                  for name, title in _SORTS],
        "chip": chip(context),
        "owner": owner_line(context, actor),
        "filters": _filters(context, actor, asked),
        "clipboard": clipboard(request),
        "may_add": permits(actor, Permission.ADD, context),
        "add_types": addable_types(context, actor),
        "steps": [(s.name, s.title) for s in available(context, actor)],
        "links": node_links(context, actor),
    }  # fmt: skip


def owner_line(context: Container, actor: Actor) -> dict[str, str] | None:
    """The unit that answers for a site or section, and who keeps it up to date."""
    found, keeper = owner_of(context), context.values.get("keeper", "")
    if found is None and not keeper:
        return None
    is_security = permits_duty(actor, Permission.SECURITY)
    return {
        "unit": found.unit.title if found else "",
        "url": f"/manage/@@unit?id={found.unit.id}" if found and is_security else "",
        "above": found.where.title if found and found.where is not context else "",
        "keeper": keeper,
    }


class Asked(NamedTuple):
    """What the address asks of a list."""

    state: str = ""
    type: str = ""
    sort: str = "order"
    words: str = ""
    number: int = 1

    @classmethod
    def of(cls, sent: Any) -> Asked:
        """What was sent."""
        sort = "changed" if sent.get("sort") == "changed" else "order"
        words = sent.get("words", "").strip()[:100]
        number = max(as_number(sent.get("page", "1"), 6), 1)
        return cls(sent.get("state", "")[:40], sent.get("type", "")[:40], sort, words, number)

    @property
    def is_plain(self) -> bool:
        """Whether all is listed, in the order of the container."""
        return self.sort == "order" and not (self.state or self.type or self.words)

    def url(self, container: Container, **change: Any) -> str:
        """The list with something else asked."""
        wanted = self._replace(**change)
        query = {"state": wanted.state, "type": wanted.type, "words": wanted.words,
                 "sort": "" if wanted.sort == "order" else wanted.sort,
                 "page": wanted.number if wanted.number > 1 else ""}  # fmt: skip
        view = "contents" if isinstance(container, SiteGroup) else ""
        return manage_url(container, view, **{k: v for k, v in query.items() if v})


def _found(container: Container, request: Any, asked: Asked) -> Found:
    offset = (asked.number - 1) * PAGE_SIZE
    if asked.words:
        return by_title(container, request, asked.words, limit=PAGE_SIZE, offset=offset)
    found = reads.contents(
        container,
        request.actor,
        limit=PAGE_SIZE,
        offset=offset,
        states={asked.state} if asked.state else None,
        types={asked.type} if asked.type else None,
        sort=asked.sort,
    )
    return Found(found.nodes, found.total)


def row(node: Node, actor: Any) -> dict[str, Any]:
    """A node as a row of a table."""
    is_item = isinstance(node, Item)
    return {
        "uid": node.uid,
        "name": node.__name__,
        "title": node.title,
        "url": manage_url(node),
        "edit_url": manage_url(node, "edit")
        if is_item and permits(actor, Permission.EDIT, node)
        else "",
        "may_arrange": permits(actor, Permission.ARRANGE, node),
        "inside": len(node) if isinstance(node, Container) else None,
        "type": node.type_info.title,
        "icon": node.type_info.icon,
        "owner": site_of(node).directory.title_of(f"user:{node.owner}"),
        "changed": clock.stamp(node.modified),
        "chip": chip(node),
    }


def steps_of(nodes: Sequence[Node], actor: Any) -> list[Transition]:
    """The steps that fit at least one item of a page; what does not fit another is told when it is tried.

    Nothing is forced by the dozen.
    """
    found = {
        step.name: step
        for node in nodes
        if isinstance(node, Item)
        for step in available(node, actor)
        if step.name != FORCE
    }
    return list(found.values())


def _bulk_steps(nodes: Sequence[Node], actor: Any) -> dict[str, list[tuple[str, Any]]]:
    """The usual next steps, and the rest."""
    steps = steps_of(nodes, actor)
    return {
        "next": [(step.name, step.title) for step in steps if step.next_step],
        "other": [(step.name, step.title) for step in steps if not step.next_step],
    }


def _filters(container: Container, actor: Any, asked: Asked) -> list[dict[str, Any]]:
    """The chips of states, then those of types, each with how many there are."""
    states: dict[str, int] = {}
    kinds: dict[str, int] = {}
    for (state, kind), count in reads.counts(container, actor).items():
        if asked.type in ("", kind):
            states[state] = states.get(state, 0) + count
        if asked.state in ("", state):
            kinds[kind] = kinds.get(kind, 0) + count
    found = [
        _filter(_state_title(container, name, kinds), count, asked.state == name,
                asked.url(container, state="" if asked.state == name else name, words="", number=1))
        for name, count in sorted(states.items())
    ]  # fmt: skip
    if len(kinds) > 1 or asked.type:
        found += [
            _filter(types.get(name).type_info.title, count, asked.type == name,
                    asked.url(container, type="" if asked.type == name else name, words="", number=1))
            for name, count in sorted(kinds.items())
        ]  # fmt: skip
    return found


def _state_title(container: Container, state: str, kinds: Iterable[str]) -> Any:
    """What a state is called in the tables that hold here."""
    tables = (table_in(container, types.get(kind).type_info) for kind in kinds)
    known = (table.states[state].title for table in tables if state in table.states)
    return next(known, state_titles(site_of(container)).get(state, state))


def _filter(title: Any, count: int, chosen: bool, url: str) -> dict[str, Any]:
    return {"title": title, "count": f"{count:,}", "chosen": chosen, "url": url}


def addable_types(container: Container, actor: Any) -> list[dict[str, Any]]:
    """The types that this person may add here."""
    found = []
    for cls in types.addable(container):
        info = cls.type_info
        wanted = Permission.STRUCTURE if info.is_container else Permission.ADD
        if cls is not Placement and permits(actor, wanted, container):
            url = manage_url(container, "add", type=info.name)
            found.append({"title": info.title, "icon": info.icon, "url": url})
    if isinstance(container, Section) and permits(actor, Permission.ADD, container):
        url = manage_url(container, "upload")
        found.append({"title": _("批量上传文件"), "icon": "cloud-arrow-up", "url": url})
    return found


def _is(*kinds: type[Node]) -> Callable[[Node], bool]:
    return lambda node: isinstance(node, kinds)


def _has_drafted_blocks(node: Node) -> bool:
    return (
        isinstance(node, Container)
        and node.arrangement is not None
        and node.arrangement.draft is not None
    )


# The pages about a node: what each is called, its view, the permission that it asks, and of which nodes there is one.
_PAGES: tuple[tuple[Any, str, Permission, Callable[[Node], bool]], ...] = (
    (_("历史"), "history", Permission.PREVIEW, _is(Node)),
    (_("其中的操作记录"), "activity", Permission.PREVIEW, _is(Container)),
    (_("用在哪里"), "used", Permission.PREVIEW, _is(Node)),
    (_("流程规则"), "rules", Permission.PREVIEW, _is(Node)),
    (_("权限"), "grants", Permission.GRANT, _is(Node)),
    (_("设置"), "settings", Permission.CONFIGURE, _is(Container)),
    (_("审核流程"), "workflow", Permission.CONFIGURE, _is(Container)),
    (_("查找替换"), "replace", Permission.ADD, _is(Container)),
    (_("维护清单"), "upkeep", Permission.PREVIEW, _is(Container)),
    (_("导入表格"), "import", Permission.ADD, _is(Section)),
    (_("复核日期"), "review", Permission.EDIT, _is(Item)),
    (_("编排页面"), "blocks", Permission.COMPOSE, may_be_arranged),
    (_("发布编排"), "blocks", Permission.PRESENT, _has_drafted_blocks),
    (_("访问与评价"), "readership", Permission.PREVIEW, _is(Container, Item)),
    (_("报送与约稿"), "offers", Permission.PREVIEW, _is(SiteGroup, Subsite)),
    (_("读者纠错"), "corrections", Permission.ADOPT, _is(SiteGroup, Subsite)),
    (_("邮件订阅"), "subscriptions", Permission.CONFIGURE, _is(SiteGroup)),
    (_("搜索设置"), "search-guide", Permission.CONFIGURE, _is(SiteGroup)),
    (_("报送…"), "offer", Permission.EDIT, lambda node: getattr(node, "live_state", "") == "published"),
    (_("重命名或移动"), "arrange", Permission.ARRANGE, lambda node: node.__parent__ is not None),
    (_("删除"), "delete", Permission.DELETE, lambda node: node.__parent__ is not None),
)  # fmt: skip


def node_links(node: Node, actor: Any) -> list[tuple[Any, str]]:
    """The pages about a node that this person may open."""
    titles: dict[str, Any] = {}
    for title, view, needed, fits in _PAGES:
        if fits(node) and permits(actor, needed, node):
            titles.setdefault(manage_url(node, view), title)  # one page may be told in two ways
    found = [(title, url) for url, title in titles.items()]
    if (above := node.__parent__) is not None and permits(actor, Permission.PREVIEW, above):
        found.append((_("复制或引用到…"), manage_url(above, "transfer", uid=node.uid)))
    return found


@view_config(
    route_name="manage",
    context=Placement,
    permission=Permission.PREVIEW,
    renderer="templates/placement.pt",
)
def placement(context: Placement, request: Any) -> dict[str, Any]:
    """A placement: what it shows, and how to remove it."""
    target = context.target
    seen = permits(request.actor, Permission.PREVIEW, target)
    return page(request, context) | {
        "target_url": manage_url(target) if seen else "",
        "links": node_links(context, request.actor),
    }
