"""Pictures come in the width that a screen needs, by the right to the picture itself."""

import io

import transaction
from PIL import Image
from webtest import Upload

from egov.model.files import PICTURES, StoredFile
from egov.operations.containers import configure
from egov.operations.content import create, edit
from egov.operations.rights import grant, set_inheritance
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.support.world import article


def picture(site, size=(1500, 900), kind="JPEG", mode="RGB"):
    out = io.BytesIO()
    Image.new(mode, size).save(out, kind)
    file = StoredFile(out.getvalue(), "图 一.jpg", f"image/{kind.lower()}")
    values = {"title": "大桥", "image": file, "alt": "大桥全景"}
    item = create(site["finance"]["news"], "image", values, by=SYSTEM_ACTOR)
    transaction.commit()
    return item, file


def publish(item):
    step = "submit"
    for step in ("submit", "approve", "publish"):
        if any(t.name == step for t in _leaving(item)):
            advance(item, step, by=SYSTEM_ACTOR)
    transaction.commit()


def _leaving(item):
    from egov.operations.workflow import available

    return available(item, SYSTEM_ACTOR)


def test_a_page_names_the_widths_and_each_is_served(site, app):
    item, _file = picture(site)
    publish(item)
    image = app.get(f"/finance/news/{item.__name__}").html.select_one("main img")
    told = dict(reversed(part.rsplit(" ", 1)) for part in image["srcset"].split(", "))
    assert set(told) == {"320w", "640w", "1280w", "1500w"}
    for width in (320, 640, 1280):
        answer = app.get(told[f"{width}w"])
        assert answer.content_type == "image/webp"
        assert Image.open(io.BytesIO(answer.body)).size == (width, round(900 * width / 1500))
        assert (
            app.get(told[f"{width}w"], headers={"If-None-Match": answer.headers["ETag"]}).status_int
            == 304
        )
    app.get(told["320w"].replace("/w320/", "/w321/"), status=404)


def test_a_browser_that_takes_avif_gets_it(site, app):
    item, file = picture(site)
    publish(item)
    url = f"/-/file/{item.uid}/{file.id}/w640/x.webp"
    modern = app.get(url, headers={"Accept": "image/avif,image/webp,*/*"})
    plain = app.get(url, headers={"Accept": "image/webp,*/*"})
    assert (modern.content_type, plain.content_type) == ("image/avif", "image/webp")
    assert Image.open(io.BytesIO(modern.body)).size == (640, 384)
    assert modern.headers["ETag"] != plain.headers["ETag"]
    assert {"Accept"} == {a.headers["Vary"] for a in (modern, plain)}
    named = app.get(url.replace(".webp", ".avif"))  # as pages name it that are served as files
    assert (named.content_type, named.body) == ("image/avif", modern.body)
    assert "Vary" not in named.headers
    app.get(url.replace("/w640/x.webp", "/w641/x.avif"), status=404)


def test_a_width_asks_for_the_same_right(site, app, sign_in):
    item, file = picture(site)
    url = f"/-/file/{item.uid}/{file.id}/w320/x.webp"
    app.get(url, status=404)
    assert sign_in("author").get(url).status_int == 200
    publish(item)
    assert app.get(url).status_int == 200
    advance(item, "unpublish", by=SYSTEM_ACTOR, comment="错")
    transaction.commit()
    app.get(url, status=404)


def picture_file(size):
    out = io.BytesIO()
    Image.new("RGB", size).save(out, "JPEG")
    return StoredFile(out.getvalue(), "图 二.jpg", "image/jpeg")


def test_banners_and_signs_come_in_all_widths_and_may_be_kept(site, app, sign_in):
    zone = create(site, "section", {"title": "专题", "layout": "zone"}, by=SYSTEM_ACTOR, name="z")
    values = {"title": "防汛", "layout": "topic", "banner": picture_file((1600, 400))}
    create(zone, "section", values, by=SYSTEM_ACTOR, name="flood")
    facts = {"title": "市财政局", "logo": picture_file((900, 300))}
    configure(site["finance"], facts, by=SYSTEM_ACTOR)
    transaction.commit()

    on_top = app.get("/z/flood").html.select_one(".topic-head img")
    in_zone = app.get("/z").html.select_one(".topics img")
    sign = app.get("/finance").html.select_one("img.emblem")
    widths = [one.split()[1] for one in on_top["srcset"].split(", ")]
    assert widths == ["320w", "640w", "1280w", "1600w"]
    assert (on_top["width"], on_top["height"], on_top.get("loading")) == ("1600", "400", None)
    assert in_zone["srcset"] == on_top["srcset"]
    assert in_zone["sizes"] != on_top["sizes"]
    assert (sign["width"], sign["height"]) == ("900", "300")
    small = on_top["srcset"].split()[0]
    modern = app.get(small, headers={"Accept": "image/avif,*/*"})
    assert (modern.content_type, app.get(small).content_type) == ("image/avif", "image/webp")
    assert "public" in modern.headers["Cache-Control"]
    assert app.get(on_top["src"]).content_type == "image/jpeg"
    assert app.get(sign["src"]).content_type == "image/jpeg"

    set_inheritance(zone, False, by=SYSTEM_ACTOR)
    transaction.commit()
    app.get(small, status=404)
    app.get(on_top["src"], status=404)

    grant(zone, "user:reader", "reader", by=SYSTEM_ACTOR)
    transaction.commit()
    for address in (small, on_top["src"]):  # which a cache on the way must not give to others
        kept = sign_in("reader").get(address).headers["Cache-Control"]
        assert ("private" in kept, "public" in kept) == (True, False)


