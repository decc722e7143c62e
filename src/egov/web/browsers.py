"""What a browser says of itself, in the two words by which its owner knows it again."""

from __future__ import annotations

import re

# The first that fits: most browsers also claim to be those that stand further down.
_BROWSERS = (
    ("微信", "MicroMessenger"),
    ("Edge", "Edg(?:e|A|iOS)?"),
    ("Opera", "OPR"),
    ("Firefox", "Firefox|FxiOS"),
    ("Chrome", "(?:Headless)?Chrome|CriOS"),
    ("Safari", r"Version(?=/.*\bSafari/)"),
)
_NAMED = tuple((name, re.compile(rf"\b(?:{sign})/(\d+)")) for name, sign in _BROWSERS)
_SYSTEMS = (
    ("HarmonyOS", "OpenHarmony|HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("macOS", "Macintosh"),
    ("Linux", "Linux"),
)
_RUN_ON = tuple((name, re.compile(sign)) for name, sign in _SYSTEMS)


def browser_of(agent: str) -> str:
    """“Chrome 156 · Windows” of a User-Agent (RFC 9110, 10.1.5); the header as it came where it names neither."""
    browsers = ((name, sign.search(agent)) for name, sign in _NAMED)
    browser = next((f"{name} {found[1]}" for name, found in browsers if found), "")
    system = next((name for name, sign in _RUN_ON if sign.search(agent)), "")
    return " · ".join(filter(None, (browser, system))) or agent
