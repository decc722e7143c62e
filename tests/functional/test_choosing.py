"""The chooser offers what may be linked to or shown: by section or by words, each as far as one may see it."""

import io
from datetime import timedelta

import pytest
import transaction
from PIL import Image
from webtest import TestApp

from egov.base import clock
from egov.manage.drafts import choosing
from egov.model.files import StoredFile
from egov.operations.content import create, edit
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.support import world
from tests.support.world import PASSWORD, actor, article


def png():
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "#1d4f91").save(out, "PNG")
    return out.getvalue()


def published(site, title, body="<p>正文。</p>", where="health"):
    values = {"title": title, "body": body, "source": "局"}
    item = create(site[where]["news"], "article", values, by=SYSTEM_ACTOR)
    for step in ("submit", "approve", "publish"):
        advance(item, step, by=SYSTEM_ACTOR)
    return item


def picture(site, title, filename, alt="", **more):
    values = {"title": title, "image": StoredFile(png(), filename, "image/png"), "alt": alt}
    return create(site["finance"]["news"], "image", values | more, by=SYSTEM_ACTOR)


def offered(browser, **asked):
    page = browser.get("/manage/@@choose", {"kind": "file", **asked})
    return [button["data-title"] for button in page.html.select(".choose-list [data-url]")]


def test_words_find_what_one_works_with_and_what_is_public_and_nothing_else(site, sign_in):
    draft = article(site, title="供水应急预案")
    theirs = create(site["health"]["news"], "article",
                    {"title": "未公开的供水稿", "body": "<p>x</p>", "source": "局"}, by=SYSTEM_ACTOR)  # fmt: skip
    published(site, "卫生监督", "<p>保障供水安全。</p>")
    transaction.commit()

    assert offered(sign_in("author"), q="供水") == [draft.title, "卫生监督"]
    assert offered(sign_in("outsider"), q="供水") == ["卫生监督"]
    assert theirs.title not in offered(sign_in("author"), q="未公开")
    assert offered(sign_in("author"), q="供水", at=site["finance"].uid) == [draft.title]
    assert offered(sign_in("author"), q="供水", at=site["health"].uid) == ["卫生监督"]
    assert "市财政局" in offered(sign_in("author"), q="财政局")  # a site can be linked to
    page = sign_in("author").get("/manage/@@choose", {"kind": "file", "q": "通知公告"})
    shown = [" ".join(b.text.split()) for b in page.html.select(".choose-list [data-url]")]
    assert "通知公告 栏目 市财政局" in shown  # which of the sections of that name


def test_words_find_what_is_older_than_everything_that_was_looked_through(site, sign_in):
    with clock.frozen(clock.now() - timedelta(days=900)):
        published(site, "古老的供水规划")
    for number in range(4):
        published(site, f"新闻{number}")
    transaction.commit()
    assert offered(sign_in("author"), q="供水规划") == ["古老的供水规划"]


def test_who_only_reads_sees_what_is_public_of_a_text_that_is_written_anew(site, sign_in):
    item = published(site, "卫生监督")
    edit(item, item.work.values | {"title": "还未公开的新标题"}, by=SYSTEM_ACTOR)
    transaction.commit()
    outsider = sign_in("outsider")
    assert offered(outsider, at=site["health"]["news"].uid) == ["卫生监督"]
    assert offered(outsider, q="卫生监督") == ["卫生监督"]
    assert offered(outsider, q="还未公开") == []


def test_a_large_section_is_paged_and_many_finds_say_so(site, sign_in, monkeypatch):
    monkeypatch.setattr(choosing, "_SHOWN", 3)
    for number in range(5):
        article(site, title=f"供水{number}")
    transaction.commit()
    author, news = sign_in("author"), site["finance"]["news"].uid

    assert offered(author, at=news) == ["供水4", "供水3", "供水2"]
    page = author.get("/manage/@@choose", {"kind": "file", "at": news})
    assert [b["data-page"] for b in page.html.select("[data-page]")] == ["2"]
    assert offered(author, at=news, page="2") == ["供水1", "供水0"]
    last = author.get("/manage/@@choose", {"kind": "file", "at": news, "page": "2"})
    assert [b["data-page"] for b in last.html.select("[data-page]")] == ["1"]
    found = author.get("/manage/@@choose", {"kind": "file", "q": "供水"})
    assert "还有更多" in found
    assert offered(author, at=news, page="99") == []


def test_without_an_index_titles_are_looked_through_and_that_is_said(site, database):
    article(site, title="供水应急预案")
    published(site, "供水公告")
    transaction.commit()
    browser = TestApp(world.application(database, {"egov.search_dir": ""}))
    form = browser.get("/login").forms[0]
    form["id"], form["password"] = "author", PASSWORD
    form.submit(status=302)

    page = browser.get("/manage/@@choose", {"kind": "file", "q": "供水"})
    assert "供水公告" in page
    assert "没有启用搜索" in page
    assert offered(browser, q="供水", at=site["finance"].uid) == ["供水应急预案"]


@pytest.mark.parametrize(
    ("title", "filename", "alt", "expected"),
    [
        ("IMG_1234", "IMG_1234.png", "", ""),
        ("dscn0042", "dscn0042.png", "", ""),
        ("图片1", "a.png", "", ""),
        ("新大桥通车", "IMG_1234.png", "", "新大桥通车"),
        ("IMG_1234", "IMG_1234.png", "新大桥夜景", "新大桥夜景"),
    ],
)
def test_a_picture_brings_the_words_that_a_person_wrote_and_no_file_name(
    site, sign_in, title, filename, alt, expected
):
    picture(site, title, filename, alt)
    transaction.commit()
    page = sign_in("author").get(
        "/manage/@@choose", {"kind": "image", "at": site["finance"]["news"].uid}
    )
    assert [b["data-alt"] for b in page.html.select("[data-url]")] == [expected]


def test_the_files_of_the_text_itself_bring_no_words(site, sign_in):
    item = article(site)
    file = StoredFile(png(), "IMG_1234.png", "image/png")
    edit(item, item.work.values | {"attachments": (file,)}, by=actor(site, "author"))
    transaction.commit()
    page = sign_in("author").get("/manage/@@choose", {"kind": "image", "item": item.uid})
    assert [(b["data-title"], b["data-alt"]) for b in page.html.select("[data-url]")] == [
        ("IMG_1234.png", "")
    ]
