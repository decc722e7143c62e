"""Answers as the files that a plain web server can serve: where they stand, without questions in addresses, and what
only egov answers led to it. A page in Traditional Chinese is made from the finished one, which is its twin.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from egov.base.settings import Settings
from egov.cli.manifest import NAME
from egov.web.hant import PREFIX, in_traditional, is_chinese, within
from egov.web.urls import modern_url

MAPS = "/sitemap.xml"
NOWHERE = "/-/nowhere"  # whose answer is the page of what is missing
_NOT_FOUND = "404.html"
_TWIN = PREFIX.removeprefix("/") + "/"  # where the twins of pages stand
_ADDRESS = re.compile(r'(?:href|src)="(/[^"\s]*)"')
_SRCSET = re.compile(r'srcset="([^"]*)"')
_LOC = re.compile(r"<loc>[a-z]+://[^/<]+(/[^<]*)?</loc>")

_PAGE = re.compile(r'(href="[^"?]*)\?(?:amp;)?page=(\d+)"')
_PART = re.compile(r"/sitemap\.xml\?part=(\d+)")
_LOOK = re.compile(r'href="/-/look/[a-z]+"')
_IMAGE = re.compile(r'<img\b[^>]*?\ssrcset="([^"]*)"[^>]*>')
_SIZES = re.compile(r'\ssizes="[^"]*"')
_ASKED = r"/(?!/)(?:[^\"]*@@(?:search|correct|useful|subscri)|(?:manage|login)(?![\w-]))"
_TO_ASKED = re.compile(rf'(\s(?:href|action)=")({_ASKED}[^"]*")')
_LINK_TO_ASKED = re.compile(rf'<a\b[^>]*?\shref="{_ASKED}[^"]*"[^>]*>')


def needs_server(path: str) -> bool:
    """Whether only the application can answer at an address."""
    return re.match(_ASKED, path) is not None


class Made(NamedTuple):
    """A file that is to stand in the folder."""

    name: str
    body: bytes
    leads: str = ""  # of a redirect


def files_of(address: str, answer: Any, settings: Settings) -> list[Made]:
    """The file of an address, and its twin; nothing where there is nothing to see."""
    is_page, server = answer.content_type == "text/html", settings.export_server
    if address == NOWHERE:
        return [Made(_NOT_FOUND, page_as_file(answer.text, server))]
    name = name_of(address, is_page=is_page or answer.status_int != 200)
    if 300 <= answer.status_int < 400:
        leads = answer.headers["Location"].removeprefix("http://localhost")
        made, twin = _leading(name, leads), _leading(_TWIN + name, within(leads))
    elif answer.status_int != 200:
        return []
    elif is_page:
        made = Made(name, page_as_file(answer.text, server))
        twin = _leading(_TWIN + name, address)  # read as it was written
        if is_chinese(answer.text):
            twin = Made(twin.name, page_as_file(in_traditional(answer.text), server))
    else:
        is_map = answer.content_type == "application/xml"
        return [Made(name, _map_as_file(answer.text) if is_map else answer.body)]
    has_twin = settings.export_hant and within(address) != address
    return [made, twin] if has_twin else [made]


def _leading(name: str, address: str) -> Made:
    told = escape(address)
    body = (
        '<!DOCTYPE html>\n<html lang="zh-Hans"><head><meta charset="utf-8">'
        f'<meta http-equiv="refresh" content="0; url={told}"><link rel="canonical" href="{told}">'
        f'<title>本页已移到别处</title></head><body><p>本页已移到：<a href="{told}">{told}</a></p></body></html>\n'
    )
    return Made(name, body.encode(), address)


def addresses_in(answer: Any) -> list[str]:
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


def name_of(address: str, is_page: bool) -> str:
    """The file of an address, inside the folder whatever the address says."""
    told = urlsplit(address)
    parts = [part for part in unquote(told.path).split("/") if part not in ("", ".", "..", NAME)]
    number = re.fullmatch(r"page=(\d+)", told.query)
    if is_page and number:
        parts.append(f"page-{number[1]}")
    if told.path == MAPS and told.query:
        parts[-1] = f"sitemap-{told.query.partition('=')[2]}.xml"
    return "/".join([*parts, "index.html"] if is_page else parts)


def _map_as_file(text: str) -> bytes:
    return _PART.sub(r"/sitemap-\1.xml", text).encode()


def page_as_file(text: str, server: str) -> bytes:
    """A page; `server` stands before the addresses that egov answers, empty for nowhere."""
    # The pages' own script changes looks; these links are hidden where it does not run.
    text = _IMAGE.sub(_in_both_forms, _PAGE.sub(_page_link, text))
    text = _LOOK.sub('href="#main"', text)
    if server:
        before = server.rstrip("/")
        return _TO_ASKED.sub(lambda found: found[1] + before + found[2], text).encode()
    # A link without an address is text: what an editor linked in a page is not lost, and leads nowhere.
    return _LINK_TO_ASKED.sub("<a>", text).encode()


def _in_both_forms(found: re.Match[str]) -> str:
    """A picture with its AVIF forms beside it, from which the browser chooses: a plain server cannot."""
    image, widths = found[0], (one.split() for one in found[1].split(", "))
    modern = ", ".join(f"{at} {width}" for url, width in widths if (at := modern_url(url)))
    if not modern:
        return image
    sizes = _SIZES.search(image)
    told = sizes[0] if sizes else ""
    return f'<picture><source type="image/avif" srcset="{modern}"{told}>{image}</picture>'


def _page_link(found: re.Match[str]) -> str:
    return f'{found[1].rstrip("/")}/page-{found[2]}/"'
