"""Editions: numbered, kept, told apart by what they say."""

from datetime import UTC, date, datetime

import pytest

from egov.features.content.article import Article
from egov.model.files import StoredFile
from egov.model.item import Edition

DAY = datetime(2026, 1, 1, tzinfo=UTC)


def edition(number, **values):
    return Edition(number, {"title": f"第{number}版", **values}, "author")


def test_an_item_without_an_edition_says_so():
    with pytest.raises(RuntimeError):
        Article("空", "").work  # noqa: B018


def test_a_draft_a_publication_and_a_new_draft_stand_side_by_side():
    item = Article("题", "author")
    item.begin_draft(edition(1), "draft")
    assert (item.state, item.work.number, item.live) == ("draft", 1, None)

    item.publish_draft("published", DAY)
    assert (item.state, item.live.number, item.draft, item.published_at) == (
        "published", 1, None, DAY,
    )  # fmt: skip

    item.begin_draft(edition(item.next_number()), "draft")
    assert (item.state, item.live_state) == ("draft", "published")
    assert (item.title, item.live_title) == ("第2版", "第1版")
    assert (item.work.number, item.live.number) == (2, 1)

    later = datetime(2026, 2, 1, tzinfo=UTC)
    item.publish_draft("published", later)
    assert (item.published_at, item.updated_at) == (DAY, later)
    assert [e.number for e in item.all_editions()] == [2, 1]
    assert [item.edition(n).number for n in (1, 2)] == [1, 2]
    assert item.edition(3) is None


def test_a_draft_that_gives_way_to_another_is_kept():
    item = Article("题", "")
    item.begin_draft(edition(1), "draft")
    item.begin_draft(edition(item.next_number()), "draft")

    assert [e.number for e in item.all_editions()] == [2, 1]
    assert item.next_number() == 3


def test_writing_adds_authors_once_and_copies_the_values():
    values = {"title": "题"}
    first = Edition(1, values, "author")
    values["title"] = "别的"
    assert first.values == {"title": "题"}

    first.write({"title": "新"}, "editor")
    first.write({"title": "新"}, "author")
    assert first.authors == ("author", "editor")


def test_the_digest_is_of_what_is_said_and_nothing_else():
    file = StoredFile(b"a", "a.txt", "text/plain")
    base = {
        "title": "题",
        "written_on": date(2026, 1, 1),
        "attachments": (file,),
        "keywords": ("a",),
    }

    def digest(number=1, author="x", **changed):
        return Edition(number, {**base, **changed}, author).digest()

    assert digest() == digest(7, "y")
    assert digest() == Edition(1, dict(reversed(base.items())), "x").digest()
    same = StoredFile(b"a", "a.txt", "text/plain")
    assert digest() == digest(attachments=(same,))
    others = [
        {"title": "题 "},
        {"written_on": date(2026, 1, 2)},
        {"written_on": None},
        {"attachments": (StoredFile(b"b", "a.txt", "text/plain"),)},
        {"attachments": (StoredFile(b"a", "b.txt", "text/plain"),)},
        {"attachments": ()},
        {"keywords": ("a", "b")},
        {"keywords": ("a,b",)},
        {"extra": ""},
    ]
    assert len({digest(), *(digest(**changed) for changed in others)}) == len(others) + 1


def test_a_value_without_a_canonical_form_is_refused():
    with pytest.raises(TypeError):
        Edition(1, {"title": object()}, "x").digest()


def test_a_file_is_found_wherever_the_edition_holds_it():
    one, two = (StoredFile(b, "x.txt", "text/plain") for b in (b"1", b"2"))
    held = edition(1, cover=one, attachments=(two,))

    assert held.file(one.id) is one
    assert held.file(two.id) is two
    assert held.file("0" * 20) is None
