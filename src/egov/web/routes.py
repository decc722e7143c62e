"""Which of the few fixed addresses is asked for: decided at a glance for the pages of the tree, which are none."""

from __future__ import annotations

import re
from typing import Any

from pyramid.interfaces import IRoutesMapper
from pyramid.urldispatch import RoutesMapper

_OPEN = re.compile(r"[{*]")


class Routes(RoutesMapper):
    """Pyramid's mapper, which tries every route in turn, but only where an address begins like one of them."""

    def __init__(self) -> None:
        super().__init__()
        self._beginnings: tuple[str, ...] = ()

    def connect(self, name: str, pattern: str, *args: Any, **kw: Any) -> Any:
        """Add a route."""
        route = super().connect(name, pattern, *args, **kw)
        self._beginnings = tuple({_beginning(r.pattern) for r in self.routelist})
        return route

    def __call__(self, request: Any) -> Any:
        """The route that matches a request, and what it found in the address."""
        if request.environ.get("PATH_INFO", "").startswith(self._beginnings):
            return super().__call__(request)
        return {"route": None, "match": None}


def _beginning(pattern: str) -> str:
    return "/" + _OPEN.split(pattern.lstrip("/"), maxsplit=1)[0]


def includeme(config: Any) -> None:
    """Let this mapper keep all routes that are added from now on."""
    config.registry.registerUtility(Routes(), IRoutesMapper)
