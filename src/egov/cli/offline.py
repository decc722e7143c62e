"""Pages as a plain web server can serve them: without questions in addresses, and what only egov answers led to it."""

from __future__ import annotations

import re
from typing import Any

from egov.web.urls import modern_url

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


def as_file(answer: Any, server: str) -> bytes:
    """The bytes of an answer as a file; `server` stands before the addresses that egov answers, empty for nowhere."""
    if answer.content_type == "text/html":
        return page_as_file(answer.text, server)
    if answer.content_type == "application/xml":
        return _PART.sub(r"/sitemap-\1.xml", answer.text).encode()
    body: bytes = answer.body
    return body


def page_as_file(text: str, server: str) -> bytes:
    """The same of a page."""
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
