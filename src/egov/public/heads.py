"""The head of an item's page: content tags, OpenGraph, structured data; made once per item and revision."""

from __future__ import annotations

from collections import OrderedDict
from html import escape
from typing import Any

from egov.base import clock
from egov.base.html import excerpt
from egov.model.item import Item
from egov.model.site import subsite_of
from egov.public.frame import Frame
from egov.public.items import item_metas
from egov.public.lists import picture_of
from egov.public.people import office_of, person_of
from egov.public.shell import meta_tags
from egov.public.structured import data, office, person, way_to
from egov.web.reads import reads_of

_REMEMBERED = 2000
_heads: OrderedDict[tuple[int, int, int], str] = OrderedDict()


def item_head(request: Any, item: Item, url: str, frame: Frame) -> str:
    """The tags that tell what an item is, as markup; from memory while nothing public has changed."""
    revision, jar = request.site.catalog.revision, request.site._p_jar
    if jar is None or revision._p_changed or reads_of(request) is not None:
        return _make(item, url, frame)
    key = (id(jar.db()), item.uid, revision())
    head = _heads.get(key)
    if head is None:
        head = _heads[key] = _make(item, url, frame)
        while len(_heads) > _REMEMBERED:
            _heads.popitem(last=False)
    return head


def _make(item: Item, url: str, frame: Frame) -> str:
    values = item.live.values if item.live is not None else {}
    told = values.get("summary") or excerpt(values.get("body") or "", 150)
    picture = picture_of(item, values)
    image = frame.base + picture.url if picture else ""
    kind = "profile" if item.type_name == "leader" else "article"
    graph = (("og:type", kind), ("og:title", item.live_title), ("og:url", url), ("og:description", told),
             ("og:site_name", frame.title), ("og:image", image))  # fmt: skip
    lines = [
        meta_tags(item_metas(item, url, frame.base)),
        *(f'<meta property="{name}" content="{escape(text)}">' for name, text in graph if text),
        data(_told(item, values, url, image, frame.base)),
        data(way_to(item.__parent__ or item, frame.base)),
    ]
    return "\n".join(lines)


def _told(item: Item, values: dict[str, Any], url: str, image: str, base: str) -> dict[str, Any]:
    home = subsite_of(item)
    if item.type_name == "leader":
        return person(person_of(item), home, base)
    if item.type_name == "office":
        return office(office_of(item), home, base)
    return _article(item, values, url, image)


def _article(item: Item, values: dict[str, Any], url: str, image: str) -> dict[str, Any]:
    office = values.get("issuer") or values.get("source") or subsite_of(item).title
    return {
        "@type": "Article",
        "headline": item.live_title,
        "url": url,
        "image": image,
        "datePublished": clock.local(item.published_at).isoformat() if item.published_at else "",
        "dateModified": clock.local(item.updated_at).isoformat() if item.updated_at else "",
        "author": {"@type": "GovernmentOrganization", "name": office},
        "publisher": {"@type": "GovernmentOrganization", "name": subsite_of(item).title},
    }
