"""A browser is told by its name and the machine it runs on."""

import pytest

from egov.web.browsers import browser_of

KIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
PHONE = "Mozilla/5.0 (Linux; Android 14; V2309A)"


@pytest.mark.parametrize(
    ("agent", "told"),
    [
        (f"Mozilla/5.0 (X11; Linux x86_64) {KIT} HeadlessChrome/156.0 Safari/537", "Chrome 156 · Linux"),
        (f"{WINDOWS} {KIT} Chrome/141.0 Safari/537.36 Edg/141.0", "Edge 141 · Windows"),
        (f"{WINDOWS} Gecko/20100101 Firefox/140.0", "Firefox 140 · Windows"),
        (f"{PHONE} {KIT} Chrome/130.0 Mobile Safari/537 MicroMessenger/8.0.50", "微信 8 · Android"),
        (f"Mozilla/5.0 (iPhone; CPU) {APPLE} Version/18.0 Mobile/15E Safari/604.1", "Safari 18 · iPhone"),
        (f"Mozilla/5.0 (Macintosh; Intel) {APPLE} Version/17.4 Safari/605", "Safari 17 · macOS"),
        (f"Mozilla/5.0 (Phone; OpenHarmony 5) {KIT} Chrome/132.0 Safari/537", "Chrome 132 · HarmonyOS"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", ""),
    ],
)  # fmt: skip
def test_who_owns_it_knows_it_again(agent, told):
    assert browser_of(agent) == told
