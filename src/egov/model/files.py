"""StoredFile: bytes in a blob, immutable, shared by the editions that show them."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any, TypeAlias

from persistent import Persistent
from PIL import Image, UnidentifiedImageError
from ZODB.blob import Blob

from egov.base.turns import Turns

_CHUNK = 1 << 16
WIDTHS = (320, 640, 1280)  # a phone's list, a phone's page, a desk's page
# Of pixels, which take eight bytes each while a picture is turned; the largest that is taken alone is 50 million.
PICTURES = Turns(most=50_000_000, small=2_500_000, seconds=30)
# Blocks beyond what malloc ever keeps for a thread: else each of eight would keep the memory of its largest picture.
Image.core.set_block_size(64 << 20)  # type: ignore[attr-defined]
_RESIZED = frozenset({"image/jpeg", "image/png", "image/webp"})


# Width, WebP bytes, and what the bytes must be: their SHA-256 and their number.
Smaller: TypeAlias = tuple[int, Blob, str, int]


class StoredFile(Persistent):
    """An uploaded file; its id is taken from its content, so equal files have equal addresses."""

    width: int = 0
    height: int = 0
    smaller: tuple[Smaller, ...] = ()  # the smallest first
    modern: tuple[Smaller, ...] = ()  # the same as AVIF, for browsers that take it

    def __init__(self, source: IO[bytes] | bytes, filename: str, content_type: str) -> None:
        stream = BytesIO(source) if isinstance(source, bytes) else source
        self.filename = filename
        self.content_type = content_type
        self.blob = Blob()
        seen = hashlib.sha256()
        size = 0
        with self.blob.open("w") as target:
            while chunk := stream.read(_CHUNK):
                seen.update(chunk)
                size += len(chunk)
                _write(target, chunk)
        self.size = size
        self.digest = seen.hexdigest()
        if content_type.startswith("image/"):
            self._measure()

    @property
    def id(self) -> str:
        """The part of the digest that stands in addresses."""
        return self.digest[:20]

    @property
    def is_image(self) -> bool:
        """Whether the bytes are a picture that a page can show."""
        return bool(self.width)

    def open(self) -> IO[bytes]:
        """The bytes, as a file open for reading."""
        stream: IO[bytes] = self.blob.open("r")
        return stream

    def stored(self) -> tuple[str, str, int]:
        """The file that holds the committed bytes, their SHA-256 and their number."""
        return self.blob.committed(), self.digest, self.size

    def stored_as(self, width: int, *, modern: bool = False) -> tuple[str, str, int] | None:
        """The same of the picture in a smaller width, if it was made."""
        made = self.modern if modern else self.smaller
        return next(((b.committed(), told, size) for w, b, told, size in made if w == width), None)

    def has(self, width: int) -> bool:
        """Whether the picture was made in a smaller width; holds before anything is committed, too."""
        return any(made[0] == width for made in self.smaller)

    def _measure(self) -> None:
        drawn: list[tuple[int, bytes, bytes]] = []
        try:
            with self.blob.open("r") as stream, Image.open(stream) as image:
                self.width, self.height = image.size
                if self.content_type in _RESIZED and not getattr(image, "is_animated", False):
                    drawn = _all_drawn(image)
        except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
            self.width = self.height = 0
            return
        self.smaller = tuple(_kept(width, webp) for width, webp, _avif in drawn)
        self.modern = tuple(_kept(width, avif) for width, _webp, avif in drawn)


def _all_drawn(image: Image.Image) -> list[tuple[int, bytes, bytes]]:
    widths = [width for width in WIDTHS if width < image.width]
    if not widths:
        return []
    mode = "RGBA" if "A" in image.getbands() or "transparency" in image.info else "RGB"
    with PICTURES.of(image.width * image.height):
        drawn = image if image.mode == mode else image.convert(mode)
        return [(width, *_drawn(drawn, width)) for width in widths]


def _drawn(image: Image.Image, width: int) -> tuple[bytes, bytes]:
    """The picture in a width, as WebP and as AVIF."""
    height = max(1, round(image.height * width / image.width))
    smaller = image.resize((width, height))
    webp, avif = BytesIO(), BytesIO()
    smaller.save(webp, "WEBP", quality=80)
    smaller.save(avif, "AVIF", quality=60, speed=8)  # slower ones save little more
    return webp.getvalue(), avif.getvalue()


def _kept(width: int, content: bytes) -> Smaller:
    blob = Blob()
    with blob.open("w") as target:
        _write(target, content)
    return width, blob, hashlib.sha256(content).hexdigest(), len(content)


def _write(target: IO[bytes], chunk: bytes) -> None:
    if target.write(chunk) != len(chunk):  # an unbuffered file does not raise by itself
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def files_in(values: Mapping[str, Any]) -> list[StoredFile]:
    """The stored files that an edition's values hold."""
    found: list[StoredFile] = []
    for value in values.values():
        if isinstance(value, StoredFile):
            found.append(value)
        elif isinstance(value, tuple):
            found.extend(part for part in value if isinstance(part, StoredFile))
    return found
