"""A site's own colour: from one accent to a readable pair for light and dark."""

from __future__ import annotations

import re
from functools import lru_cache

DEFAULT_ACCENT = "#1d4f91"

_HEX = re.compile(r"#[0-9a-fA-F]{6}\Z")
_LIGHT, _DARK = (255, 255, 255), (21, 24, 28)  # the grounds of tokens.css
_INK_ON_DARK = "#10141a"
# 4.5 is the least (WCAG 1.4.3); a little more, because accents also stand on the soft ground.
_WANTED = 5.3

Colour = tuple[int, int, int]


def accent_of(*candidates: str | None) -> str:
    """The first candidate that is a colour, or the house's own."""
    return next((c.lower() for c in candidates if c and _HEX.match(c)), DEFAULT_ACCENT)


@lru_cache(maxsize=512)
def stylesheet(accent: str) -> str:
    """The tokens that an accent overrides, for light and for dark, darkened or lightened until they can be read."""
    chosen = _parse(accent)
    light = _until_readable(chosen, on=_LIGHT, towards=(0, 0, 0))
    dark = _until_readable(_mix(chosen, _LIGHT, 0.45), on=_DARK, towards=_LIGHT)
    return (
        f":root{{--accent:{_hex(light)};--accent-soft:{_hex(_mix(light, _LIGHT, 0.925))};--on-accent:#ffffff}}\n"
        f"@media (prefers-color-scheme:dark){{:root{{--accent:{_hex(dark)};"
        f"--accent-soft:{_hex(_mix(dark, _DARK, 0.87))};--on-accent:{_INK_ON_DARK}}}}}\n"
        "@media print{:root{--accent:#000000}}\n"
    )


def contrast(one: Colour, other: Colour) -> float:
    """The contrast of two colours as WCAG reckons it, 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _until_readable(colour: Colour, *, on: Colour, towards: Colour) -> Colour:
    share, found = 0.0, colour
    while contrast(found, on) < _WANTED and share < 1:
        share += 0.04
        found = _mix(colour, towards, share)
    return found


def _mix(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * min(share, 1)) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _luminance(colour: Colour) -> float:
    red, green, blue = (_linear(part / 255) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _parse(text: str) -> Colour:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def _hex(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
