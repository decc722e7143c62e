"""The filter of a list: a container's own children by stretches of their titles."""

from __future__ import annotations

from typing import Any, NamedTuple

from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.catalog import reads
from egov.model.container import Container
from egov.model.node import Node
from egov.search.queries import DEEPEST
from egov.search.titles import title_fits, titled
from egov.search.working import domains_directly_in
from egov.security.policy import permits

_LOOKED_THROUGH = 2_000  # where there is no index
_NO_INDEX = _("还没有建立检索索引：只在最近更新的 2,000 项的标题中查找。")
_BEHIND = _("检索索引正在更新：刚刚改动的标题可能稍后才能查到。")
_TOO_MUCH = _("符合的内容太多，只列出最近更新的 10,000 项。再加几个字可以缩小范围。")


class Found(NamedTuple):
    """The nodes of a page, how many there are in all, and what is to be known of it."""

    nodes: list[Node]
    total: int
    remark: Message = ""


def by_title(
    container: Container, request: Any, typed: str, *, limit: int = DEEPEST, offset: int = 0
) -> Found:
    """What has a title that fits, the last changed first: from the index, whose cost is that of what is found."""
    site, actor, index = request.site, request.actor, request.registry.working_search
    found = None
    if index is not None:
        index.prepare(site)
        inside = domains_directly_in(container, actor)
        found = titled(index, typed, inside, limit=limit, offset=offset)
    if found is None:
        newest = reads.contents(container, actor, limit=_LOOKED_THROUGH, sort="changed")
        fit = [node for node in newest.nodes if title_fits(node.title, typed)]
        is_all = newest.total <= _LOOKED_THROUGH
        return Found(fit[offset : offset + limit], len(fit), "" if is_all else _NO_INDEX)
    # The index may be a moment behind: what is shown is asked of the tree itself.
    nodes = [n for uid in found.uids if (n := site.catalog.node(uid)) and n.__parent__ is container]
    seen = [node for node in nodes if permits(actor, Permission.PREVIEW, node)]
    too_much = _TOO_MUCH if found.total > DEEPEST else ""
    return Found(seen, min(found.total, DEEPEST), too_much if index.is_up else _BEHIND)
