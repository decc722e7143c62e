"""Texts that try to run script, and how to tell that one would."""

import json
import re

from bs4 import BeautifulSoup

from tests.support.shared import shared_data

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
