"""Names in addresses: made from titles by pinyin, checked when given by hand."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib import import_module
from typing import Any

from egov.base.errors import Invalid
from egov.base.i18n import _

MAX_NAME = 80
MAX_TITLE = 200

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?\Z")
_NOT_NAME = re.compile(r"[^a-z0-9]+")
_SPACES = re.compile(r"\s+")
_HAN = re.compile(r"[\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")

# First segments that routes answer before the tree is asked.
RESERVED_NAMES = frozenset(
    {
        "manage",
        "static",
        "login",
        "logout",
        "language",
        "api",
        "zh-hant",
        "robots.txt",
        "sitemap.xml",
        "favicon.ico",
    }
)


def slug(title: str) -> str:
    """A name for addresses from a title: pinyin, lower case, hyphens, at most 80 characters."""
    kept = "".join(
        c if unicodedata.category(c)[0] in "LN" else " "
        for c in unicodedata.normalize("NFKC", title)
    )
    spelled = _HAN.sub(lambda run: f"-{_pinyin().hyphened(run[0])}", kept).lower()
    plain = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
    name = _NOT_NAME.sub("-", plain).strip("-")
    if len(name) > MAX_NAME:
        name = name[:MAX_NAME].rsplit("-", 1)[0]
    return name or "item"


def spelled(text: str) -> tuple[str, str]:
    """How people type a name without an input method: its pinyin, and the initials of that."""
    return spoken(text), _pinyin().initials(text)


def spoken(text: str) -> str:
    """A text's pinyin without spaces."""
    found: str = _pinyin().syllables(text)
    return found


@cache
def _pinyin() -> Any:
    return import_module("egov.base.pinyin")  # a server's start does not wait for it


def as_number(raw: str | None, digits: int = 18) -> int:
    """A number that came with a request; 0 for anything that is none, or has more digits than any key."""
    return int(raw) if raw and raw.isascii() and raw.isdigit() and len(raw) <= digits else 0


def file_size(size: int) -> str:
    """A number of bytes as people read it."""
    if size < 1 << 20:
        return f"{max(1, round(size / 1024))} KB"
    return f"{size / (1 << 20):.1f} MB"


def check_name(name: str) -> str:
    """Return the name if it may stand in an address, else raise Invalid."""
    if not _NAME.match(name) or len(name) > MAX_NAME or name in RESERVED_NAMES:
        raise Invalid(
            _(
                "名称“${name}”不能用于网址：请用小写字母、数字和连字符，不超过 80 个字符，且不与系统保留名称相同。",
                mapping={"name": name[: MAX_NAME + 20]},
            ),
            {"name": _("请用小写字母、数字和连字符")},
        )
    return name


def check_title(title: object) -> str:
    """Return the title with spaces folded; raise Invalid if empty or over 200 characters."""
    folded = _SPACES.sub(" ", title).strip() if isinstance(title, str) else ""
    if not folded:
        raise Invalid(_("请填写标题。"), {"title": _("请填写标题。")})
    if len(folded) > MAX_TITLE:
        message = _("标题不能超过 200 个字。")
        raise Invalid(message, {"title": message})
    return folded
