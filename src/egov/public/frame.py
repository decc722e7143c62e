"""What stands around every public page: name, menu, breadcrumb, side menu, footer, meta tags.

All of it depends on a page's container, not on the page. For visitors it is rendered once, and remembered until
something changes that a public page may show.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from html import escape
from itertools import islice
from secrets import token_hex
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlencode

from pyramid.renderers import render

from egov.base.i18n import Message, _, told
from egov.base.permissions import Permission
from egov.catalog.reads import published
from egov.model.container import Container
from egov.model.node import Node, lineage
from egov.model.site import Section, Subsite, subsite_of
from egov.operations.ownership import owned_by, owner_of
from egov.public.languages import counterpart_of, english_home
from egov.public.lists import picture
from egov.public.shell import MARKS, Page, Shell, cut, meta_tags
from egov.public.structured import facts_of
from egov.public.theme import FIELDS, accents_of
from egov.security.policy import permits
from egov.security.principals import Actor
from egov.web.cache import keep
from egov.web.hant import offers_hant
from egov.web.reads import reads_of
from egov.web.rendering import LANG, catalog_of
from egov.web.static_version import STATIC_VERSION
from egov.web.urls import manage_url, public_url

MENU_ENTRIES = 8
FOOTER_LINKS = 8
_REMEMBERED = 4096
_MARKS: tuple[tuple[Message, str, str], ...] = (
    (_("主办单位"), "organiser", ""),
    (_("承办单位"), "carrier", ""),
    (_("联系方式"), "contact", ""),
    (_("网站标识码"), "code", ""),
    (_("ICP 备案编号"), "icp", "https://beian.miit.gov.cn/"),
    (_("公安机关备案编号"), "police", "https://beian.mps.gov.cn/"),
)

Tags = tuple[tuple[str, str], ...]


class Entry(NamedTuple):
    """One entry of a menu or one step of the breadcrumb; `here` is the value of its aria-current."""

    title: str
    url: str
    here: str | None = None


_PARTS = ("top", "styles", "header", "footer", "reading", "foot")  # of a site
_OWNER = f"owner-{token_hex(8)}"  # where the footer of a site has the unit of a page
_AT = f"at-{token_hex(8)}"  # where the foot of an item has its address


class Frame(NamedTuple):
    """Everything around a page: a few plain values, and the parts that are ready markup."""

    title: str
    home: str
    lang: str  # as HTML names it
    base: str  # what stands before a path in an absolute address
    menu: list[Entry]
    side_title: str
    side: list[Entry]
    metas: str
    facts: str  # what the container's own page is, for machines
    crumbs: str
    item_crumbs: str  # the same, of an item in the container
    reading: str  # what helps to read an item
    item_foot: str  # what a reader may say of an item; `foot` puts its address in
    shell: Shell

    def foot(self, path: str) -> str:
        """What a reader may say of the item at a path, as markup."""
        return self.item_foot.replace(_AT, escape(path))


class _Site(NamedTuple):
    """What the frames of all containers of a site have in common."""

    menu: list[tuple[int, Entry]]  # with the uid of each section
    parts: dict[str, str]  # markup


_kept: OrderedDict[tuple[Any, ...], Any] = OrderedDict()
Made = TypeVar("Made")


def frame_of(request: Any, container: Container) -> Frame:
    """What stands around the pages of a container, as this reader may see it."""
    keep(request)
    return _remembered(request, f"frame{container.uid}", lambda: _make(request, container))


def _remembered(request: Any, name: str, make: Callable[[], Made]) -> Made:
    """What several pages show: for visitors made once, and again when something public has changed."""
    if (reads := reads_of(request)) is not None:
        return reads.shared(name, make)
    revision, jar = request.site.catalog.revision, request.site._p_jar
    if not request.actor.is_anonymous or jar is None or revision._p_changed:
        return make()
    key = (id(jar.db()), name, revision(), request.locale_name)
    made: Made | None = _kept.get(key)
    if made is None:
        made = _kept[key] = make()
        while len(_kept) > _REMEMBERED:
            _kept.popitem(last=False)
    return made


def _make(request: Any, container: Container) -> Frame:
    site, actor = request.site, request.actor
    home = subsite_of(container)
    common = _remembered(request, f"site{home.uid}", lambda: _make_site(request, home))
    above = list(lineage(container))
    uids = {node.uid: "true" for node in above} | {container.uid: "page"}
    menu = [entry._replace(here=uids.get(uid)) for uid, entry in common.menu]
    side_title, side = _side(container, actor)
    domain = site.values.get("domain", "")
    base = f"https://{domain}" if domain else ""
    way = [
        Entry(n.title if n is not site else _("首页"), public_url(n))
        for n in reversed(above)
        if permits(actor, Permission.VIEW, n)
    ]
    return Frame(
        title=home.title,
        home=public_url(home),
        lang=LANG[request.locale_name],
        base=base,
        menu=menu,
        side_title=side_title,
        side=side,
        metas=common.parts["metas"] + meta_tags(_column_metas(container)) + _feeds(container),
        facts=facts_of(container, base, has_search=not request.is_file),
        crumbs=_part(request, "crumbs", {"crumbs": way, "here": ""}),
        item_crumbs=_part(request, "crumbs", {"crumbs": way, "here": _("正文")}),
        reading=common.parts["reading"],
        item_foot=common.parts["foot"],
        shell=_shell(
            request,
            common.parts
            | {
                "menu": _part(request, "menu", {"menu": menu}),
                "footer": common.parts["footer"].replace(_OWNER, _owner(request, container)),
            },
        ),
    )


def _owner(request: Any, container: Container) -> str:
    """The unit that answers for the page, with its own site where that is another one; nothing for the organiser."""
    site, actor, home = request.site, request.actor, subsite_of(container)
    owner = owner_of(container)
    told = home.values.get("organiser") or site.values.get("organiser")
    if owner is None or owner.unit.title == told:
        return ""
    owned = (n for n in owned_by(site, owner.unit.id) if isinstance(n, Subsite))
    own = next((n for n in owned if permits(actor, Permission.VIEW, n)), home)
    url = public_url(own) if own is not home else ""
    return _part(request, "owner", {"unit": owner.unit.title, "url": url})


def _make_site(request: Any, home: Container) -> _Site:
    site, actor = request.site, request.actor
    own = {key: value for key, value in home.values.items() if value}
    values = {**{k: v for k, v in site.values.items() if k not in FIELDS}, **own}
    accents = accents_of(home.values, site.values)
    english = english_home(site, actor)
    shown = {
        "title": home.title,
        "portal_title": site.title if home is not site else "",
        "home": public_url(home),
        "search": f"{public_url(home).rstrip('/')}/@@search",
        "domain": values.get("domain", "") if home is site else home.values.get("domain", ""),
        "logo": picture(home, home.values.get("logo")) or picture(site, site.values.get("logo")),
        "theme": f"{public_url(home).rstrip('/')}/@@theme.css?v={'-'.join(a[1:] for a in accents)}",
        "links": _links(home, actor),
        "sign": values.get("sign", ""),
        "find_error": values.get("find_error", ""),
        "marks": [
            (label, values[key].split("　"), url) for label, key, url in _MARKS if values.get(key)
        ],
        "owner": _OWNER,
        "version": STATIC_VERSION,
        "at": _AT,
        "is_answered": request.is_answered,
        **_made_for(request),
    }
    parts = {name: _part(request, name, shown) for name in _PARTS}
    parts["metas"] = meta_tags(_site_metas(home, values))
    parts["english"] = public_url(english) if english is not None else ""
    sections = list(_seen_sections(home, actor, MENU_ENTRIES))
    return _Site([(s.uid, Entry(s.title, public_url(s))) for s in sections], parts)


def _shell(request: Any, parts: dict[str, str]) -> Shell:
    return cut(_part(request, "shell", parts | _made_for(request) | {"own": MARKS}))


def _made_for(request: Any) -> dict[str, bool]:
    return {"is_preview": request.preview is not None, "is_file": request.is_file}


def _feeds(container: Container) -> str:
    base, title = public_url(container).rstrip("/"), escape(container.title)
    kinds = (("atom", "feed"), ("rss", "rss"))
    return "".join(
        f'\n<link rel="alternate" type="application/{kind}+xml" title="{title}" href="{base}/@@{name}.xml">'
        for kind, name in kinds
    )


def _part(request: Any, name: str, shown: dict[str, Any]) -> str:
    markup: bytes = render(f"egov.public:templates/frame/{name}.pt", shown, request=request)
    return markup.decode().strip()


def _seen_sections(parent: Container, actor: Actor, most: int | None = None) -> Iterator[Section]:
    sections = (c for c in parent.containers() if isinstance(c, Section))
    return islice((s for s in sections if permits(actor, Permission.VIEW, s)), most)


def _side(container: Container, actor: Actor) -> tuple[str, list[Entry]]:
    # A section tells its sub-sections; one that has none, its neighbours. The main menu tells the rest.
    if not isinstance(container, Section):
        return "", []
    parent = container.__parent__
    for shown in (container, parent if isinstance(parent, Section) else None):
        if shown is not None and (sections := list(_seen_sections(shown, actor))):
            here = {container.uid: "page"}
            entries = [Entry(s.title, public_url(s), here.get(s.uid)) for s in sections]
            return shown.title, entries
    return "", []


def _links(home: Container, actor: Actor) -> list[Entry]:
    pages = published(home, actor, types=("page",), limit=FOOTER_LINKS).nodes
    pages.sort(key=lambda page: page.position)
    return [Entry(page.live_title, public_url(page)) for page in pages]


def _site_metas(home: Container, values: dict[str, Any]) -> Tags:
    # The names of the tags are those of the national guideline (47号 annex), to the letter.
    return (
        ("SiteName", home.title),
        ("SiteDomain", values.get("domain", "")),
        ("SiteIDCode", values.get("code", "")),
    )


def _column_metas(container: Container) -> Tags:
    if not isinstance(container, Section):
        return ()
    values = container.values
    return (
        ("ColumnName", container.title),
        ("ColumnDescription", values.get("description") or container.title),
        ("ColumnKeywords", ",".join(values.get("keywords") or (container.title,))),
        ("ColumnType", values.get("column_type", "")),
    )


def page(
    request: Any, node: Node, container: Container, *, title: Message = "", place: str = ""
) -> dict[str, Any]:
    """The values of the master template for a node's page in a container; its window names the `place`, or the site."""
    actor = request.actor
    frame = frame_of(request, container)
    heading = title or node.title
    path = public_url(node)
    if view := getattr(request, "view_name", ""):
        path = f"{path.rstrip('/')}/@@{view}"
    # Who reads on in other characters has asked the same: words, the page that is spoken of.
    asked = f"?{urlencode(list(request.GET.items()))}" if view and request.GET else ""
    other = counterpart_of(request.site, node, actor) if not view else None
    may_manage = not actor.is_anonymous and permits(actor, Permission.PREVIEW, node)
    shown = Page(
        title=heading,
        window_title=f"{told(heading, catalog_of(request.locale_name))} - {place or frame.title}",
        crumbs=frame.crumbs,
        metas=frame.metas if view or node is not container else f"{frame.metas}\n{frame.facts}",
        canonical=frame.base + path,
        lang=frame.lang,
        path=f"{path}{asked}" if request.preview is None else "",
        other=public_url(other) if other is not None else "",
        has_hant=offers_hant(request),
        base=frame.base,
        shell=frame.shell,
        look=request.look,
        edit=_part(request, "edit", {"url": manage_url(node)}) if may_manage else "",
    )
    return {"frame": frame, "page": shown}
