"""Hostile texts in a real browser whose content policy is switched off: nothing of them may run."""

from urllib.parse import quote

import pytest
import transaction

from egov.operations.content import create
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.support.attacks import OWN, attacks, columns_of, files_of, groups, packed, taken

RUN = "window.ran = []; for (const f of ['alert', 'confirm', 'prompt', 'print']) window[f] = () => window.ran.push(f);"
AT_ONCE, FRAMES = 25, 30


@pytest.fixture(params=["ours", "known"])
def texts(request):
    return OWN if request.param == "ours" else attacks()


@pytest.fixture
def page(browser):
    # The policy would stop what our escaping let through: here the escaping is on trial.
    context = browser.new_context(bypass_csp=True)
    context.add_init_script(RUN)
    yield context.new_page()
    context.close()


def publish(site, values):
    item = create(site["finance"]["news"], "article", values, by=SYSTEM_ACTOR)
    for step in ("submit", "approve", "publish"):
        advance(item, step, by=SYSTEM_ACTOR)
    return item


def published(site, texts):
    """Articles with the texts in every field and in file names, and bodies of many at once."""
    lines = list(taken(texts, "article"))
    columns = dict(columns_of(lines, "article"))
    bodies = ["".join(f"<div>{text}</div>" for text in some) for some in groups(texts, AT_ONCE)]
    files, items = files_of(lines), []
    for number in range(max(map(len, columns.values()))):
        values = {"title": "正文", "source": "市府办", "attachments": next(files)}
        values |= {f: told[number] for f, told in columns.items() if number < len(told)}
        body = bodies[number] if number < len(bodies) else ""
        items.append(publish(site, values | {"body": f"<p>正文</p>{body}"}))
    return items


PROBE = "<main><script>alert(1)</script><img src=x onerror=confirm(1)><p onmouseover=print()>x</p></main>"
# Each page in a frame of its own, many at once: fetched, built by the browser's own parser, touched everywhere.
# Only the style sheets are left out.
LOOK = """async paths => {
  const style = /<link rel="stylesheet" href="\\/[\\w\\/.@-]*">/g;
  const frames = await Promise.all(paths.map(async path => {
    const frame = document.createElement('iframe');
    const markup = await (await fetch(path)).text();
    await new Promise(done => {
      frame.addEventListener('load', done, {once: true});
      frame.srcdoc = markup.replace(style, '');
      document.body.append(frame);
    });
    return frame;
  }));
  for (const frame of frames)
    for (const element of frame.contentDocument.querySelectorAll('main *'))
      element.dispatchEvent(new MouseEvent('mouseover'));
  await new Promise(done => setTimeout(done));
  const mains = frame => frame.contentDocument.querySelectorAll('main').length;
  const ran = frames.map((frame, n) => [paths[n], frame.contentWindow.ran, mains(frame)]);
  frames.forEach(frame => frame.remove());
  return ran.filter(([, names, count]) => names.length || count !== 1);
}"""


def quoted(text):
    return quote(text[:100].encode("utf-8", "replace"), safe="")


PARTS = 3  # so that no browser is left to do the most of it alone


@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_of_them_runs(page, server, site, texts, part):
    texts = texts[part::PARTS]
    site["finance"]["news"].inherits = True
    items = published(site, texts)
    transaction.commit()
    ran, crashed = [], []
    page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: crashed.append(str(error)))

    page.goto(server + "/login")
    page.route("**/probe", lambda route: route.fulfill(body=PROBE, content_type="text/html"))
    # What runs is seen: at once, by an event, and by a touch.
    assert page.evaluate(LOOK, ["/probe"]) == [["/probe", ["alert", "confirm", "print"], 1]]
    paths = [f"/finance/news?page={number}" for number in range(1, (len(items) - 1) // 20 + 2)]
    paths += [f"/finance/news/{quote(item.__name__)}" for item in items]
    paths += [f"/@@search?q={quoted(words)}" for words in packed(texts, 100)]
    paths += [f"/{quoted(text)}" for text in texts[::4]]
    for start in range(0, len(paths), FRAMES):
        ran += page.evaluate(LOOK, paths[start : start + FRAMES])

    assert ran == []
    assert crashed == []
