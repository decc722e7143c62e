"""The standing pages of a new site: about, contact, privacy, accessibility; drafts that an editor completes."""

from __future__ import annotations

from importlib import resources

import yaml

from egov.cli.acting import console
from egov.model.site import SiteGroup
from egov.operations.content import create


def make_standing_pages(site: SiteGroup) -> None:
    """Put the drafts into the portal; nobody but editors sees them until they are published."""
    told = (resources.files("egov.cli") / "standing.yaml").read_text("utf-8")
    for values in yaml.safe_load(told):
        create(site, "page", values, by=console())
