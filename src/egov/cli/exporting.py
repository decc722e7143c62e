"""The command that writes the public site for a plain web server: export-static.

Each file is kept with what was read to make it (web/reads.py). So the next export asks the database what has changed
since, makes anew only the files that read some of it, and writes those of them that came out otherwise.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import closing
from html import escape
from importlib import resources
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple
from urllib.parse import quote, unquote, urlsplit

import click
from rich.progress import Progress
from transaction import TransactionManager
from webob import Request

from egov.app import settle
from egov.catalog.access import access_of
from egov.cli.database import application
from egov.cli.manifest import NAME, File, Manifest
from egov.cli.offline import as_file, needs_server
from egov.model.container import Container
from egov.model.node import path_of
from egov.model.site import SiteGroup
from egov.operations.setup import ROOT_KEY
from egov.security.principals import ANONYMOUS
from egov.web.hant import PREFIX, in_hant
from egov.web.reads import READS, Reads
from egov.web.urls import modern_url

REDIRECTS = "redirects.map"  # for nginx; browsers of other servers follow the pages
NOT_FOUND = "404.html"
_NOWHERE = "/-/nowhere"
_SEEDS = ("/", "/sitemap.xml", "/robots.txt", "/@@sitemap", _NOWHERE)
_ADDRESS = re.compile(r'(?:href|src)="(/[^"\s]*)"')
_SRCSET = re.compile(r'srcset="([^"]*)"')
_LOC = re.compile(r"<loc>[a-z]+://[^/<]+(/[^<]*)?</loc>")
_JUST_NOW = 2**63 - 1  # a transaction later than all
_IN_ONE_STEP = 200  # files between two notes of how far it is


class Report(NamedTuple):
    """What an export did."""

    written: list[str]
    removed: list[str]
    made: int  # pages and files asked of the application
    known: int
    seconds: float


@click.command("export-static")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def export_static(folder: Path) -> None:
    """Write every public page and file below FOLDER; makes anew only what shows a change, removes what is gone."""
    with application() as app, Progress() as progress:
        settle()
        task = progress.add_task("导出", total=None)
        report = export(app, folder, lambda count: progress.update(task, completed=count))
    for path in report.written:
        click.echo(f"写入 {path}")
    for path in report.removed:
        click.echo(f"删除 {path}")
    click.echo(
        f"共 {report.known} 个文件：生成 {report.made}，写入 {len(report.written)}，删除 {len(report.removed)}；"
        f"每秒生成 {report.made / max(report.seconds, 0.001):.0f} 个。"
    )


def export(app: Any, folder: Path, progress: Any = lambda _count: None) -> Report:
    """Export what a visitor sees; each file takes its place at once, whole; one that was stopped goes on."""
    begun = perf_counter()
    with closing(Manifest(folder)) as manifest:
        run = _Export(app, folder, manifest)
        run.prepare()
        run.work(progress)
        return Report(run.written, run.removed, run.made, len(run.known), perf_counter() - begun)


class _Export:
    def __init__(self, app: Any, folder: Path, manifest: Manifest) -> None:
        self.app, self.folder, self.manifest = app, folder, manifest
        self.settings = app.registry.egov
        self.database = app.registry._zodb_databases[""]
        self.reads = Reads(self.database, app.registry.connections)
        self.now = int.from_bytes(self.database.lastTransaction(), "big")
        self.known = manifest.files
        self.written: list[str] = []
        self.removed: list[str] = []
        self.made = 0
        self._noted: set[str] = set()  # what many files show, and has been told to the manifest

    def prepare(self) -> None:
        """Note what is to be done: all of it, or what may have changed and what is new."""
        made_by = _program(self.settings)
        with closing(self.database.open(TransactionManager())) as connection:
            site: SiteGroup = connection.root()[ROOT_KEY]
            opened = self._opened_or_closed(site)
            seeds = [a for a in _seeds(site) if self._is_ours(a) and a not in self.known]
            self.manifest.wait(seeds)
        if self.manifest.fact("made_by") != made_by:
            self.manifest.wait(list(self.known))
            self.manifest.set_fact("made_by", made_by)
        else:
            self.manifest.wait(self.manifest.stale(self._changed() | opened))
        self.manifest.commit()

    def _changed(self) -> dict[bytes, int]:
        """What has changed since the oldest file was made, and in which transaction last."""
        first = (self.manifest.oldest() + 1).to_bytes(8, "big")
        found: dict[bytes, int] = {}
        for entry in self.database.storage.iterator(first):
            found |= dict.fromkeys((r.oid for r in entry), int.from_bytes(entry.tid, "big"))
        return found

    def _opened_or_closed(self, site: SiteGroup) -> dict[bytes, int]:
        """The places that a visitor may read now and could not before, or the other way round, as if just changed.

        A right may change without them: with one given above, or by an end that was set long ago. A list that passes
        a place over has at least asked for its uid, or for which items around it have rights of their own.
        """
        roles = access_of(site, ANONYMOUS.principals).roles
        told = {str(uid): sorted(held) for uid, held in roles.items()}
        before = json.loads(self.manifest.fact("access") or "{}")
        self.manifest.set_fact("access", json.dumps(told))
        uids = {uid for uid in told.keys() | before.keys() if told.get(uid) != before.get(uid)}
        nodes = [node for uid in uids if (node := site.catalog.node(int(uid))) is not None]
        around = [node.__parent__ for node in nodes if not isinstance(node, Container)]
        return {node._p_oid: _JUST_NOW for node in (*nodes, *around)}

    def work(self, progress: Any) -> None:
        """Do what is noted, and what is found on the way."""
        waiting = self.manifest.waiting()
        noted = set(waiting)
        while waiting:
            address = waiting.pop()
            links = self._one(address)
            new = [a for a in links if a not in noted and a not in self.known]
            twin = PREFIX + address
            new.sort(
                key=lambda a: a == twin
            )  # the last is made next, while what it shows is at hand
            noted.update(new)
            ours = [a for a in new if self._is_ours(a)]
            waiting += ours
            self.manifest.wait(ours)
            self.manifest.done(address)
            self.made += 1
            if self.made % _IN_ONE_STEP == 0:
                self.manifest.commit()
                progress(self.made)
        self.manifest.commit()
        self._write_redirects()

    def _is_ours(self, address: str) -> bool:
        is_local = address.startswith("/") and not address.startswith(("//", "/-/look/"))
        is_offered = self.settings.export_hant or not in_hant(address)
        return is_local and is_offered and not needs_server(address)

    def _one(self, address: str) -> list[str]:
        """Make the file of one address; returns the addresses that stand in it."""
        if not self._is_ours(address):  # any more
            self._remove(address)
            return []
        self.reads.begin()
        answer = Request.blank(address, environ={READS: self.reads}).get_response(self.app)
        leads = ""
        if address == _NOWHERE:
            name, body = NOT_FOUND, as_file(answer, self.settings.export_server)
        elif 300 <= answer.status_int < 400:
            leads = answer.headers["Location"].removeprefix("http://localhost")
            name, body = _name(address, is_page=True), _leading_to(leads)
        elif answer.status_int == 200:
            name = _name(address, answer.content_type == "text/html")
            body = as_file(answer, self.settings.export_server)
        else:
            self._remove(address)
            return []
        self._keep(File(address, name, hashlib.sha256(body).hexdigest(), leads, self.now), body)
        return [leads] if leads else _addresses_in(answer)

    def _keep(self, file: File, body: bytes) -> None:
        before, target = self.manifest.files.get(file.address), self.folder / file.name
        if before != (file.name, file.digest) or not target.exists():
            if before is None or not target.parent.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
            _put(target, body)
            self.written.append(file.name)
        own, shared = self.reads.end()
        if file.address.startswith("/static/"):
            own = frozenset()  # part of the program
        self.manifest.keep(file, own, shared)
        for key in shared - self._noted:
            self.manifest.keep_shared(key, self.now, self.reads.read_for(key))
        self._noted |= shared

    def _remove(self, address: str) -> None:
        if name := self.manifest.forget(address):
            target = self.folder / name
            target.unlink(missing_ok=True)
            self.removed.append(name)
            for above in target.relative_to(self.folder).parents:
                if above.parts and not any((self.folder / above).iterdir()):
                    (self.folder / above).rmdir()

    def _write_redirects(self) -> None:
        lines = (f'"{one}" "{other}";\n' for one, other in self.manifest.redirects())
        body = "".join(lines).encode()
        target = self.folder / REDIRECTS
        if not target.exists() or target.read_bytes() != body:
            _put(target, body)


def _program(settings: Any) -> str:
    """What every page depends on besides the database: the program and its settings."""
    seen = hashlib.sha256(repr(settings).encode())
    package = Path(str(resources.files("egov")))
    for path in sorted(p for p in package.rglob("*") if p.is_file() and p.suffix != ".pyc"):
        seen.update(path.relative_to(package).as_posix().encode() + path.read_bytes())
    return seen.hexdigest()


def _seeds(site: SiteGroup) -> Iterator[str]:
    """Where the search for addresses begins: what no list names, as what was withdrawn and the names nodes once had."""
    yield from _SEEDS
    for shelf in site.catalog.shelves_of("work"):
        if shelf[1] == "withdrawn":
            for stream in site.catalog.shelves[shelf].values():
                nodes = (site.catalog.node(uid) for uid in stream.dates.values())
                yield from (path_of(node) for node in nodes if node is not None)
    waiting: list[Container] = [site]
    while waiting:
        container = waiting.pop()
        waiting.extend(container.containers())
        base = path_of(container).rstrip("/")
        for name in container.moved or ():
            yield from (f"{edition}{base}/{quote(name)}" for edition in ("", PREFIX))


def _leading_to(address: str) -> bytes:
    told = escape(address)
    return (
        '<!DOCTYPE html>\n<html lang="zh-Hans"><head><meta charset="utf-8">'
        f'<meta http-equiv="refresh" content="0; url={told}"><link rel="canonical" href="{told}"><title>{told}</title>'
        f'</head><body><p><a href="{told}">{told}</a></p></body></html>\n'
    ).encode()


def _addresses_in(answer: Any) -> list[str]:
    """The addresses of this site that a page or a site map names."""
    if answer.content_type == "application/xml":
        return [found.replace("&amp;", "&") or "/" for found in _LOC.findall(answer.text)]
    if answer.content_type != "text/html":
        return []
    text = answer.text
    pictures = [one.split()[0] for s in _SRCSET.findall(text) for one in s.split(", ")]
    modern = filter(None, map(modern_url, pictures))
    found = (link.replace("&amp;", "&").partition("#")[0] for link in _ADDRESS.findall(text))
    return list(dict.fromkeys((*found, *pictures, *modern)))


def _name(address: str, is_page: bool) -> str:
    """The file of an address, inside the folder whatever the address says."""
    told = urlsplit(address)
    parts = [part for part in unquote(told.path).split("/") if part not in ("", ".", "..", NAME)]
    number = re.fullmatch(r"page=(\d+)", told.query)
    if is_page and number:
        parts.append(f"page-{number[1]}")
    if told.path == "/sitemap.xml" and told.query:
        parts[-1] = f"sitemap-{told.query.partition('=')[2]}.xml"
    return "/".join([*parts, "index.html"] if is_page else parts)


def _put(target: Path, body: bytes) -> None:
    beside = target.with_name(target.name + ".new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    with os.fdopen(handle, "wb") as file:
        file.write(body)
    beside.replace(target)


COMMANDS = (export_static,)
