"""What stands on every public page: name, menu, breadcrumb, footer, meta tags."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, NamedTuple

from egov.base import clock
from egov.base.permissions import Permission
from egov.model.container import Container
from egov.model.item import Item
from egov.model.node import Node, lineage
from egov.model.site import Section, SiteGroup, subsite_of
from egov.security.policy import permits
from egov.security.principals import Actor
from egov.web.urls import manage_url, public_url

MENU_ENTRIES = 8
_REMEMBERED = 512


class Crumb(NamedTuple):
    """One step of the breadcrumb, or one entry of a menu."""

    title: str
    url: str


class SiteFrame(NamedTuple):
    """The parts that all pages of one site share."""

    title: str
    portal_title: str
    is_portal: bool
    home: str
    theme: str
    menu: list[Crumb]
    footer: list[tuple[str, str]]
    metas: list[tuple[str, str]]


_frames: OrderedDict[tuple[Any, ...], SiteFrame] = OrderedDict()

_FOOTER = (
    ("主办单位", "organiser"),
    ("联系方式", "contact"),
    ("网站标识码", "code"),
    ("ICP 备案", "icp"),
    ("公安备案", "police"),
)


def site_frame(site: SiteGroup, container: Container, actor: Actor) -> SiteFrame:
    """The shared parts of a site's pages; remembered for visitors until anything about containers changes."""
    generation = site.catalog.generation
    if not actor.is_anonymous or generation._p_changed or site._p_jar is None:
        return _make_frame(site, container, actor)
    key = (id(site._p_jar.db()), container.uid, generation())
    frame = _frames.get(key)
    if frame is None:
        frame = _frames[key] = _make_frame(site, container, actor)
        while len(_frames) > _REMEMBERED:
            _frames.popitem(last=False)
    return frame


def _make_frame(site: SiteGroup, container: Container, actor: Actor) -> SiteFrame:
    values = {
        **{k: v for k, v in site.values.items() if k != "accent"},
        **_filled(container.values),
    }
    sections = [c for c in container.containers() if isinstance(c, Section)]
    seen = [c for c in sections if permits(actor, Permission.VIEW, c)]
    return SiteFrame(
        title=container.title,
        portal_title=site.title,
        is_portal=container is site,
        home=public_url(container),
        theme=f"{public_url(container).rstrip('/')}/@@theme.css?v={clock.micros(container.modified)}",
        menu=[Crumb(c.title, public_url(c)) for c in seen[:MENU_ENTRIES]],
        footer=[(label, values[key]) for label, key in _FOOTER if values.get(key)],
        metas=[
            ("SiteName", container.title),
            ("SiteDomain", values.get("domain", "")),
            ("SiteIDCode", values.get("code", "")),
        ],
    )


def _filled(values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value}


def page(request: Any, node: Node, title: str = "") -> dict[str, Any]:
    """The values of the master template for a node's page."""
    actor = request.actor
    home = subsite_of(node)
    frame = site_frame(request.site, home, actor)
    may_edit = not actor.is_anonymous and permits(actor, Permission.PREVIEW, node)
    heading = title or node.title
    above = [n for n in lineage(node.__parent__) if permits(actor, Permission.VIEW, n)]
    section = next((n for n in lineage(node) if isinstance(n, Section)), None)
    return {
        "frame": frame,
        "title": heading,
        "window_title": heading if node is home else f"{heading} - {frame.title}",
        "crumbs": [
            Crumb(n.title if n is not request.site else "首页", public_url(n))
            for n in reversed(above)
        ],
        "metas": frame.metas + (section_metas(section) if section is not None else []),
        "canonical": public_url(node),
        "edit_url": manage_url(node) if may_edit else "",
    }


def section_metas(section: Container) -> list[tuple[str, str]]:
    """The column tags, by the names of the national guideline (47号 annex)."""
    values = section.values
    return [
        ("ColumnName", section.title),
        ("ColumnDescription", values.get("description") or section.title),
        ("ColumnKeywords", ",".join(values.get("keywords") or (section.title,))),
        ("ColumnType", values.get("column_type", "")),
    ]


def article_metas(item: Item, url: str) -> list[tuple[str, str]]:
    """The content tags, by the names of the national guideline (47号 annex)."""
    values = item.live.values if item.live else {}
    source = values.get("source") or values.get("issuer") or subsite_of(item).title
    tags = [
        ("ArticleTitle", item.live_title),
        ("PubDate", clock.stamp(item.published_at)),
        ("ContentSource", source),
        ("Keywords", ",".join(values.get("keywords") or ())),
        ("Author", values.get("author") or ""),
        ("Description", values.get("summary") or ""),
        ("Url", url),
    ]
    return [(name, value) for name, value in tags if value]