def test_only_the_first_picture_of_a_page_is_fetched_before_it_is_seen(site, app):
    configure(site["finance"]["news"], {"title": "新闻", "layout": "grid"}, by=SYSTEM_ACTOR)
    for number in range(3):
        item, _file = picture(site, (700 + number, 350))
        publish(item)
    told = [one.get("loading") for one in app.get("/finance/news").html.select(".gallery img")]
    assert told == [None, "lazy", "lazy"]


def test_the_pictures_of_a_text_come_in_all_widths_and_keep_their_place(site, app):
    files = tuple(picture_file((width, 500)) for width in (1000, 1001))
    values = {"title": "图文", "body": "<p>a</p>", "source": "局", "attachments": files}
    item = create(site["finance"]["news"], "article", values, by=SYSTEM_ACTOR)
    one, two = (f"/-/file/{item.uid}/{file.id}/a.jpg" for file in files)
    away = "/-/file/1/" + "0" * 20 + "/a.jpg"
    body = (
        f'<p><img src="{one}" alt="甲"><img src="{two}" alt="乙" width="300" height="150">'
        f'<img src="{away}" alt=""></p>'
    )
    edit(item, item.work.values | {"body": body}, by=SYSTEM_ACTOR)
    publish(item)

    first, second, other = app.get(f"/finance/news/{item.__name__}").html.select(".body img")
    assert (first["width"], first["height"], first.get("loading")) == ("1000", "500", None)
    assert [part.split()[1] for part in first["srcset"].split(", ")] == ["320w", "640w", "1000w"]
    assert (second["width"], second["sizes"]) == ("300", "min(100vw, 300px)")
    assert (second["loading"], second["alt"]) == ("lazy", "乙")
    assert other.get("srcset") is None


def test_small_and_transparent_pictures(site):
    _item, small = picture(site, (200, 100))
    assert small.smaller == ()
    _item, clear = picture(site, (700, 70), "PNG", "RGBA")
    assert [width for width, *_blob in clear.smaller] == [320, 640]


def sent_with_a_cover(form):
    """What the form sends beside a picture that is added while one writes."""
    return {
        "field": "cover",
        "version": form["version"].value,
        "csrf_token": form["csrf_token"].value,
    }


def test_a_large_picture_goes_into_a_draft_while_it_is_written(site, sign_in):
    out = io.BytesIO()
    Image.new("RGB", (900, 600), "navy").save(out, "PNG")
    item = article(site)
    transaction.commit()
    author, path = sign_in("author"), f"/manage/finance/news/{item.__name__}"
    form = author.get(f"{path}/@@edit").forms["edit"]
    sent = sent_with_a_cover(form)

    facts = author.post(
        f"{path}/@@attach", sent, upload_files=[("upload", "会场.png", out.getvalue())]
    ).json

    assert author.get(facts["added"]["thumb"]).content_type in ("image/webp", "image/avif")
    transaction.begin()
    assert item.draft.values["cover"].filename == "会场.png"


def test_a_large_picture_that_finds_no_turn_is_asked_for_later_and_nothing_is_lost(
    site, sign_in, monkeypatch
):
    out = io.BytesIO()
    Image.new("1", (2000, 1500)).save(out, "PNG")
    item = article(site)
    transaction.commit()
    author, path = sign_in("author"), f"/manage/finance/news/{item.__name__}"
    form = author.get(f"{path}/@@edit").forms["edit"]
    sent = sent_with_a_cover(form)
    files = [("upload", "会场.png", out.getvalue())]
    monkeypatch.setattr(PICTURES, "seconds", 0)

    with PICTURES.of(PICTURES.most):
        later = author.post(f"{path}/@@attach", sent, upload_files=files, status=503)
        form["title"] = "还没有保存的标题"
        form.fields["upload"][0].value = Upload("会场.png", out.getvalue(), "image/png")
        page = form.submit("save")
        small = io.BytesIO()
        Image.new("RGB", (1500, 1000), "navy").save(small, "PNG")
        author.post(f"{path}/@@attach", sent, upload_files=[("upload", "小.png", small.getvalue())])

    assert "“会场.png”没有上传：服务器正忙" in later.json["message"]
    assert later.headers["Retry-After"] == "30"
    assert "“会场.png”没有上传：服务器正忙" in page
    assert page.forms["edit"]["title"].value == "还没有保存的标题"
    transaction.begin()
    assert item.draft.values["cover"].filename == "小.png"
