"""What a new site begins with, for editors to complete: its standing pages, and words that mean the same."""

from __future__ import annotations

from importlib import resources
from typing import Any

import yaml

from egov.cli.acting import console
from egov.model.site import SiteGroup
from egov.operations.content import create
from egov.operations.search_guide import set_synonyms


def make_standing_pages(site: SiteGroup) -> None:
    """Put the drafts into the portal; nobody but editors sees them until they are published."""
    for values in _read("standing.yaml"):
        create(site, "page", values, by=console())


def teach_search(site: SiteGroup) -> None:
    """Let the search know what people call things that documents call otherwise."""
    set_synonyms(site, "\n".join(_read("synonyms.yaml")), by=console())


def _read(name: str) -> Any:
    return yaml.safe_load((resources.files("egov.cli") / name).read_text("utf-8"))
