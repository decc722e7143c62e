"""Colours as WCAG reckons them: contrast, and the nearest colour that can be read."""

from __future__ import annotations

import re

Colour = tuple[int, int, int]

WHITE, BLACK = (255, 255, 255), (0, 0, 0)
READABLE = 4.5  # the least contrast of text (WCAG 1.4.3)

_HEX = re.compile(r"#[0-9a-fA-F]{6}\Z")
_STEP = 0.04


def is_colour(text: object) -> bool:
    """Whether a text is a colour as #rrggbb."""
    return isinstance(text, str) and bool(_HEX.match(text))


def contrast(one: Colour, other: Colour) -> float:
    """The contrast of two colours, 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def until_readable(
    colour: Colour, *, on: Colour, towards: Colour, wanted: float = READABLE
) -> Colour:
    """The colour, or the nearest mix of it with another that stands out enough on a ground."""
    share, found = 0.0, colour
    while contrast(found, on) < wanted and share < 1:
        share += _STEP
        found = mix(colour, towards, share)
    return found


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """One colour with a share of another."""
    red, green, blue = (round(a + (b - a) * min(share, 1)) for a, b in zip(one, other, strict=True))
    return red, green, blue


def parse(text: str) -> Colour:
    """A colour from #rrggbb."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def told(colour: Colour) -> str:
    """A colour as #rrggbb."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _luminance(colour: Colour) -> float:
    red, green, blue = (_linear(part / 255) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
