"""Pictures drawn for the demo: hills over a river under a wide sky, each a little different."""

from __future__ import annotations

import random
from collections.abc import Callable
from io import BytesIO
from math import cos, pi, sin

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
    return _png(image)


def wide(colour: str, seed: str) -> bytes:
    """A landscape cut to the shape of a banner."""
    with Image.open(BytesIO(landscape(colour, seed))) as image:
        return _png(image.resize((1440, 810)).crop((0, 250, 1440, 730)))


def portrait(colour: str, _seed: str) -> bytes:
    """Somebody in outline before a light ground."""
    base = ImageColor.getrgb(colour)[:3]
    image = Image.new("RGB", (420, 560), _mix(base, (255, 255, 255), 0.82))
    draw = ImageDraw.Draw(image)
    shade = _mix(base, (255, 255, 255), 0.25)
    draw.ellipse([40, 360, 380, 860], fill=shade)
    draw.ellipse([125, 130, 295, 350], fill=_mix(base, (255, 255, 255), 0.45))
    draw.rectangle([175, 320, 245, 400], fill=_mix(base, (255, 255, 255), 0.45))
    return _png(image)


def emblem(colour: str, _seed: str) -> bytes:
    """The sign of the city: a sun over two waves, in a ring."""
    size, middle = 480, 240
    base = ImageColor.getrgb(colour)[:3]
    image = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.ellipse([8, 8, size - 8, size - 8], fill=(255, 255, 255, 255), outline=base, width=22)
    for ray in range(24):
        angle = pi * ray / 12
        ends = [(middle + r * cos(angle), 190 + r * sin(angle)) for r in (84, 112)]
        draw.line(ends, fill=(163, 52, 31, 255), width=8)
    draw.ellipse([middle - 70, 120, middle + 70, 260], fill=(163, 52, 31, 255))
    for level in (286, 344):
        wave = [(x, level + 12 * sin(x / 26)) for x in range(70, 411, 4)]
        draw.line(wave, fill=base, width=26, joint="curve")
    return _png(image.resize((240, 240)))


def _png(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _mix(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


DRAWN: dict[str, Callable[[str, str], bytes]] = {
    "image": landscape,
    "wide": wide,
    "portrait": portrait,
    "emblem": emblem,
}
