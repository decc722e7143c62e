"""Giving a persistent object back the state that it had at another time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from persistent import Persistent

P = TypeVar("P", bound=Persistent)


def with_state(cls: type[P], found: P | None, state: Mapping[str, Any]) -> P:
    """The object that was found, or a new one of its class, with the state that `__getstate__` once gave."""
    made = found if found is not None else Persistent.__new__(cls)
    made._p_activate()  # a ghost would load over what it is given
    made.__setstate__(dict(state))
    made._p_changed = True
    return made
