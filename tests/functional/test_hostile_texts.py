"""Hostile texts in every field, file name, address and error message leave the pages built as they were."""

import contextlib
from pathlib import PurePath
from urllib.parse import quote

import pytest
import transaction
from bs4 import BeautifulSoup

from egov.base.errors import Invalid
from egov.model.files import StoredFile
from egov.operations.content import create
from egov.operations.tree import delete
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.support.attacks import OWN, attacks, dangers

KINDS = ("article", "official_document", "link")
DATES = {"written_on": "2026-01-05"}


@pytest.fixture(params=["ours", "known"])
def texts(request):
    """Our own attacks always, the known ones where the shared data is."""
    return OWN if request.param == "ours" else attacks()


def built(page):
    """What a page is made of: its elements with the names of their attributes, and every address."""
    return [
        (tag.name, sorted(tag.attrs), tag.get("src") or "")
        for tag in BeautifulSoup(page.body, "html.parser").find_all(True)
    ]


def values_of(text, kind):
    """Every field of a type, filled with one text as far as the field takes it."""
    line = " ".join(text.split())
    name = PurePath(line.replace("\\", "/")).name[-100:]
    return {
        "title": line[:200], "summary": line[:300], "source": line[:100], "author": line[:60],
        "keywords": (line[:30],), "index_no": line[:60], "doc_no": line[:60], "issuer": line[:100],
        "topic": line[:100], "body": "<p>正文</p>",
        "attachments": (StoredFile(b"x", f"{name}.txt", "text/plain"),),
    } | DATES | ({"url": "https://example.cn/" + quote(line[:60])} if kind == "link" else {})  # fmt: skip


@contextlib.contextmanager
def published(site, kind, values):
    """An item on the public side for a while."""
    item = create(site["finance"]["news"], kind, values, by=SYSTEM_ACTOR, name="item")
    for step in ("submit", "approve", "publish"):
        advance(item, step, by=SYSTEM_ACTOR)
    transaction.commit()
    yield item
    delete(item, by=SYSTEM_ACTOR)
    transaction.commit()


def pages(kind, visitor, manager):
    """The pages on which an item's fields are told."""
    seen = [visitor.get(path) for path in ("/finance", "/finance/news")]
    if kind != "link":
        seen.append(visitor.get("/finance/news/item"))
    here = "/manage/finance/news"
    views = ("", "/item", "/item/@@edit", "/item/@@history", "/item/@@delete")
    return seen + [manager.get(here + view) for view in views]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.timeout(600)
def test_no_field_changes_how_a_page_is_built(kind, texts, site, app, sign_in):
    manager = sign_in("manager")
    transaction.begin()
    with published(site, kind, values_of("平常的文字", kind)):
        usual = [built(page) for page in pages(kind, app, manager)]
    changed, taken = [], 0
    for text in texts:
        try:
            values = values_of(text, kind)
            with published(site, kind, values):
                taken += 1
                got = [built(page) for page in pages(kind, app, manager)]
                changed += [text for one, other in zip(got, usual, strict=True) if one != other]
        except Invalid:
            transaction.abort()
    assert changed == []
    assert taken > len(texts) * 0.9


@pytest.mark.timeout(600)
def test_no_rich_text_brings_script_to_a_page(texts, site, app, sign_in):
    manager = sign_in("manager")
    found = []
    for text in texts:
        values = values_of("平常的文字", "article") | {"body": f"<p>正文</p>{text}"}
        with published(site, "article", values):
            for page in (app.get("/finance/news/item"), manager.get("/manage/finance/news/item")):
                body = page.html.select_one("div.body")
                found += [(text, danger) for danger in dangers(body.decode_contents())]
    assert found == []


def test_no_address_or_message_brings_script_to_a_page(texts, site, app, sign_in):
    author = sign_in("author")
    usual_missing = built(app.get("/nothing", status=404))
    usual_add = built(author.get("/manage/finance/news/@@add?type=nothing", status="*"))
    usual_login = built(app.get("/login?came_from=/x"))
    changed = []
    for text in texts:
        wanted = quote(text, safe="")
        if (
            built(app.get(f"/nothing-{wanted}", status=404)) != usual_missing
            or built(author.get(f"/manage/finance/news/@@add?type={wanted}", status="*"))
            != usual_add
            or built(app.get(f"/login?came_from={wanted}")) != usual_login
        ):
            changed.append(text)
    assert changed == []


def test_what_was_typed_wrong_comes_back_as_text(texts, app):
    form = app.get("/login").forms[0]
    token = form["csrf_token"].value
    sent = {"csrf_token": token, "id": "nobody", "password": "wrong"}
    usual = built(app.post("/login", sent))
    for text in texts[:40]:
        assert built(app.post("/login", sent | {"id": text}, status="*")) == usual, text
