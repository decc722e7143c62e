"""Pictures come in the width that a screen needs, by the right to the picture itself."""

import io

import transaction
from PIL import Image

from egov.model.files import StoredFile
from egov.operations.content import create
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR


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


def test_small_and_transparent_pictures(site):
    _item, small = picture(site, (200, 100))
    assert small.smaller == ()
    _item, clear = picture(site, (700, 70), "PNG", "RGBA")
    assert [width for width, *_blob in clear.smaller] == [320, 640]
