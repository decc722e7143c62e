"""Previews: exactly what publishing would show, to who may see it, and nothing of it stays."""

import re
from datetime import timedelta

import pytest
import transaction
from webtest import Upload

from egov.base import clock
from egov.operations.content import edit
from egov.operations.passes import make_pass
from egov.operations.releases import make_release, put_in
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.support.world import actor, article

HERE = "/finance/news/xin-gao"


@pytest.fixture
def item(site):
    made = article(site, title="新稿")
    advance(made, "submit", by=actor(site, "author"))
    transaction.commit()
    return made


def link_to(site, item, by="reviewer", **more):
    token = make_pass(site, [item], "王局长", 3, by=actor(site, by), **more)
    transaction.commit()
    return token


def test_who_may_see_the_draft_sees_the_whole_site_with_it(item, sign_in, app):
    before = item._p_serial
    for who in ("author", "editor", "reviewer", "publisher", "manager"):
        browser = sign_in(who)
        page = browser.get(f"/-/preview/i{item.uid}{HERE}")
        assert "新稿" in page.html.h1.text
        assert "预览：内容尚未公开" in page.html.select_one(".preview-bar").text
        listed = browser.get(f"/-/preview/i{item.uid}/finance/news").html
        assert "新稿" in listed.main.text
        assert listed.select("[hreflang]") == []  # other editions show what is public
    for who in ("reader", "outsider"):
        sign_in(who).get(f"/-/preview/i{item.uid}{HERE}", status=404)
    app.get(f"/-/preview/i{item.uid}{HERE}", status=404)
    app.get(HERE, status=404)
    assert "新稿" not in app.get("/finance/news").html.main.text
    transaction.begin()
    assert (item.live_state, item._p_serial) == ("", before)


def test_links_lead_on_within_the_preview_and_nothing_is_kept(item, sign_in):
    page = sign_in("editor").get(f"/-/preview/i{item.uid}{HERE}")
    addresses = re.findall(r'<a [^>]*href="(/[^"]*)"', page.text)
    assert addresses
    assert all(a.startswith((f"/-/preview/i{item.uid}/", "/static/")) for a in addresses)
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert "frame-ancestors 'self'" in page.headers["Content-Security-Policy"]


def test_the_word_about_leaving_is_said_in_a_preview_and_to_nobody_else(item, site, sign_in, app):
    edit(
        item,
        item.work.values | {"body": '<p><a href="https://shop.example/a?b=1">店</a></p>'},
        by=SYSTEM_ACTOR,
    )
    transaction.commit()
    editor, key = sign_in("editor"), f"/-/preview/i{item.uid}"
    way = editor.get(key + HERE).html.select_one(".body a")["href"]
    assert way.startswith(f"{key}/-/leave/{item.uid}/")
    told = editor.get(way)
    assert told.html.select_one(".leave .button")["href"] == "https://shop.example/a?b=1"
    assert told.html.select_one(".leave .bar a:not(.button)")["href"] == key + HERE

    app.get(way, status=404)
    app.get(way.removeprefix(key), status=404)  # nobody leads the public to what is not published
    sign_in("outsider").get(way, status=404)
    token = link_to(site, item)
    assert "shop.example" in app.get(way.replace(key, f"/-/preview/{token}"))
    app.get(f"/-/preview/{token}/-/leave/{item.uid}/{'0' * 16}", status=404)


def test_a_changed_draft_is_shown_and_the_public_keeps_the_old_text(item, site, sign_in, app):
    advance(item, "approve", by=actor(site, "reviewer"))
    advance(item, "publish", by=actor(site, "publisher"))
    edit(item, item.work.values | {"body": "<p>改过的正文</p>"}, by=actor(site, "author"))
    transaction.commit()
    assert "改过的正文" not in app.get(HERE)
    assert "改过的正文" in sign_in("author").get(f"/-/preview/i{item.uid}{HERE}")
    assert "改过的正文" not in app.get(HERE)


def test_a_link_opens_the_draft_without_an_account_until_it_ends_or_is_revoked(
    item, site, app, sign_in
):
    token = link_to(site, item)
    assert "链接有效期至" in app.get(f"/-/preview/{token}{HERE}")
    assert not app.get(f"/-/preview/{token}{HERE}").forms.get(1)
    app.get(f"/-/preview/{token[:-1]}{HERE}", status=404)
    with clock.frozen(clock.now() + timedelta(days=3, minutes=1)):
        app.get(f"/-/preview/{token}{HERE}", status=404)

    page = sign_in("editor").get(f"/manage{HERE}/@@share")
    form = next(f for f in page.forms.values() if "key" in f.fields)
    form.submit("do", value="revoke").follow()
    app.get(f"/-/preview/{token}{HERE}", status=404)


def test_a_link_ends_with_its_maker(item, site, app):
    token = link_to(site, item)
    site.directory.user("reviewer").disabled = True
    transaction.commit()
    app.get(f"/-/preview/{token}{HERE}", status=404)


