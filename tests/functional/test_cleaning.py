"""Pictures lose what the camera wrote; packed files are looked through before they are taken."""

import io
import zipfile
from types import SimpleNamespace

import pytest
from PIL import Image

from egov.base.errors import Invalid
from egov.base.settings import Settings
from egov.model.files import PICTURES
from egov.web import cleaning
from egov.web.uploads import accept_upload


def upload(name, content, **settings):
    return accept_upload(
        SimpleNamespace(filename=name, file=io.BytesIO(content)), Settings(**settings)
    )


def picture(kind, size=(40, 20), **options):
    out = io.BytesIO()
    Image.new("RGB", size, "navy").save(out, kind, **options)
    return out.getvalue()


def packed(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def test_a_photograph_comes_upright_and_tells_nothing(site):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by the camera
    exif[0x010F] = "SecretCam"
    exif.get_ifd(0x8825)[2] = (30.0, 15.0, 0.0)  # where it was taken
    file = upload("照片.jpg", picture("JPEG", exif=exif))
    assert (file.width, file.height) == (20, 40)
    with file.open() as source:
        content = source.read()
    assert b"SecretCam" not in content
    assert dict(Image.open(io.BytesIO(content)).getexif()) == {}


@pytest.mark.parametrize(
    ("kind", "name"), [("PNG", "图.png"), ("WEBP", "图.webp"), ("GIF", "图.gif")]
)
def test_other_pictures_stay_pictures(site, kind, name):
    file = upload(name, picture(kind))
    assert (file.width, file.height) == (40, 20)


def test_what_is_hidden_behind_a_picture_is_gone(site):
    file = upload("图.png", picture("PNG") + b"<script>alert(1)</script>")
    with file.open() as source:
        assert b"<script>" not in source.read()


@pytest.mark.parametrize(("name", "content", "told"), [
    ("坏.jpg", b"\xff\xd8\xff nothing", "图片已损坏或过大"),
    ("表.xlsx", packed(xl__vbaProject_bin=b"").replace(b"vbaProject_bin", b"vbaProject.bin"), "文件含有宏"),
    ("文.doc", b"\xd0\xcf\x11\xe0" + "_VBA_PROJECT".encode("utf-16-le"), "文件含有宏"),
    ("坏.zip", b"PK\x03\x04 nothing", "文件已损坏"),
])  # fmt: skip
def test_what_is_refused(site, name, content, told):
    with pytest.raises(Invalid) as refused:
        upload(name, content)
    assert told in str(refused.value.message.mapping["why"])


def test_limits(site, monkeypatch):
    monkeypatch.setattr(cleaning, "MAX_UNPACKED", 1000)
    with pytest.raises(Invalid):
        upload("大.zip", packed(a=b"0" * 2000))
    monkeypatch.setattr(PICTURES, "most", 100)
    with pytest.raises(Invalid):
        upload("大.png", picture("PNG"))
    assert upload("好.zip", packed(a=b"0")).filename == "好.zip"


def scanner(folder, words):
    """A scanner that ends as a script says; the file's name is its last word."""
    script = folder / "scan"
    script.write_text(f"#!/bin/sh\n{words}\n", "utf-8")
    script.chmod(0o700)
    return f"{script} --quiet"


def test_a_scanner_sees_the_file_as_it_was_sent_before_anything_else_reads_it(site, tmp_path):
    command = scanner(tmp_path, f'cat "$2" > {tmp_path}/seen; echo "$1" > {tmp_path}/said')

    file = upload("照片.png", picture("PNG"), scan_command=command)

    assert (tmp_path / "seen").read_bytes() == picture("PNG")
    assert (tmp_path / "said").read_text() == "--quiet\n"
    assert file.content_type == "image/png"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("exit 1", "安全扫描发现其中有害"),
        ("exit 2", "现在不能进行安全扫描"),
        ("kill -9 $$", "现在不能进行安全扫描"),
        ("sleep 600 & sleep 600", "现在不能进行安全扫描"),
    ],
)
def test_what_the_scanner_finds_or_does_not_know_is_not_taken(site, tmp_path, words, told):
    command = scanner(tmp_path, words)

    with pytest.raises(Invalid) as refused:
        upload("附件.txt", b"text", scan_command=command, scan_seconds=1)

    assert told in refused.value.message.interpolate()


def test_a_scanner_that_is_not_there_lets_nothing_through(site, tmp_path):
    with pytest.raises(Invalid) as refused:
        upload("附件.txt", b"text", scan_command=str(tmp_path / "none"))

    assert "请告诉系统管理员" in refused.value.message.interpolate()
