"""Looking into uploads: pictures are drawn anew without what the camera wrote, packed files are looked through."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import IO, Any

from PIL import Image, ImageOps, UnidentifiedImageError

from egov.base.i18n import Message, _
from egov.model.files import PICTURES

MAX_UNPACKED = 1024 * 1024 * 1024
MAX_PARTS = 10_000
_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
_MACRO_PART = "vbaproject.bin"
_MACRO_STREAM = "_VBA_PROJECT".encode("utf-16-le")  # as OLE files name it


def redrawn(source: IO[bytes], content_type: str) -> IO[bytes] | None:
    """A picture the right way up and without its metadata (place, camera, time); None if it is none or too large.

    Moving pictures and formats that hold no such data stay as they are. Raises Busy where too many others are drawn.
    """
    try:
        with Image.open(source) as picture:
            pixels = picture.width * picture.height
            if pixels > PICTURES.most:
                return None
            with PICTURES.of(pixels):
                clean = _without_metadata(picture, content_type) or source
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    clean.seek(0)
    return clean


def _without_metadata(picture: Image.Image, content_type: str) -> IO[bytes] | None:
    kind = _FORMATS.get(content_type)
    if kind is None or getattr(picture, "is_animated", False):
        picture.load()
        return None
    upright = ImageOps.exif_transpose(picture)
    clean = BytesIO()
    profile: Any = picture.info.get("icc_profile")
    upright.info.clear()
    options = {"quality": 90} if kind != "PNG" else {"optimize": False}
    upright.save(clean, kind, icc_profile=profile, **options)
    return clean


def fault_in(source: IO[bytes], content_type: str) -> Message:
    """What a packed or office file holds that it may not, "" for nothing."""
    source.seek(0)
    try:
        if (
            content_type.startswith("application/vnd.openxml")
            or "zip" in content_type
            or "ofd" in content_type
        ):
            return _fault_in_zip(source)
        if content_type in (
            "application/msword",
            "application/vnd.ms-excel",
            "application/vnd.ms-powerpoint",
        ):
            return _("文件含有宏") if _MACRO_STREAM in source.read() else ""
    finally:
        source.seek(0)
    return ""


def _fault_in_zip(source: IO[bytes]) -> Message:
    try:
        with zipfile.ZipFile(source) as packed:
            parts = packed.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return _("文件已损坏")
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        return _("文件解压后过大")
    if any(part.filename.lower().endswith(_MACRO_PART) for part in parts):
        return _("文件含有宏")
    return ""
