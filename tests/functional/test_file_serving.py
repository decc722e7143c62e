"""Files over HTTP: who gets them in which state, how they are handed over, and which are not taken at all."""

import io

import pytest
import transaction
from PIL import Image

from egov.model.files import StoredFile
from egov.operations.content import create, edit
from egov.operations.workflow import advance
from egov.web.urls import file_url
from tests.support.uploads import upload
from tests.support.world import ROLES, actor, article

TABLE = "姓名,单位\n甲,乙\n".encode()
PATHS_TO = {
    "draft": (),
    "pending": (("submit", "author"),),
    "published": (("submit", "author"), ("approve", "reviewer"), ("publish", "publisher")),
}
PATHS_TO["withdrawn"] = (*PATHS_TO["published"], ("withdraw", "publisher"))
PATHS_TO["unpublished"] = (*PATHS_TO["published"], ("unpublish", "publisher"))
SEEN_BY_ALL = ("published", "withdrawn")


def picture(kind="PNG"):
    stream = io.BytesIO()
    Image.new("RGB", (4, 3), "red").save(stream, kind)
    return stream.getvalue()


def with_file(site, state="published", file=None):
    """An article with one attachment in a state, and the address of the attachment."""
    file = file or StoredFile(TABLE, "名单.csv", "text/csv")
    item = article(site)
    values = {**item.work.values, "attachments": (file,)}
    edit(item, values, by=actor(site, "author"))
    for step, who in PATHS_TO[state]:
        advance(item, step, by=actor(site, who), comment="原因")
    transaction.commit()
    return item, file_url(item, file)


@pytest.mark.parametrize("state", PATHS_TO)
def test_a_file_is_for_whoever_may_see_the_edition_that_holds_it(state, app, sign_in, site):
    _item, url = with_file(site, state)
    insiders = set(ROLES) - {"reader"}
    for who in ("visitor", "outsider", *ROLES):
        person = app if who == "visitor" else sign_in(who)
        allowed = state in SEEN_BY_ALL or who in insiders
        answer = person.get(url, status=200 if allowed else 404)
        assert not allowed or answer.body == TABLE


def test_a_file_that_only_the_new_draft_holds_is_not_public(app, sign_in, site):
    item, old = with_file(site)
    new = StoredFile(b"a,b\n", "新.csv", "text/csv")
    edit(item, {**item.work.values, "attachments": (new,)}, by=actor(site, "author"))
    transaction.commit()
    url = file_url(item, new)

    app.get(old, status=200)
    app.get(url, status=404)
    sign_in("author").get(url, status=200)


def test_a_file_of_a_deleted_item_or_of_another_item_is_not_found(app, site):
    from egov.operations.tree import delete

    item, url = with_file(site)
    other = article(site, title="另一篇")
    transaction.commit()
    app.get(url.replace(str(item.uid), str(other.uid)), status=404)
    app.get(f"/-/file/{site['finance'].uid}/abc/x.csv", status=404)

    delete(item, by=actor(site, "manager"))
    transaction.commit()

    app.get(url, status=404)


def test_a_closed_department_closes_its_files(app, sign_in, site):
    _item, url = with_file(site)
    advance(site["finance"], "hide", by=actor(site, "manager"))
    transaction.commit()

    app.get(url, status=404)
    sign_in("outsider").get(url, status=404)
    sign_in("reader").get(url, status=200)


def test_a_stretch_of_a_file_can_be_asked_for(app, site):
    _item, url = with_file(site)

    part = app.get(url, headers={"Range": "bytes=2-5"}, status=206)
    assert part.body == TABLE[2:6]
    assert part.headers["Content-Range"] == f"bytes 2-5/{len(TABLE)}"
    assert app.get(url, headers={"Range": "bytes=-3"}, status=206).body == TABLE[-3:]

    beyond = app.get(url, headers={"Range": f"bytes={len(TABLE)}-"}, status=416)
    assert beyond.headers["Content-Range"] == f"bytes */{len(TABLE)}"
    assert app.get(url).headers["Accept-Ranges"] == "bytes"


