"""Hostile texts in a real browser whose content policy is switched off: nothing of them may run."""

from urllib.parse import quote

import pytest
import transaction

from egov.base.errors import EgovError
from egov.model.files import StoredFile
from egov.operations.content import create
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.support.attacks import OWN, attacks

RUN = "window.ran = []; for (const f of ['alert', 'confirm', 'prompt', 'print']) window[f] = () => window.ran.push(f);"
AT_ONCE = 25


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


def one_line(text, limit):
    return " ".join(text.split())[:limit] or "-"


def published(site, texts):
    """Articles with the texts in every field and in file names, and their bodies many at once."""
    items = []
    for start in range(0, len(texts), AT_ONCE):
        some = texts[start : start + AT_ONCE]
        body = "".join(f"<div>{text}</div>" for text in some)
        files = tuple(
            StoredFile(
                b"x", one_line(text, 90).replace("/", " ").replace("\\", " ") + ".txt", "text/plain"
            )
            for text in some
        )
        values = {
            "title": "正文",
            "source": "市府办",
            "body": f"<p>正文</p>{body}",
            "attachments": files[:20],
        }
        items.append(publish(site, values))
    for text in texts:
        line = one_line(text, 1000)
        values = {
            "title": line[:200], "summary": line[:300], "source": line[:100], "author": line[:60],
            "keywords": (line[:30],), "body": "<p>正文</p>",
        }  # fmt: skip
        try:
            items.append(publish(site, values))
        except EgovError:
            transaction.abort()  # what cannot be stored is shown nowhere
    return items


def test_nothing_of_them_runs(page, server, site, texts):
    site["finance"]["news"].inherits = True
    bodies = published(site, texts)
    transaction.commit()
    ran, crashed = [], []
    page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: crashed.append(str(error)))

    def look(path):
        page.goto(server + path)
        page.evaluate(
            "document.querySelectorAll('main *').forEach(e => e.dispatchEvent(new MouseEvent('mouseover')))"
        )
        ran.extend((path, name) for name in page.evaluate("window.ran"))

    page.goto(server + "/login")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=alert(1)>')")
    page.wait_for_timeout(200)
    assert page.evaluate("window.ran") == ["alert"]  # what runs here would be seen
    for number in range(1, (len(bodies) - 1) // 20 + 2):
        look(f"/finance/news?page={number}")
    for item in bodies[: len(texts) // AT_ONCE + 1]:
        look(f"/finance/news/{quote(item.__name__)}")
    for item in bodies[len(texts) // AT_ONCE + 1 :: 10]:
        look(f"/finance/news/{quote(item.__name__)}")
    for text in texts[::4]:
        look(f"/@@search?q={quote(text[:60].encode('utf-8', 'replace'))}")
        look(f"/{quote(text[:60].encode('utf-8', 'replace'), safe='')}")

    assert ran == []
    assert crashed == []
