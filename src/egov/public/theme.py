"""A site's own colours, three at most: from each to a readable pair for light and dark."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from egov.base.colours import BLACK, WHITE, Colour, is_colour, mix, parse, told, until_readable

DEFAULT_ACCENT = "#1d4f91"
FIELDS = ("accent", "accent_2", "accent_3")

_DARK = (21, 24, 28)  # the dark ground of tokens.css
_INK_ON_DARK = "#10141a"
# 4.5 is the least (WCAG 1.4.3); a little more, because accents also stand on the soft ground.
_WANTED = 5.3

Accents = tuple[str, ...]


def accents_of(*sites: Mapping[str, Any]) -> Accents:
    """The colours of the first site that has a main colour: the main one, and what goes with it."""
    for values in sites:
        if is_colour(values.get("accent")):
            return tuple(str(values[f]).lower() for f in FIELDS if is_colour(values.get(f)))
    return (DEFAULT_ACCENT,)


@lru_cache(maxsize=512)
def stylesheet(accents: Accents) -> str:
    """The tokens that colours override, for light and for dark, darkened or lightened until they can be read."""
    light = [until_readable(parse(a), on=WHITE, towards=BLACK, wanted=_WANTED) for a in accents]
    dark = [
        until_readable(mix(parse(a), WHITE, 0.45), on=_DARK, towards=WHITE, wanted=_WANTED)
        for a in accents
    ]
    return (
        f":root{{{_tokens(light, mix(light[0], WHITE, 0.925), '#ffffff')}}}\n"
        f"@media (prefers-color-scheme:dark){{:root{{{_tokens(dark, mix(dark[0], _DARK, 0.87), _INK_ON_DARK)}}}}}\n"
        "@media print{:root{--accent:#000000}}\n"
    )


def _tokens(colours: list[Colour], soft: Colour, on_accent: str) -> str:
    names = ("--accent", "--accent-2", "--accent-3")
    own = ";".join(f"{name}:{told(c)}" for name, c in zip(names, colours, strict=False))
    return f"{own};--accent-soft:{told(soft)};--on-accent:{on_accent}"
