"""Texts that try to run script, and how to tell that one would."""

import contextlib
import itertools
import json
import re
from pathlib import PurePath
from urllib.parse import quote

import colander
from bs4 import BeautifulSoup

from egov.base.errors import Invalid
from egov.model import types
from egov.model.files import StoredFile
from egov.operations.content import validated
from tests.support.shared import shared_data

TAGS, FILES = 10, 3  # of an item

SCRIPTING = {"script", "style", "iframe", "object", "embed", "svg", "math", "form", "input", "base",
             "meta", "link", "template", "noscript", "button", "textarea", "video", "audio"}  # fmt: skip
SCHEME = re.compile(r"[\x00-\x20]*([a-z][a-z0-9+.-]*):", re.IGNORECASE)
OWN = [
    "<img src=x onerror=alert(1)>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href=data:text/html,<script>alert(1)</script>>x</a>",
    "<p style='background:url(//evil)' class='evil text-center' id=body onclick=alert(1)>x</p>",
    '<p onclick="x" style="text-align:center">x</p>',
    '<p title="style=" style="text-align:center; x" onclick="alert(1)">x</p>',
    "<div style=\"text-align:right\"onmouseover=alert(1) class='x'>x</div>",
    "<math><mi><style><img src=x onerror=alert(1)></style></mi></math>",
    "<svg><p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<table><td><form><input autofocus onfocus=alert(1)>",
    "<!--[if IE]><script>alert(1)</script><![endif]-->x",
    "<p>a<!-- --!><img src=x onerror=alert(1)>--></p>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<base href=//evil><meta http-equiv=refresh content=0;url=//evil>",
    "\x00<scr\x00ipt>alert(1)</script>",
]


def attacks():
    """Our own, the naughty strings, and the payloads of DOMPurify's tests."""
    found = list(OWN)
    found += json.loads(shared_data("sec_blns/blns.json").read_text("utf-8"))
    source = shared_data("sec_dompurify/test/fixtures/expect.mjs").read_text("utf-8")
    payloads = re.findall(r'"payload":\s*("(?:[^"\\]|\\.)*")', source)
    assert len(payloads) > 200
    return found + [json.loads(payload) for payload in payloads]


def dangers(markup):
    """What in some HTML could do harm."""
    for tag in BeautifulSoup(f"<body>{markup}", "html.parser").find_all(True):
        if tag.name in SCRIPTING:
            yield f"<{tag.name}>"
        for name, value in tag.attrs.items():
            if name.startswith("on") or name in ("style", "id", "srcdoc", "action"):
                yield f"{name} on <{tag.name}>"
            scheme = (
                SCHEME.match(re.sub(r"[\t\r\n]", "", value)) if name in ("href", "src") else None
            )
            if scheme and scheme[1].lower() not in ("http", "https", "mailto", "tel"):
                yield f"{name}={value}"


def packed(lines, limit, size=len):
    """The lines, each as far as a field takes it, as many in one value as it holds.

    Markup that came through would show beside others as well as alone.
    """
    found = [""]
    for line in dict.fromkeys(line[:limit].strip() for line in lines):
        if found[-1] and size(found[-1]) + 1 + size(line) > limit:
            found.append("")
        found[-1] = f"{found[-1]} {line}".strip()
    return found


def groups(entries, count):
    """The entries, so many at a time; the last group is filled up with some that were there before."""
    starts = [*range(0, len(entries) - count, count), max(len(entries) - count, 0)]
    return [tuple(entries[start : start + count]) for start in starts]


def quoted_size(text):
    return len(quote(text)) // 8


def columns_of(lines, kind):
    """For every field of a type the values that try every line in it; a new kind of field fails here."""
    for field in types.get(kind).schema():
        if field.kind in ("line", "text"):
            checks = getattr(field.validator, "validators", [field.validator])
            limit = next(check.max for check in checks if isinstance(check, colander.Length))
            start = "/x/" if getattr(field, "is_translation", False) else ""  # a page of this site
            yield field.name, [start + told for told in packed(lines, limit - len(start))]
        elif field.kind == "tags":
            words = list(dict.fromkeys(line[:30].strip() for line in lines))
            yield field.name, groups(words, TAGS)
        elif field.kind == "url":
            places = packed([line[:60] for line in lines], 60, quoted_size)
            yield field.name, ["https://example.cn/" + quote(place) for place in places]
        else:
            assert field.kind in ("html", "date", "choice", "number", "image", "files"), field.kind


def files_of(lines):
    """Files named after the lines, a few to an item; over and over, since making them takes longest."""
    names = [PurePath(line.replace("\\", "/")).name[-100:] for line in lines]
    made = [StoredFile(b"x", f"{name}.txt", "text/plain") for name in names]
    return itertools.cycle(groups(made, FILES))


def taken(texts, kind):
    """The texts, each on one line, that an item of the type takes."""
    for text in texts:
        line = " ".join(text.split())
        values = {name: told[0] for name, told in columns_of([line], kind)} if line else {}
        with contextlib.suppress(Invalid):
            validated(types.get(kind), values)
            yield line
