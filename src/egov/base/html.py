"""Rich text from editors: sanitised when it comes in, never trusted before."""

from __future__ import annotations

import html
import re

import nh3

_TAGS = {
    "p", "br", "hr", "div", "h2", "h3", "h4", "h5", "h6", "strong", "b", "em", "i", "u", "s",
    "sub", "sup", "blockquote", "q", "cite", "code", "pre", "ul", "ol", "li", "dl", "dt", "dd",
    "table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "th", "td",
    "a", "img", "figure", "figcaption", "abbr", "ruby", "rb", "rt", "rp",
}  # fmt: skip
_ATTRIBUTES = {
    "*": {"lang", "title", "dir"},
    "a": {"href", "name"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "col": {"span"},
    "colgroup": {"span"},
    "ol": {"start", "type", "reversed"},
}
# What a paragraph may say of itself: one of the house's own classes, never a style of its own,
# so that one theme governs every page and the content policy needs no inline styles.
_CLASSES = {
    tag: {"text-center", "text-end", "text-indent", "doc-title", "doc-no", "signature"}
    for tag in ("p", "div", "h2", "h3", "td", "th", "table", "figure")
}
_DROPPED_WITH_CONTENT = {"script", "style", "title", "noscript", "template", "iframe", "object"}
_ALIGN = re.compile(
    r"<(p|div|h2|h3|td|th)\b([^<>]*?)style=\"[^\"<>]*text-align:\s*(center|right)[^\"<>]*\"",
    re.IGNORECASE,
)
_ALIGN_CLASS = {"center": "text-center", "right": "text-end"}
_BLOCK_END = re.compile(
    r"</(?:p|div|h[1-6]|li|tr|table|blockquote|dd|dt)>|<br\s*/?>", re.IGNORECASE
)
_TAG = re.compile(r"<[^>]*>")
_SPACE = re.compile(r"[ \t\r\f\v\u00a0\u3000]+")

_cleaner = nh3.Cleaner(
    tags=_TAGS,
    attributes=_ATTRIBUTES,
    allowed_classes=_CLASSES,
    clean_content_tags=_DROPPED_WITH_CONTENT,
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel="noopener noreferrer",
    strip_comments=True,
)


def _keep_alignment(match: re.Match[str]) -> str:
    tag, attributes, align = match.groups()
    attributes = re.sub(r"\sclass=\"[^\"]*\"", "", attributes)
    return f'<{tag}{attributes}class="{_ALIGN_CLASS[align.lower()]}"'


def sanitize(source: str) -> str:
    """HTML that is safe to show and free of foreign styling; centring and right alignment survive as classes."""
    return _cleaner.clean(_ALIGN.sub(_keep_alignment, source)).strip()


def plain(source: str) -> str:
    """The text of an HTML fragment, one line per block."""
    text = html.unescape(_TAG.sub("", _BLOCK_END.sub("\n", source)))
    lines = map(str.strip, _SPACE.sub(" ", text).split("\n"))
    return "\n".join(line for line in lines if line)


def excerpt(source: str, length: int = 120) -> str:
    """The first `length` characters of the text of an HTML fragment, on one line."""
    text = plain(source[: length * 20]).replace("\n", " ")
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
