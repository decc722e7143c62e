"""Importing documents from JSON Lines: each line whole or not at all, every refusal with its reason."""

from __future__ import annotations

import json
import mimetypes
from codecs import BOM_UTF8
from contextlib import nullcontext
from datetime import datetime, time
from pathlib import Path
from typing import Any, NamedTuple

import transaction
from rich.progress import track

from egov.base import clock
from egov.base.errors import EgovError, Invalid
from egov.base.i18n import _, told
from egov.cli.acting import console
from egov.model.container import Container
from egov.model.files import StoredFile
from egov.model.item import Item
from egov.operations.content import create
from egov.operations.workflow import advance

BATCH = 100
MAX_LINE = 20_000_000


class Report(NamedTuple):
    """How many lines were taken, and which were not and why."""

    taken: int
    refused: list[tuple[int, str]]


def import_documents(container: Container, file: Path, *, publish: bool = False) -> Report:
    """Import a file into a section, a hundred lines to a commit; see docs/import.md for the form."""
    refused: list[tuple[int, str]] = []
    taken = 0
    # Only a line feed ends a line: JSON may hold U+2028 and its like as they are.
    lines = file.read_bytes().removeprefix(BOM_UTF8).split(b"\n")
    for number, line in enumerate(track(lines, "导入", transient=True), start=1):
        if not line.strip():
            continue
        mark = transaction.savepoint()
        try:
            import_line(container, line, file.parent, publish=publish)
        except EgovError as error:
            mark.rollback()
            refused.append((number, told(error.message)))
            continue
        taken += 1
        if taken % BATCH == 0:
            transaction.commit()
    transaction.commit()
    return Report(taken, refused)


def import_line(container: Container, line: bytes, folder: Path, *, publish: bool) -> None:
    """Make the item of one line; raises EgovError for what cannot be taken."""
    raw = _parse(line)
    kind = raw.pop("type", "official_document")
    published = raw.pop("published", None)
    name = raw.pop("name", None)
    if not isinstance(kind, str) or not isinstance(name, str | None):
        raise Invalid(_("type 和 name 须是文字。"))
    raw["attachments"] = tuple(_attachment(folder, path) for path in raw.get("attachments", ()))
    at = clock.frozen(_moment(published)) if published and publish else nullcontext()
    with at:
        node = create(container, kind, raw, by=console(), name=name)
        if publish and isinstance(node, Item):
            for step in ("submit", "approve", "publish"):
                advance(node, step, by=console(), comment="导入")


def _parse(line: bytes) -> dict[str, Any]:
    if len(line) > MAX_LINE:
        raise Invalid(_("这一行太长。"))
    try:
        raw = json.loads(line.decode())
        json.dumps(raw, ensure_ascii=False).encode()  # finds half characters such as \ud800
    except (ValueError, RecursionError):
        raise Invalid(_("不是 UTF-8 编码的 JSON。")) from None
    if not isinstance(raw, dict) or not isinstance(raw.get("attachments", []), list):
        raise Invalid(_("不是一个 JSON 对象，或附件不是列表。"))
    return raw


def _moment(day: Any) -> datetime:
    try:
        return datetime.combine(datetime.fromisoformat(str(day)).date(), time(9), clock.OFFICE_ZONE)
    except ValueError:
        raise Invalid(_("发布日期“${day}”的写法不对。", mapping={"day": day})) from None


def _attachment(folder: Path, path: Any) -> StoredFile:
    folder = folder.resolve()
    try:
        found = (folder / str(path)).resolve()
        found.relative_to(folder)  # raises for what lies outside, by a link or by ..
        content = found.read_bytes()
    except (OSError, ValueError):
        raise Invalid(_("没有找到附件“${path}”。", mapping={"path": path})) from None
    kind = mimetypes.guess_type(found.name)[0] or "application/octet-stream"
    return StoredFile(content, found.name, kind)