def decision(page):
    return next(f for f in page.forms.values() if "digest" in f.fields)


def test_a_leader_without_an_account_approves_under_both_names(item, site, app):
    token = link_to(site, item, may_decide=True)
    form = decision(app.get(f"/-/preview/{token}{HERE}"))
    form["comment"] = "同意发布"
    assert "已办理" in form.submit("step", value="approve")
    transaction.begin()
    assert (item.draft_state, item.opinions[-1].by) == ("approved", "reviewer")
    assert item.opinions[-1].comment == "王局长：同意发布"
    last = list(item.log.values())[-1]
    assert last.by_name == "王局长（经测试reviewer的链接）"
    steps = app.get(f"/-/preview/{token}{HERE}").html.select(".preview-bar button")
    assert [button["value"] for button in steps] == ["return"]


def test_what_was_not_seen_is_not_approved(item, site, app):
    token = link_to(site, item, by="editor", may_decide=True)
    assert "digest" not in app.get(f"/-/preview/{token}{HERE}")  # an editor does not approve

    token = link_to(site, item, may_decide=True)
    form = decision(app.get(f"/-/preview/{token}{HERE}"))
    edit(item, item.work.values | {"title": "换了"}, by=actor(site, "editor"))
    advance(item, "submit", by=actor(site, "editor"))
    transaction.commit()
    form.submit("step", value="approve", status=409)
    form.submit("step", value="publish", status=404)
    transaction.begin()
    assert item.draft_state == "pending"


def test_a_link_that_only_shows_decides_nothing(item, site, app):
    shows, decides = link_to(site, item), link_to(site, item, may_decide=True)
    form = decision(app.get(f"/-/preview/{decides}{HERE}"))
    form.action = f"/-/preview/{shows}/-/decide"
    form.submit("step", value="approve", status=404)
    transaction.begin()
    assert item.draft_state == "pending"


def test_files_of_the_draft_come_with_the_preview_only(site, app, sign_in):
    author = sign_in("author")
    page = author.get("/manage/finance/news/@@upload")
    form = next(f for f in page.forms.values() if "upload" in f.fields)
    form["upload"] = [Upload("a.txt", b"secret")]
    form.submit()
    transaction.begin()
    file = next(
        node for node in site["finance"]["news"].values_in_order() if node.type_name == "file"
    )
    token = link_to(site, file, by="editor")
    page = app.get(f"/-/preview/{token}/finance/news/{file.__name__}")
    address = re.search(r'href="([^"]*/-/file/[^"]*)"', page.text)[1]
    assert app.get(address).body == b"secret"
    app.get(address.replace(f"/-/preview/{token}", ""), status=404)


def test_a_release_is_previewed_as_one_site(site, sign_in):
    by = actor(site, "publisher")
    release = make_release(site, "一批", by=by)
    for title in ("甲稿", "乙稿"):
        made = article(site, title=title)
        put_in(release, made, by=by)
    transaction.commit()
    browser = sign_in("publisher")
    page = browser.get(f"/-/preview/r{release.key}/finance/news")
    assert "甲稿" in page.html.main.text
    assert "乙稿" in page.html.main.text
    assert len(page.html.select(".preview-bar li a")) == 2
    assert page.html.select_one(".preview-bar details").has_attr("open")
    assert page.html.body.find(True)["href"] == "#main"
    first = browser.get(page.html.select_one(".preview-bar li a")["href"]).html
    assert first.select_one(".preview-bar [aria-current]").text == "甲稿"
    assert not first.select_one(".preview-bar details").has_attr("open")
    sign_in("outsider").get(f"/-/preview/r{release.key}/finance/news", status=404)


def test_a_release_goes_out_in_the_browser(site, sign_in, app):
    made = article(site, title="甲稿")
    advance(made, "submit", by=actor(site, "author"))
    advance(made, "approve", by=actor(site, "reviewer"))
    transaction.commit()
    publisher = sign_in("publisher")
    form = next(
        f for f in publisher.get("/manage/@@releases").forms.values() if "title" in f.fields
    )
    form["title"] = "国庆专题"
    page = form.submit().follow()
    form = next(f for f in page.forms.values() if "uid" in f.fields)
    assert "请先勾选要加入的稿件" in form.submit("do", value="add")
    form["uid"] = True
    page = form.submit("do", value="add").follow()
    assert "已加入 1 篇" in page
    assert "市财政局 / 工作动态" in page.html.tbody.text
    form = next(f for f in page.forms.values() if 'value="publish"' in f.text)
    page = form.submit("do", value="publish").follow()
    assert "已整体发布" in page
    assert app.get("/finance/news/jia-gao").status_int == 200
    form = next(f for f in page.forms.values() if 'value="roll_back"' in f.text)
    assert "已整体退回" in form.submit("do", value="roll_back").follow()
    app.get("/finance/news/jia-gao", status=404)
