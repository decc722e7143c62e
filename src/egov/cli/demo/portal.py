"""The portal of the demo city: its sections, and what stands in them."""

from __future__ import annotations

from datetime import timedelta
from importlib import resources
from typing import Any

import yaml

from egov.base import clock
from egov.base.clock import frozen
from egov.cli.demo.pictures import DRAWN
from egov.model.container import Container
from egov.model.files import StoredFile
from egov.model.item import Item
from egov.model.site import SiteGroup
from egov.operations.composing import add_block, drafted, publish_arrangement
from egov.operations.containers import configure
from egov.operations.content import create, edit
from egov.operations.rights import grant
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR, Actor

FILES = (
    "items-news.yaml",
    "items-notices.yaml",
    "items-documents.yaml",
    "items-services.yaml",
    "items-pages.yaml",
)
_AFTERWARDS = ("return", "withdraw", "unpublish")
STEPS = {
    "draft": (), "pending": ("submit",), "returned": ("submit", "return"), "approved": ("submit", "approve"),
    "published": ("submit", "approve", "publish"), "published+draft": ("submit", "approve", "publish"),
    "withdrawn": ("submit", "approve", "publish", "withdraw"),
    "unpublished": ("submit", "approve", "publish", "unpublish"),
}  # fmt: skip


def read(name: str) -> Any:
    """One of the demo's own YAML files."""
    return yaml.safe_load((resources.files("egov.cli.demo") / name).read_text("utf-8"))


def load_portal(site: SiteGroup, people: dict[str, Actor]) -> None:
    """Configure the portal, make its sections, give the people their roles and write its items."""
    raw = read("portal.yaml")
    configure(site, _values(raw["values"]), by=SYSTEM_ACTOR)
    make_sections(site, raw["sections"])
    make_sections(site, raw["subsites"], "subsite")
    for role in ("author", "editor", "reviewer", "publisher"):
        grant(site, f"user:{people[role].id}", role, by=SYSTEM_ACTOR, reason="演示")
    for name in FILES:
        told = read(name)
        for item in told["items"]:
            _item(site, told["defaults"] | item, people)


def arrange_home(site: SiteGroup, people: dict[str, Actor]) -> None:
    """Arrange the portal's home page from blocks and publish it."""
    for facts in read("portal.yaml")["blocks"]:
        values = dict(facts["values"])
        if "place" in values:
            values["place"] = _at(site, values["place"]).uid
        add_block(site, drafted(site, tuple), facts["kind"], values, by=people["editor"])
    publish_arrangement(site, by=people["publisher"])


def _at(site: SiteGroup, path: str) -> Any:
    where: Any = site
    for name in filter(None, path.split("/")):
        where = where[name]
    return where


def _values(raw: dict[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in raw.items()}


def make_sections(
    container: Container, sections: list[dict[str, Any]], kind: str = "section"
) -> None:
    """Make sections, and the sections in them."""
    for facts in sections:
        values = _values(facts["values"])
        made = create(container, kind, values, by=SYSTEM_ACTOR, name=facts["name"])
        if isinstance(made, Container):
            make_sections(made, facts.get("sections", []))


def _item(site: SiteGroup, facts: dict[str, Any], people: dict[str, Actor]) -> None:
    where = _at(site, facts["at"])
    days, changed = facts["days_ago"], facts.get("changed_days_ago", facts["days_ago"] / 2)
    values = _values(facts["values"])
    with frozen(clock.now() - timedelta(days=days)):
        item = create(where, facts["type"], values, by=people["author"])
        if not isinstance(item, Item):
            return
        steps = STEPS[facts["state"]]
        _advance(item, [s for s in steps if s not in _AFTERWARDS], people, "")
    with frozen(clock.now() - timedelta(days=changed)):
        _advance(item, [s for s in steps if s in _AFTERWARDS], people, facts.get("comment", "更正"))
        if facts["state"] == "published+draft":
            edit(item, item.work.values | facts["draft_values"], by=people["author"])


def _advance(item: Item, steps: list[str], people: dict[str, Actor], comment: str) -> None:
    who = {"submit": "author", "approve": "reviewer", "return": "reviewer"}
    for step in steps:
        advance(item, step, by=people[who.get(step, "publisher")], comment=comment)


def _value(value: Any) -> Any:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return tuple(_value(part) for part in value)
    if not isinstance(value, dict):
        return value
    name = value["filename"]
    if value["generate"] in DRAWN:
        drawn = DRAWN[value["generate"]](value["colours"][0], name)
        return StoredFile(drawn, name, "image/png")
    kind = "text/csv" if value["generate"] == "csv" else "text/plain"
    return StoredFile(value["content"].encode("utf-8-sig"), name, kind)