def test_a_stretch_is_of_the_file_that_was_begun(app, site):
    _item, url = with_file(site)
    whole = app.get(url)
    for begun in (whole.headers["ETag"], whole.headers["Last-Modified"]):
        part = app.get(url, headers={"Range": "bytes=2-5", "If-Range": begun}, status=206)
        assert part.body == TABLE[2:6]
    for other in ('"another"', "Thu, 01 Jan 1970 00:00:00 GMT"):
        part = app.get(url, headers={"Range": "bytes=2-5", "If-Range": other}, status=200)
        assert part.body == TABLE


def test_a_file_that_is_known_is_not_sent_again(app, site):
    _item, url = with_file(site)
    tag = app.get(url).headers["ETag"]

    again = app.get(url, headers={"If-None-Match": tag}, status=304)
    assert again.body == b""
    app.get(url, headers={"If-None-Match": '"another"'}, status=200)


def test_what_is_remembered_is_still_asked_for_its_rights(app, site):
    item, url = with_file(site)
    tag = app.get(url).headers["ETag"]
    assert "no-cache" in app.get(url).headers["Cache-Control"]
    advance(item, "unpublish", by=actor(site, "publisher"), comment="有误")
    transaction.commit()

    app.get(url, headers={"If-None-Match": tag}, status=404)


@pytest.mark.parametrize(
    ("name", "kind", "shown"),
    [
        ("图.png", "image/png", "inline"),
        ("文.pdf", "application/pdf", "inline"),
        ("表#1?100%.csv", "text/csv", "attachment"),
        ("页.html", "text/html", "attachment"),
        ("图.svg", "image/svg+xml", "attachment"),
    ],
)
def test_only_what_is_harmless_is_shown_in_place(app, site, name, kind, shown):
    _item, url = with_file(site, file=StoredFile(b"<script>alert(1)</script>", name, kind))

    answer = app.get(url)

    assert answer.headers["Content-Disposition"].startswith(f"{shown}; filename*=UTF-8''%E")
    assert answer.content_type == kind
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


REFUSED = {
    "another content than its name": ("公告.pdf", b"MZ\x90\x00" * 9, "文件内容与扩展名不符"),
    "a picture in name only": ("照片.png", b"\x89PNG broken", "图片已损坏"),
    "svg": ("图标.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "不接受这种类型的文件"),
    "html": ("页面.html", b"<html></html>", "不接受这种类型的文件"),
    "html called text": ("说明.txt", b"  <HTML><script>1</script>", "文件内容与扩展名不符"),
    "a program called text": ("说明.txt", b"PK\x03\x04" + b"\0" * 40, "文件内容与扩展名不符"),
    "no extension": ("README", b"text", "不接受这种类型的文件"),
    "empty": ("空.txt", b"", "文件为空"),
    "too large": ("大.txt", b"a" * 2001, "文件为空，或超过"),
}


@pytest.fixture
def small_limit(wsgi):
    """No upload over 2,000 bytes."""
    import dataclasses

    registry = wsgi.registry
    registry.egov = dataclasses.replace(registry.egov, upload_max_bytes=2000)


@pytest.mark.parametrize("case", REFUSED)
def test_a_refused_upload_is_told_at_its_field_and_nothing_is_stored(
    case, small_limit, sign_in, site
):
    name, content, why = REFUSED[case]
    form = sign_in("author").get("/manage/finance/news/@@add?type=article").forms[1]
    form["title"] = "带附件"
    upload(form, "attachments", name, content)

    page = form.submit("save")

    told = page.html.find(id="e-attachments").text
    assert why in told
    assert name in told
    assert page.html.find(id="f-attachments")["aria-describedby"] == "e-attachments"
    assert page.html.find("input", {"name": "title"})["value"] == "带附件"
    transaction.begin()
    assert len(site["finance"]["news"]) == 0


def test_a_picture_field_takes_pictures_only(sign_in, site):
    author = sign_in("author")
    form = author.get("/manage/finance/news/@@add?type=article").forms[1]
    form["title"] = "题图"
    upload(form, "cover", "表.csv", TABLE)
    assert "不接受这种类型的文件" in form.submit("save")

    form = author.get("/manage/finance/news/@@add?type=article").forms[1]
    form["title"] = "题图"
    upload(form, "cover", "图.png", picture())
    form.submit("save").follow()
    transaction.begin()
    (item,) = site["finance"]["news"].values_in_order()
    assert (item.work.values["cover"].width, item.work.values["cover"].height) == (4, 3)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/名单.csv", "名单.csv"),
        ("C:\\文件\\名单.csv", "名单.csv"),
        ("/名单.csv", "名单.csv"),
    ],
)
def test_a_path_in_the_name_of_an_upload_is_cut_off(sent, kept, sign_in, site):
    author = sign_in("author")
    form = author.get("/manage/finance/news/@@add?type=article").forms[1]
    form["title"] = "带附件"
    upload(form, "attachments", sent, TABLE)
    form.submit("save").follow()

    transaction.begin()
    (item,) = site["finance"]["news"].values_in_order()
    (file,) = item.work.values["attachments"]
    assert file.filename == kept
    with file.open() as stream:
        assert stream.read() == TABLE


