"""Pictures drawn for the demo: hills over a river under a wide sky, each a little different."""

from __future__ import annotations

import random
from io import BytesIO
from math import sin

from PIL import Image, ImageColor, ImageDraw

WIDTH, HEIGHT = 960, 540
_LAYERS = 5

Colour = tuple[int, int, int]


def landscape(colour: str, seed: str) -> bytes:
    """A PNG in shades of one colour; the same seed gives the same picture."""
    chance = random.Random(seed)  # noqa: S311  a picture, not a secret
    base = ImageColor.getrgb(colour)[:3]
    image = Image.new("RGB", (WIDTH, HEIGHT))
    draw = ImageDraw.Draw(image)
    for y in range(HEIGHT):
        draw.line([(0, y), (WIDTH, y)], fill=_mix(base, (255, 255, 255), 0.72 + 0.24 * y / HEIGHT))
    x, y, size = chance.randint(120, 840), chance.randint(70, 150), chance.randint(36, 60)
    draw.ellipse([x - size, y - size, x + size, y + size], fill=(255, 249, 235))
    for layer in range(_LAYERS):
        level = 210 + layer * 62
        waves = [(chance.uniform(20, 46), chance.uniform(0.004, 0.012), chance.uniform(0, 6))]
        waves += [(chance.uniform(6, 16), chance.uniform(0.014, 0.03), chance.uniform(0, 6))]
        line = [
            (x, level + sum(high * sin(x * fast + start) for high, fast, start in waves))
            for x in range(0, WIDTH + 12, 12)
        ]
        shade = _mix(base, (255, 255, 255), 0.62 - 0.14 * layer)
        draw.polygon([*line, (WIDTH, HEIGHT), (0, HEIGHT)], fill=shade)
    out = BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _mix(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue
