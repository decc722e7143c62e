"""The exported demo city on a plain web server: no link and no file is missing, and nothing asks for egov."""

import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from http.client import HTTPConnection
from urllib.parse import quote, unquote, urldefrag, urljoin, urlsplit

import pytest

from egov.cli.exporting import export
from egov.cli.offline import needs_server
from egov.public.leaving import GOVERNMENT
from tests.support import world
from tests.support.serving import serving_files

LINK = re.compile(r'\s(?:href|src|action)="([^"]*)"')
SRCSET = re.compile(r'\ssrcset="([^"]*)"')
ID = re.compile(r'\sid="([^"]*)"')
OWN = "linjiang.gov.example"


@pytest.fixture(scope="module")
def exported(demo, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported")
    export(demo.application, folder)
    return folder


def links_in(body):
    text = body.decode()
    pictures = (one.split()[0] for found in SRCSET.findall(text) for one in found.split(", "))
    return [unescape(link) for link in (*LINK.findall(text), *pictures)]


class Crawl:
    """What a plain server answers, beginning with its home page and following every link."""

    def __init__(self, base):
        self.base, self.host = base, urlsplit(base).netloc
        self.pages, self.pictures, self.missing, self.outside = {}, {}, [], set()
        self._seen, self._shown = set(), set()

    def run(self, *waiting):
        self._seen.update(waiting)
        while waiting:
            with ThreadPoolExecutor(4) as pool:
                answers = list(pool.map(self._get, waiting))
            waiting = [path for one in answers for path in self._note(*one)]
        return self

    def _get(self, path):
        connection = HTTPConnection(self.host, timeout=30)
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if answer.status == 301 and answer.headers["Location"] == path + "/":
            return self._get(path + "/")
        return path, answer.status, answer.headers.get_content_type(), body

    def _note(self, path, status, kind, body):
        if status != 200:
            self.missing.append((path, status))
        if kind != "text/html":
            if path in self._shown:
                self.pictures[path] = kind
            return
        self._shown.update(re.findall(r'<img [^>]*src="([^"]*)"', body.decode()))
        self.pages[path] = body
        for link in links_in(body):
            whole, _mark = urldefrag(urljoin(self.base + path, link))
            parts = urlsplit(whole)
            if parts.netloc != self.host:
                self.outside.add((path, link))
                continue
            wanted = parts.path + (f"?{parts.query}" if parts.query else "")
            if wanted not in self._seen:
                self._seen.add(wanted)
                yield wanted


@pytest.fixture(scope="module")
def crawl(exported):
    with serving_files(exported) as base:
        own = [f"/{path.relative_to(exported).as_posix()}" for path in exported.rglob("index.html")]
        return Crawl(base).run(*(quote(path.removesuffix("index.html")) for path in own))


def test_every_link_and_every_file_is_there(crawl, exported):
    assert crawl.missing == []
    # A plain server knows by the name alone what a picture is.
    assert {kind.partition("/")[0] for kind in crawl.pictures.values()} == {"image"}
    written = {p.parent.relative_to(exported).as_posix() for p in exported.rglob("index.html")}
    assert written == {unquote(urlsplit(path).path).strip("/") or "." for path in crawl.pages}


def test_each_smaller_picture_stands_there_as_avif_too(crawl, exported):
    pages = [body.decode() for body in crawl.pages.values()]
    smaller = {one for text in pages for one in re.findall(r'[ "](/-/file/[^ "]*\.webp) ', text)}
    told = {one for text in pages for one in re.findall(r'[ "](/-/file/[^ "]*\.avif) ', text)}

    assert told == {one.removesuffix("webp") + "avif" for one in smaller}
    assert len(told) > 20
    for one in told:
        assert (exported / unquote(one[1:])).read_bytes()[4:12] == b"ftypavif"
    home = crawl.pages["/"].decode()
    found = re.search(
        r'<picture><source type="image/avif" srcset="([^"]*)"([^>]*)><img ([^>]*)>', home
    )
    assert found[2].strip() in found[3]  # the same sizes


def test_the_export_has_the_pages_in_traditional_chinese(crawl):
    simplified = {p for p in crawl.pages if not p.startswith(("/zh-hant", "/-/", "/en"))}
    traditional = {p.removeprefix("/zh-hant") for p in crawl.pages if p.startswith("/zh-hant")}
    assert {p for p in traditional if not p.startswith(("/-/", "/en"))} == simplified
    assert "臨江市" in crawl.pages["/zh-hant/"].decode()


def test_nothing_in_it_asks_for_what_only_the_application_answers(crawl):
    asking = [
        (path, link)
        for path, body in crawl.pages.items()
        for link in links_in(body)
        if needs_server(link) or link.startswith("/-/look/") or "?page=" in link
    ]
    assert asking == []
    forms = [path for path, body in crawl.pages.items() if b"<form" in body]
    assert forms == []
    assert [path for path, body in crawl.pages.items() if b"SearchAction" in body] == []
    assert all("这里不能搜索" in crawl.pages[path].decode() for path in ("/", "/ywdt/"))


def test_every_way_out_goes_over_a_page_that_says_so(crawl):
    leaving = {path: body.decode() for path, body in crawl.pages.items() if "/-/leave/" in path}
    assert len(leaving) > 4
    for path, text in leaving.items():
        (address,) = re.findall(r'<a class="button" href="([^"]*)"', text)
        host = urlsplit(address).hostname
        assert f"<strong>{host}</strong>" in text
        assert 'rel="noopener noreferrer external nofollow"' in text
        assert '<meta name="robots" content="noindex">' in text
        assert ("即將離開" if path.startswith("/zh-hant") else "即将离开") in text
    strangers = {
        path
        for path, link in crawl.outside
        if link.startswith("http") and not urlsplit(link).hostname.endswith((*GOVERNMENT, OWN))
    }
    assert strangers == set(leaving)


def test_marks_lead_to_places_in_their_page(crawl):
    lost = [
        (path, link)
        for path, body in crawl.pages.items()
        for link in links_in(body)
        if link.startswith("#") and link[1:] not in ID.findall(body.decode())
    ]
    assert lost == []


def test_forms_are_led_to_the_application_where_it_has_an_address(demo, tmp_path):
    database = demo.application.registry._zodb_databases[""]
    server = "https://ask.linjiang.gov.cn"
    settings = {"egov.export_server": f"{server}/", "egov.export_hant": "false"}
    app = world.application(database, {"egov.search_dir": str(tmp_path / "search"), **settings})
    export(app.application, tmp_path / "site")

    assert not (tmp_path / "site/zh-hant").exists()
    text = (tmp_path / "site/ywdt/index.html").read_text("utf-8")
    assert f'action="{server}/@@search"' in text
    assert f'href="{server}/@@correct"' in text
    assert "SearchAction" not in text
    assert 'hreflang="zh-Hant"' not in text
    assert "这里不能搜索" not in text
