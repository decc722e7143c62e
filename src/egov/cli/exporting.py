"""The command that writes the public site for a plain web server: export-static.

Each file is kept with what was read to make it (web/reads.py). So the next export asks the database what has changed
since, makes anew only the files that read some of it, and writes those of them that came out otherwise.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import closing
from importlib import resources
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple
from urllib.parse import quote

import click
from rich.progress import Progress
from transaction import TransactionManager
from webob import Request

from egov.app import settle
from egov.catalog.access import access_of
from egov.cli.database import application
from egov.cli.manifest import File, Manifest
from egov.cli.offline import MAPS, NOWHERE, Made, addresses_in, files_of, needs_server
from egov.model.container import Container
from egov.model.node import path_of
from egov.model.site import SiteGroup
from egov.operations.setup import ROOT_KEY
from egov.security.principals import ANONYMOUS
from egov.web.hant import PREFIX, in_hant
from egov.web.reads import READS, Reads

REDIRECTS = "redirects.map"  # for nginx; browsers of other servers follow the pages
_SEEDS = ("/", MAPS, "/robots.txt", "/@@sitemap", NOWHERE)
_IN_ONE_STEP = 200  # files between two notes of how far it is


class Report(NamedTuple):
    """What an export did."""

    written: list[str]
    removed: list[str]
    made: int  # files, whether they came out otherwise or not
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
        return Report(run.written, run.removed, run.made, manifest.count(), perf_counter() - begun)


class _Export:
    def __init__(self, app: Any, folder: Path, manifest: Manifest) -> None:
        self.app, self.folder, self.manifest = app, folder, manifest
        self.settings = app.registry.egov
        self.database = app.registry._zodb_databases[""]
        self.reads = Reads(self.database, app.registry.connections)
        self.now = int.from_bytes(self.database.lastTransaction(), "big")
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
            self.manifest.wait(a for a in _seeds(site) if self._is_new(a))
        seen = int(self.manifest.fact("seen") or 0)
        if self.manifest.fact("made_by") != made_by or seen > self.now:
            self.manifest.wait(list(self.manifest.addresses()))
            self.manifest.set_fact("made_by", made_by)
        else:
            self.manifest.wait(self.manifest.stale(self._changed_since(seen) | opened))
        self.manifest.set_fact("seen", str(self.now))
        self.manifest.commit()

    def _changed_since(self, seen: int) -> set[bytes]:
        """What has changed since a transaction."""
        first = (seen + 1).to_bytes(8, "big")
        return {r.oid for entry in self.database.storage.iterator(first) for r in entry}

    def _opened_or_closed(self, site: SiteGroup) -> set[bytes]:
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
        return {node._p_oid for node in (*nodes, *around)}

    def work(self, progress: Any) -> None:
        """Do what is noted, and what is found on the way."""
        waiting = self.manifest.waiting()
        waiting.sort(key=MAPS.__ne__)  # last, when maps that it may not name any more are made
        noted, told = set(waiting), 0
        while waiting:
            address = waiting.pop()
            links = [one for one in self._one(address) if one not in noted]
            new = [one for one in links if self._is_new(one)]
            noted.update(links)
            waiting += new
            self.manifest.wait(new)
            self.manifest.done(address)
            if self.made - told >= _IN_ONE_STEP:
                told = self.made
                self.manifest.commit()
                progress(told)
        self.manifest.commit()
        self._write_redirects()

    def _is_ours(self, address: str) -> bool:
        is_local = address.startswith("/") and not address.startswith(("//", "/-/look/"))
        return is_local and not in_hant(address) and not needs_server(address)

    def _is_new(self, address: str) -> bool:
        return self._is_ours(address) and self.manifest.file(address) is None

    def _one(self, address: str) -> list[str]:
        """Make the files of one address; returns the addresses that stand in them."""
        self.reads.begin()
        answer = Request.blank(address, environ={READS: self.reads}).get_response(self.app)
        made = files_of(address, answer, self.settings)
        self.made += max(len(made), 1)
        if not made:
            self._remove(address)
            return []
        self._keep(address, made)
        links = [made[0].leads] if made[0].leads else addresses_in(answer)
        if address == MAPS:
            for other in set(self.manifest.beginning_with(f"{MAPS}?")).difference(links):
                self._remove(other)
        return links

    def _keep(self, address: str, made: list[Made]) -> None:
        digest = hashlib.sha256(b"".join(one.body for one in made)).hexdigest()
        twin = made[1] if len(made) > 1 else Made("", b"")
        file = File(address, made[0].name, twin.name, digest, made[0].leads, twin.leads)
        before = self.manifest.file(address)
        for one in made:
            self._write(one, is_known=before == file)
        if before is not None and before.twin not in ("", file.twin):
            self._unlink(before.twin)
        own, shared = self.reads.end()
        if address.startswith("/static/"):
            own = frozenset()  # part of the program
        self.manifest.keep(file, own, shared)
        for key in shared - self._noted:
            self.manifest.keep_shared(key, self.reads.read_for(key))
        self._noted |= shared

    def _write(self, made: Made, *, is_known: bool) -> None:
        target = self.folder / made.name
        if is_known and target.exists():
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        _put(target, made.body)
        self.written.append(made.name)

    def _remove(self, address: str) -> None:
        for name in self.manifest.forget(address):
            self._unlink(name)

    def _unlink(self, name: str) -> None:
        target = self.folder / name
        if not target.exists():
            return
        target.unlink()
        self.removed.append(name)
        for above in target.relative_to(self.folder).parents:
            if above.parts and not any((self.folder / above).iterdir()):
                (self.folder / above).rmdir()

    def _write_redirects(self) -> None:
        found = self.manifest.redirects()
        told = [(file.address, file.leads) for file in found]
        told += [(PREFIX + file.address, file.twin_leads) for file in found]
        body = "".join(f'"{one}" "{other}";\n' for one, other in sorted(told) if other).encode()
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
    for container in site.with_below():
        base = path_of(container).rstrip("/")
        yield from (f"{base}/{quote(name)}" for name in container.moved or ())


def _put(target: Path, body: bytes) -> None:
    beside = target.with_name(target.name + ".new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    with os.fdopen(handle, "wb") as file:
        file.write(body)
    beside.replace(target)


COMMANDS = (export_static,)
