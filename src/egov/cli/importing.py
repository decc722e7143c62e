"""Importing documents from JSON Lines: each line whole or not at all, every refusal with its reason."""

from __future__ import annotations

import hashlib
import json
import mimetypes
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import datetime, time
from pathlib import Path
from typing import Any, NamedTuple

import transaction
from rich.console import Console
from rich.progress import Progress

from egov.base import clock
from egov.base.errors import Invalid
from egov.base.i18n import _, told
from egov.cli.acting import console
from egov.model.batch import Batch
from egov.model.container import Container
from egov.model.files import StoredFile
from egov.model.item import Item
from egov.model.node import Node
from egov.model.site import SiteGroup, site_of
from egov.operations.batches import begin, kind_of_command, open_batches, run_here
from egov.operations.content import create
from egov.operations.workflow import advance
from egov.security.principals import Actor

DOCUMENTS = "documents"
BATCH = 100
MAX_LINE = 20_000_000


kind_of_command(DOCUMENTS, _("从文件导入"))


class Report(NamedTuple):
    """How many lines were taken, and which were not and why; how many of them an earlier run had done already."""

    taken: int
    refused: list[tuple[str, str]]
    resumed: int = 0


def import_documents(container: Container, file: Path, *, publish: bool = False) -> Report:
    """Import a file into a section, a hundred lines to a commit; see docs/import.md for the form.

    How far it is stands with what was done: the same command goes on with what a killed one left. Raises Conflict
    where another process imports the same file.
    """
    # Only a line feed ends a line: JSON may hold U+2028 and its like as they are.
    lines = file.read_bytes().removeprefix(BOM_UTF8).split(b"\n")
    filled = [number for number, line in enumerate(lines, start=1) if line.strip()]
    if not filled:
        return Report(0, [])
    site, by = site_of(container), console()
    arguments = {"digest": digest_of(lines), "into": container.uid, "publish": publish}
    batch = begun(site, DOCUMENTS, by, arguments)
    if batch is None:
        things = [{"title": f"第 {number} 行", "number": number} for number in filled]
        batch = begin(site, DOCUMENTS, things, arguments, by=by, most=len(things))
        transaction.commit()
    resumed = batch.place

    def take(_site: SiteGroup, _batch: Batch, thing: Any, _by: Actor) -> Node:
        line = lines[thing["number"] - 1]
        return import_line(container, line, file.parent, publish=publish)

    with progress(batch) as shown:
        for place in run_here(site, batch, transaction.manager, by, take, most=BATCH):
            shown(place)
    refused = [(o.title, told(o.problem)) for o in batch.outcomes.values() if o.problem]
    return Report(batch.size - len(refused), refused, resumed)


def digest_of(lines: Sequence[bytes]) -> str:
    """What tells a file from every other one."""
    return hashlib.sha256(b"\n".join(lines)).hexdigest()


def begun(site: SiteGroup, what: str, by: Actor, arguments: dict[str, Any]) -> Batch | None:
    """The same work that an earlier command began and did not end."""
    same = (
        b for b in open_batches(site) if (b.what, b.by, b.arguments) == (what, by.id, arguments)
    )
    return next(iter(same), None)


@contextmanager
def progress(batch: Batch) -> Iterator[Callable[[int], None]]:
    """Show on the terminal how far a batch is; gone when it is over."""
    with Progress(transient=True, console=Console(stderr=True)) as bars:
        bar = bars.add_task("导入", total=batch.size, completed=batch.place)
        yield lambda place: bars.update(bar, completed=place)


def import_line(container: Container, line: bytes, folder: Path, *, publish: bool) -> Node:
    """Make the item of one line, and return it; raises EgovError for what cannot be taken."""
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
    return node


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
