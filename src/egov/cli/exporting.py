"""The command that writes the public site for a plain web server: export-static."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import click
from rich.progress import Progress
from webob import Request

from egov.cli.auditing import pages_of
from egov.cli.database import application

MANIFEST = ".egov-export.json"  # address -> [file, digest], so that the next export writes only what differs
_PAGE = re.compile(r'(href="[^"?]*)\?(?:amp;)?page=(\d+)"')
_ADDRESS = re.compile(r'(?:href|src)="(/[^"\s]*)"')
_SRCSET = re.compile(r'srcset="([^"]*)"')
_SKIPPED = ("/manage", "/login", "/@@search", "/@@correct", "/-/node/", "/-/leave")


class Report(NamedTuple):
    """What an export did."""

    written: list[str]
    removed: list[str]
    same: int
    seconds: float


@click.command("export-static")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def export_static(folder: Path) -> None:
    """Write every public page, file and style below FOLDER; only what changed is written, what is gone is removed."""
    with application() as app, Progress() as progress:
        task = progress.add_task("导出", total=None)
        report = export(app, folder, lambda count: progress.update(task, completed=count))
    for path in report.written:
        click.echo(f"写入 {path}")
    for path in report.removed:
        click.echo(f"删除 {path}")
    speed = (report.same + len(report.written)) / max(report.seconds, 0.001)
    click.echo(
        f"写入 {len(report.written)}，未变 {report.same}，删除 {len(report.removed)}；每秒 {speed:.0f} 项。"
    )


def export(app: Any, folder: Path, progress: Any = lambda _count: None) -> Report:
    """Export what a visitor sees; each file takes its place at once, whole."""
    begun = perf_counter()
    folder.mkdir(parents=True, exist_ok=True)
    known = _read_manifest(folder)
    made: dict[str, list[str]] = {}
    written: list[str] = []
    for address, name, body in _answers(app):
        digest = hashlib.sha256(body).hexdigest()
        made[address] = [name, digest]
        target = folder / name
        if known.get(address) != [name, digest] or not target.exists():
            _put(target, body)
            written.append(name)
        progress(len(made))
    names = {name for name, _digest in made.values()}
    removed = [name for name, _digest in known.values() if name not in names]
    for name in removed:
        (folder / name).unlink(missing_ok=True)
    _put(folder / MANIFEST, json.dumps(made, ensure_ascii=False).encode())
    return Report(written, removed, len(made) - len(written), perf_counter() - begun)


def _answers(app: Any) -> Iterator[tuple[str, str, bytes]]:
    """(address, file name, body) of everything that a visitor can reach from the site map."""
    waiting = [
        *pages_of(lambda path: _text(app, path)),
        "/@@sitemap",
        "/sitemap.xml",
        "/robots.txt",
    ]
    seen = set(waiting)
    while waiting:
        address = waiting.pop()
        answer = Request.blank(address).get_response(app)
        if answer.status_int != 200:
            continue
        body: bytes = answer.body
        is_page = answer.content_type == "text/html"
        if is_page:
            pictures = (
                one.split()[0] for s in _SRCSET.findall(answer.text) for one in s.split(", ")
            )
            for found in (*_ADDRESS.findall(answer.text), *pictures):
                link = found.replace("&amp;", "&").partition("#")[0]
                if link not in seen and not link.startswith(_SKIPPED):
                    seen.add(link)
                    waiting.append(link)
            body = _PAGE.sub(_page_link, answer.text).encode()
        yield address, _name(address, is_page), body


def _page_link(found: re.Match[str]) -> str:
    return f'{found[1].rstrip("/")}/page-{found[2]}/"'


def _text(app: Any, path: str) -> tuple[int, str]:
    answer = Request.blank(path).get_response(app)
    return answer.status_int, answer.text


def _name(address: str, is_page: bool) -> str:
    """The file of an address, inside the folder whatever the address says."""
    told = urlsplit(address)
    parts = [part for part in unquote(told.path).split("/") if part not in ("", ".", "..")]
    number = re.fullmatch(r"page=(\d+)", told.query)
    if is_page and number:
        parts.append(f"page-{number[1]}")
    if told.path == "/sitemap.xml" and told.query:
        parts[-1] = f"sitemap-{told.query.partition('=')[2]}.xml"
    return "/".join([*parts, "index.html"] if is_page else parts)


def _put(target: Path, body: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(target.name + ".new")
    beside.write_bytes(body)
    beside.replace(target)


def _read_manifest(folder: Path) -> dict[str, list[str]]:
    try:
        found: dict[str, list[str]] = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found


COMMANDS = (export_static,)