def test_of_many_uploads_each_is_judged_for_itself(small_limit, sign_in, site):
    author = sign_in("author")
    form = next(
        f
        for f in author.get("/manage/finance/news/@@upload").forms.values()
        if "upload" in f.fields
    )
    fields = form.submit_fields()
    sent = [
        ("upload", "图.png", picture()),
        ("upload", "名单.csv", TABLE),
        ("upload", "大.txt", b"a" * 3000),
        ("upload", "页.html", b"<html>"),
    ]
    page = author.post(
        form.action or "/manage/finance/news/@@upload",
        [(name, value) for name, value in fields if name != "upload"],
        upload_files=sent,
    )

    assert "大.txt" in page
    assert "页.html" in page
    transaction.begin()
    made = {n.title: n.type_name for n in site["finance"]["news"].values_in_order()}
    assert made == {"图": "image", "名单": "file"}


def test_a_file_stays_until_it_is_unticked(sign_in, site):
    item, _url = with_file(site, "draft")
    author = sign_in("author")
    address = f"/manage/finance/news/{item.__name__}/@@edit"
    author.get(address).forms[1].submit("save").follow()
    transaction.begin()
    assert [f.filename for f in item.work.values["attachments"]] == ["名单.csv"]

    form = author.get(address).forms[1]
    form["keep"] = False
    form.submit("save").follow()
    transaction.begin()
    assert item.work.values["attachments"] == ()


def test_a_form_keeps_only_files_that_were_there(sign_in, site):
    """An id of another item's file brings nothing in."""
    secret, _url = with_file(site, "draft", StoredFile(b"secret,1\n", "密.csv", "text/csv"))
    other = create(
        site["finance"]["notices"], "article", {"title": "别的"}, by=actor(site, "author")
    )
    transaction.commit()
    author = sign_in("author")
    address = f"/manage/finance/notices/{other.__name__}/@@edit"
    form = author.get(address).forms[1]
    stolen = secret.work.values["attachments"][0].id
    fields = [*form.submit_fields("save")]
    at = next(
        i for i, (name, _v) in enumerate(fields) if name == "__start__" and "attachments" in _v
    )
    fields.insert(at + 1, ("keep", stolen))

    author.post(address, fields)

    transaction.begin()
    assert other.work.values["attachments"] == ()


def test_browsers_find_the_icon_at_its_old_address(app):
    answer = app.get("/favicon.ico", status=301)

    assert app.get(answer.location).content_type == "image/svg+xml"
