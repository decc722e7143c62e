"""Finding what a command's argument names."""

from __future__ import annotations

import click

from egov.model.container import Container
from egov.model.node import Node
from egov.model.site import SiteGroup


def find_node(site: SiteGroup, path: str) -> Node:
    """The node at a path; raises ClickException if there is none."""
    node: Node = site
    for name in filter(None, path.split("/")):
        child = node.get(name) if isinstance(node, Container) else None
        if child is None:
            raise click.ClickException(f"没有 {path} 这个栏目或内容。")
        node = child
    return node


def find(site: SiteGroup, path: str) -> Container:
    """The container at a path; raises ClickException if there is none."""
    node = find_node(site, path)
    if not isinstance(node, Container):
        raise click.ClickException(f"{path} 不是栏目。")
    return node
