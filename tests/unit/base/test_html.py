"""Rich text: what stays, what goes, and that no known attack comes through, by a real browser's own reading."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov.base.html import excerpt, plain, sanitize
from tests.support.attacks import OWN, attacks, dangers


@pytest.mark.parametrize("source", OWN)
def test_no_attack_of_our_own_comes_through(source):
    assert list(dangers(sanitize(source))) == []


def test_no_known_attack_comes_through():
    for source in attacks():
        assert list(dangers(sanitize(source))) == [], source


@given(st.text(alphabet="<>/=\"' abpivstylehrefonclick:;&#x0-!", max_size=200))
def test_nothing_put_together_from_markup_comes_through(source):
    clean = sanitize(source)

    assert list(dangers(clean)) == []
    assert sanitize(clean) == clean


def test_what_was_cleaned_once_stays_as_it_is():
    for source in attacks():
        clean = sanitize(source)
        assert sanitize(clean) == clean, source


LOOK = """sources => {
  window.alert = () => { throw new Error('a script ran') };
  const found = [];
  for (const source of sources) {
    const place = document.createElement('div');
    document.body.append(place);
    place.innerHTML = source;
    for (const node of place.querySelectorAll('*')) {
      if (!ALLOWED.has(node.localName) || node.namespaceURI !== 'http://www.w3.org/1999/xhtml')
        found.push([source, node.localName]);
      for (const {name, value} of node.attributes) {
        if (name.startsWith('on') || ['style', 'id', 'srcdoc'].includes(name)) found.push([source, name]);
        if (['href', 'src'].includes(name)) {
          const scheme = new URL(value, 'https://here.test/').protocol;
          if (!['https:', 'http:', 'mailto:', 'tel:'].includes(scheme)) found.push([source, value]);
        }
      }
    }
    place.remove();
  }
  return found;
}"""


@pytest.mark.browser
def test_a_browser_finds_nothing_to_run_in_what_is_left(browser):
    from egov.base.html import _TAGS

    page = browser.new_page()
    heard = []
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.route("**/*", lambda route: route.abort())
    allowed = json.dumps(sorted(_TAGS | {"tbody"}))

    found = page.evaluate(
        LOOK.replace("ALLOWED", f"new Set({allowed})"), [sanitize(a) for a in attacks()]
    )

    assert found == []
    assert heard == []


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ("<p>正文</p>", "<p>正文</p>"),
        ('<p style="text-align: center;">x</p>', '<p class="text-center">x</p>'),
        ('<P STYLE="TEXT-ALIGN:RIGHT">x</P>', '<p class="text-end">x</p>'),
        ('<p class="a" style="text-align:right">x</p>', '<p class="text-end">x</p>'),
        ('<p class="signature MsoNormal">x</p>', '<p class="signature">x</p>'),
        ('<p><span lang="EN-US" title="a">x</span>y</p>', "<p>xy</p>"),
        ("<h1>x</h1><h2>y</h2>", "x<h2>y</h2>"),
        ("<script>alert(1)</script><style>p{}</style>x", "x"),
        ('<table><tr><td colspan="2">x</td></tr></table>',
         '<table><tbody><tr><td colspan="2">x</td></tr></tbody></table>'),
        ('<img src="/-/file/1/a/b.png" alt="图">', '<img src="/-/file/1/a/b.png" alt="图">'),
        ('<a href="/x">y</a>', '<a href="/x" rel="noopener noreferrer">y</a>'),
        ("  a &amp; b < c ", "a &amp; b &lt; c"),
        ("", ""),
    ],
)  # fmt: skip
def test_what_an_office_writes_stays(source, kept):
    assert sanitize(source) == kept


@pytest.mark.parametrize("part", ['<p style="', '<p style="text-align:', "<p ", "<", "&lt;"])
def test_a_long_text_that_never_ends_its_tags_takes_no_long_time(part):
    started = time.perf_counter()
    plain(sanitize(part * 30_000))

    assert time.perf_counter() - started < 5


def test_plain_text_has_a_line_for_each_block():
    source = "<h2>题\u3000目</h2><p>一&nbsp;&amp; 二<br>三</p><ul><li>四<li>五</ul><p> </p>"

    assert plain(sanitize(source)) == "题 目\n一 & 二\n三\n四\n五"


def test_an_excerpt_is_one_line_of_the_asked_length():
    assert excerpt("<p>一</p><p>二</p>") == "一 二"
    cut = excerpt(f"<p>{'字' * 300}</p>", 50)
    assert (len(cut), cut[-1]) == (50, "…")
