"""Hostile texts in every field, file name, address and error message leave the pages built as they were."""

import contextlib
from urllib.parse import quote

import lxml.html
import pytest
import transaction

from egov.operations.content import create
from egov.operations.tree import delete
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.support.attacks import (
    FILES,
    OWN,
    TAGS,
    attacks,
    columns_of,
    dangers,
    files_of,
    groups,
    taken,
)

KINDS = ("article", "official_document", "link")
DATES = {"written_on": "2026-01-05"}
AT_ONCE = 20


@pytest.fixture(params=["ours", "known"])
def texts(request):
    """Our own attacks always, the known ones where the shared data is."""
    return OWN if request.param == "ours" else attacks()


def elements(page):
    """The elements of a page, by a parser in C: thousands of pages are read here."""
    return lxml.html.fromstring(page.body).iter("*")


def built(page):
    """What a page is made of: its elements with the names of their attributes, and every address.

    Where a line may break (wbr) depends on the strokes in a text, and does nothing.
    """
    told = (tag for tag in elements(page) if tag.tag != "wbr")
    return [(tag.tag, sorted(tag.attrib), tag.get("src") or "") for tag in told]


def plain(kind, number):
    """An item of a type whose every field of text is filled."""
    words = [f"平常的文字{number}-{word}" for word in range(TAGS)]
    found = dict.fromkeys(dict(columns_of(words, kind)), f"平常{number}")
    special = {"keywords": tuple(words), "original": "/finance"}
    found |= dict(DATES, body="<p>正文</p>", url="https://example.cn/")
    return found | {name: value for name, value in special.items() if name in found}


@contextlib.contextmanager
def published(site, kind, several):
    """Items on the public side for a while."""
    made = []
    for number, values in enumerate(several):
        item = create(
            site["finance"]["news"], kind, values, by=SYSTEM_ACTOR, name=f"item{number:02}"
        )
        for step in ("submit", "approve", "publish"):
            advance(item, step, by=SYSTEM_ACTOR)
        made.append(item)
    transaction.commit()
    yield [item.__name__ for item in made]
    for item in made:
        delete(item, by=SYSTEM_ACTOR)
    transaction.commit()


HERE = "/manage/finance/news"


def lists(visitor, manager):
    """The pages on which items are told of."""
    return [visitor.get("/finance"), visitor.get("/finance/news"), manager.get(HERE)]


def pages(kind, name, visitor, manager, *, title_too):
    """The pages of one item: those that tell its fields, and those that tell its title alone."""
    seen = [] if kind == "link" else [visitor.get(f"/finance/news/{name}")]
    views = ("", "/@@edit", *(("/@@history", "/@@delete") if title_too else ()))
    return seen + [manager.get(f"{HERE}/{name}{view}") for view in views]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.timeout(600)
def test_no_field_changes_how_a_page_is_built(kind, texts, site, app, sign_in):
    manager = sign_in("manager")
    transaction.begin()
    files = files_of(f"平常{number}" for number in range(FILES))
    usual_items = [plain(kind, n) | {"attachments": next(files)} for n in range(AT_ONCE)]
    with published(site, kind, usual_items) as names:
        usual_lists = [built(page) for page in lists(app, manager)]
        usual = [built(p) for p in pages(kind, names[0], app, manager, title_too=True)]
    lines = list(taken(texts, kind))
    columns = dict(columns_of(lines, kind))
    count = max(len(values) for values in columns.values())
    told = max(len(columns["title"]), len(columns["summary"]))
    wrong, files = [], files_of(lines)
    for start in range(0, count, AT_ONCE):
        several = [
            plain(kind, number)
            | {"attachments": next(files)}
            | {f: values[number] for f, values in columns.items() if number < len(values)}
            for number in range(start, start + AT_ONCE)
        ]
        with published(site, kind, several) as names:
            if start < told and [built(p) for p in lists(app, manager)] != usual_lists:
                wrong.append([values["title"] for values in several])
            for number, name in enumerate(names[: count - start], start=start):
                seen = pages(kind, name, app, manager, title_too=number < told)
                if any(built(p) != one for p, one in zip(seen, usual, strict=False)):
                    wrong.append(several[number - start])
    assert wrong == []
    assert len(lines) > len(texts) * 0.9


@pytest.mark.timeout(600)
def test_no_rich_text_brings_script_to_a_page(texts, site, app, sign_in):
    manager = sign_in("manager")
    found = []
    for some in groups(texts, AT_ONCE):
        several = [plain("article", 0) | {"body": f"<p>正文</p>{text}"} for text in some]
        with published(site, "article", several) as names:
            for text, name in zip(some, names, strict=True):
                for page in (app.get(f"/finance/news/{name}"), manager.get(f"{HERE}/{name}")):
                    (body,) = lxml.html.fromstring(page.body).find_class("body")
                    told = lxml.html.tostring(body, encoding="unicode")
                    inside = told[told.index(">") + 1 : told.rindex("</div>")]
                    found += [(text, danger) for danger in dangers(inside)]
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
