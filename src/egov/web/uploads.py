"""What may be uploaded: the kinds an office needs, checked by name, size and content."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

import filetype

from egov.base.errors import Busy, Invalid
from egov.base.i18n import Message, _
from egov.base.settings import Settings
from egov.model.files import StoredFile
from egov.web.cleaning import fault_in, redrawn
from egov.web.scanning import harm_in

# Extension -> content type, and the first bytes that such a file begins with ("" where text has none).
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
ALLOWED: dict[str, tuple[str, bytes]] = {
    ".jpg": ("image/jpeg", b"\xff\xd8\xff"),
    ".jpeg": ("image/jpeg", b"\xff\xd8\xff"),
    ".png": ("image/png", b"\x89PNG"),
    ".gif": ("image/gif", b"GIF8"),
    ".webp": ("image/webp", b"RIFF"),
    ".pdf": ("application/pdf", b"%PDF-"),
    ".doc": ("application/msword", _OLE),
    ".xls": ("application/vnd.ms-excel", _OLE),
    ".ppt": ("application/vnd.ms-powerpoint", _OLE),
    ".wps": ("application/vnd.ms-works", _OLE),
    ".docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", _ZIP),
    ".xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _ZIP),
    ".pptx": ("application/vnd.openxmlformats-officedocument.presentationml.presentation", _ZIP),
    ".ofd": ("application/ofd", _ZIP),
    ".zip": ("application/zip", _ZIP),
    ".txt": ("text/plain", b""),
    ".csv": ("text/csv", b""),
}
_MARKUP = (b"<svg", b"<html", b"<script", b"<!doctype", b"<?php", b"<?xml")
MAX_FILENAME = 120


def accept_upload(field: Any, settings: Settings, *, only_images: bool = False) -> StoredFile:
    """The stored file of an upload; raises Invalid with what is wrong with it, Busy where it should come later."""
    filename = PurePath(str(field.filename).replace("\\", "/")).name[-MAX_FILENAME:]
    suffix = PurePath(filename).suffix.lower()
    stream, limit = field.file, settings.upload_max_bytes
    size = stream.seek(0, 2)
    stream.seek(0)
    head = stream.read(1024)
    stream.seek(0)
    content_type, magic = ALLOWED.get(suffix, ("", b""))
    if not content_type or (only_images and not content_type.startswith("image/")):
        raise _refused(filename, _("不接受这种类型的文件"))
    if size == 0 or size > limit:
        raise _refused(
            filename, _("文件为空，或超过 ${mb} MB", mapping={"mb": limit // 1024 // 1024})
        )
    guessed = filetype.guess(head)
    if (
        not head.startswith(magic)
        or head.lstrip().lower().startswith(_MARKUP)
        or (not magic and guessed)
    ):
        raise _refused(filename, _("文件内容与扩展名不符"))
    if harm := harm_in(stream, settings):
        raise _refused(filename, harm)
    if content_type.startswith("image/"):
        return _picture(stream, filename, content_type)
    if fault := fault_in(stream, content_type):
        raise _refused(filename, fault)
    return StoredFile(stream, filename, content_type)


def _picture(stream: Any, filename: str, content_type: str) -> StoredFile:
    try:
        clean = redrawn(stream, content_type)
        if clean is None:
            raise _refused(filename, _("图片已损坏或过大"))
        return StoredFile(clean, filename, content_type)
    except Busy as error:
        raise Busy(_not_taken(filename, error.message)) from None


def _refused(filename: str, why: Message) -> Invalid:
    return Invalid(_not_taken(filename, why))


def _not_taken(filename: str, why: Message) -> Message:
    return _("“${name}”没有上传：${why}。", mapping={"name": filename, "why": why})
