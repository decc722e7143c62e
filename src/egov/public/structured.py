"""Structured data (schema.org, as JSON-LD) of what a page is: an organisation, a site, the way to a page."""

from __future__ import annotations

import json
from collections.abc import Iterable
from html import escape
from typing import Any

from egov.base.permissions import Permission
from egov.model.container import Container
from egov.model.files import StoredFile
from egov.model.node import Node, lineage
from egov.model.site import SiteGroup, Subsite, language_of, site_of
from egov.public.people import Office, Person
from egov.security.policy import permits
from egov.security.principals import ANONYMOUS
from egov.web.urls import file_url, public_url


def data(facts: dict[str, Any]) -> str:
    """Facts as an element of the head."""
    # No text of an editor may end the element it stands in.
    text = json.dumps({"@context": "https://schema.org"} | filled(facts), ensure_ascii=False)
    safe = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return f'<script type="application/ld+json">{safe}</script>'


def filled(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts that there are."""
    return {name: fact for name, fact in facts.items() if fact}


def way_to(node: Node, base: str) -> dict[str, Any]:
    """The way from the portal to a node, as far as a visitor may go it."""
    above = [n for n in lineage(node) if permits(ANONYMOUS, Permission.VIEW, n)][::-1]
    steps = [
        {"@type": "ListItem", "position": n, "name": step.title, "item": base + public_url(step)}
        for n, step in enumerate(above, start=1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": steps}


def facts_of(container: Container, base: str, *, has_search: bool) -> str:
    """What a container's own page is: the organisation and its site, or a section and the way to it."""
    graph = (("og:type", "website"), ("og:title", container.title), ("og:url", base + public_url(container)),
             ("og:description", container.values.get("description")))  # fmt: skip
    tags = [f'<meta property="{name}" content="{escape(text)}">' for name, text in graph if text]
    told = [way_to(container, base)]
    if isinstance(container, SiteGroup | Subsite):
        told = [organisation(container, base), _site(container, base, has_search)]
    return "\n".join((*tags, *map(data, told)))


def person(who: Person, home: Container, base: str) -> dict[str, Any]:
    """Somebody in office."""
    return {
        "@type": "Person",
        "name": who.name,
        "jobTitle": who.post,
        "description": who.duties,
        "url": base + who.url,
        "image": base + who.picture.url if who.picture else "",
        "worksFor": _named(home, base),
    }


def office(unit: Office, home: Container, base: str) -> dict[str, Any]:
    """A unit of the government, and how to reach it."""
    return {
        "@type": "GovernmentOrganization",
        "name": unit.name,
        "url": base + unit.url,
        "telephone": unit.phone,
        "email": unit.email,
        "address": {"@type": "PostalAddress", "streetAddress": unit.address}
        if unit.address
        else "",
        "employee": {"@type": "Person", "name": unit.head} if unit.head else "",
        "parentOrganization": _named(home, base),
    }


def listed(facts: Iterable[dict[str, Any]]) -> str:
    """What stands in a list, as an element of the head."""
    steps = [
        {"@type": "ListItem", "position": n, "item": filled(one)}
        for n, one in enumerate(facts, start=1)
    ]
    return data({"@type": "ItemList", "itemListElement": steps}) if steps else ""


def _named(home: Container, base: str) -> dict[str, Any]:
    return {"@type": "GovernmentOrganization", "name": home.title, "url": base + public_url(home)}


def organisation(home: Container, base: str) -> dict[str, Any]:
    """The office whose site it is."""
    values, site = home.values, site_of(home)
    logo = values.get("logo")
    return {
        "@type": "GovernmentOrganization",
        "name": home.title,
        "alternateName": values.get("short_name"),
        "legalName": values.get("organiser"),
        "description": values.get("description"),
        "identifier": values.get("code"),
        "url": base + public_url(home),
        "logo": base + file_url(home, logo) if isinstance(logo, StoredFile) else "",
        "parentOrganization": _named(site, base) if home is not site else None,
    }


def _site(home: Container, base: str, has_search: bool) -> dict[str, Any]:
    address = base + public_url(home)
    search = f"{address.rstrip('/')}/@@search?q={{words}}"
    way = {
        "@type": "SearchAction",
        "target": {"@type": "EntryPoint", "urlTemplate": search},
        "query-input": "required name=words",
    }
    return {
        "@type": "WebSite",
        "name": home.title,
        "url": address,
        "inLanguage": language_of(home) or "zh-Hans",
        "potentialAction": way if has_search else None,
    }
