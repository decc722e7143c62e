"""Examinations: every public page (audit site), audit records that were handed over (audit check)."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from urllib.parse import quote, unquote, urlsplit

import click
from webob import Request

from egov.base.errors import Invalid
from egov.base.i18n import told
from egov.cli.acting import AS, REASON, acting
from egov.cli.database import application, open_site
from egov.history.handover import check_handover
from egov.operations.record import set_audit_hash
from egov.public.reading import Read
from egov.public.standards import faults

_LOC = re.compile(r"<loc>([^<]+)</loc>")
_UNSEEN = ("/manage", "/login", "/static/", "/-/", "/@@search", "/@@correct")
_SECONDS = 20
_SLOW = 3.0  # seconds in which a page is to open

Fetch = Callable[[str], tuple[int, str]]


@click.group()
def audit() -> None:
    """Examinations of the public site and of the audit log."""


@audit.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(file: Path) -> None:
    """Verify a FILE of audit records as it was handed over; needs no database."""
    try:
        found = check_handover(file)
    except Invalid as error:
        raise click.ClickException(told(error.message)) from None
    click.echo(
        f"完好：{found.manifest['records']} 条记录，{found.manifest['site']}，{found.manifest['at']}。"
    )
    click.echo(f"密钥指纹：{found.fingerprint}（请与移交方审计页面上的指纹核对）")


@audit.command(name="hash")
@click.argument("name")
@REASON
@AS
def choose_hash(name: str, whom: str | None, reason: str) -> None:
    """Chain the audit records to come by another hash: sha256, sha512, sha3_256 or sm3."""
    with open_site() as group, acting(group, whom, reason) as by:
        set_audit_hash(group, name, by=by)
    click.echo(f"今后的审计记录用 {name} 校验，以前的仍按原来的核对。")


@audit.command()
@click.argument("url", required=False)
def site(url: str | None) -> None:
    """Check every public page against the national guideline; of a running site at URL, or of this database."""
    if url:
        found = _examine(_fetch_from(url.rstrip("/")), is_running=True)
    else:
        with application() as app:
            found = _examine(lambda path: _ask(app, path))
    pages = wrong = 0
    for path, faulty in found:
        pages += 1
        wrong += bool(faulty)
        for fault in faulty:
            click.echo(f"{unquote(path)}\t{fault}")
    click.echo(f"已检查 {pages} 个页面，{wrong} 个有问题。")
    if wrong or not pages:
        raise SystemExit(1)


def _ask(app: object, path: str) -> tuple[int, str]:
    answer = Request.blank(path).get_response(app)
    return answer.status_int, answer.text if answer.content_type.startswith(
        ("text/", "application/xml")
    ) else ""


def _fetch_from(base: str) -> Fetch:
    if urlsplit(base).scheme not in ("http", "https"):
        raise click.ClickException("请给出以 http:// 或 https:// 开头的网址。")

    def fetch(path: str) -> tuple[int, str]:
        asked = urllib.request.Request(base + quote(unquote(path), "/?=&@%"))  # noqa: S310  the person's own
        try:
            with urllib.request.urlopen(asked, timeout=_SECONDS) as answer:  # noqa: S310  as above
                return answer.status, answer.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            return error.code, ""

    return fetch


def _examine(fetch: Fetch, *, is_running: bool = False) -> list[tuple[str, list[str]]]:
    links: dict[str, str] = {}  # address -> the first page that has it
    found: list[tuple[str, list[str]]] = []
    for path in pages_of(fetch):
        begun = monotonic()
        status, markup = fetch(path)
        taken = monotonic() - begun
        if status != 200:
            found.append((path, [f"打不开（{status}）"] if status >= 400 else []))
            continue
        page = Read(markup)
        slow = [f"打开用了 {taken:.1f} 秒"] if is_running and taken > _SLOW else []
        found.append((path, [*faults(path, page), *slow]))
        for address in {link.href for link in page.links}:
            if address.startswith("/") and not address.startswith(_UNSEEN):
                links.setdefault(address.partition("#")[0], path)
    for address, path in sorted(links.items()):
        if fetch(address)[0] >= 400:
            found.append((path, [f"链接打不开：{address}"]))
    return found


def pages_of(fetch: Fetch) -> Iterator[str]:
    """The addresses in the site map."""
    for part in _LOC.findall(fetch("/sitemap.xml")[1]):
        told = urlsplit(part)
        for page in _LOC.findall(fetch(f"{told.path}?{told.query}".replace("&amp;", "&"))[1]):
            yield urlsplit(page).path or "/"


COMMANDS = (audit,)
