"""Stored files: what they know of their bytes."""

import hashlib
import io

import pytest
import transaction
from PIL import Image

from egov.model.files import StoredFile, files_in


def picture(kind="PNG", size=(40, 30)):
    stream = io.BytesIO()
    Image.new("RGB", size, "red").save(stream, kind)
    return stream.getvalue()


@pytest.mark.parametrize("content", [b"", b"a", b"0123456789" * 20_000])
def test_bytes_come_back_with_size_and_digest(content):
    file = StoredFile(io.BytesIO(content), "x.txt", "text/plain")

    with file.open() as stream:
        assert stream.read() == content
    assert file.size == len(content)
    assert file.digest == hashlib.sha256(content).hexdigest()
    assert file.digest.startswith(file.id)
    assert not file.is_image


def test_equal_bytes_have_equal_ids_whatever_they_are_called():
    assert StoredFile(b"a", "x.txt", "text/plain").id == StoredFile(b"a", "y", "x/y").id
    assert StoredFile(b"a", "x", "x/y").id != StoredFile(b"b", "x", "x/y").id


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_picture_knows_its_size(kind):
    file = StoredFile(picture(kind), "x", f"image/{kind.lower()}")

    assert (file.width, file.height, file.is_image) == (40, 30, True)


@pytest.mark.parametrize("content", [b"", b"not a picture", picture()[:20]])
def test_a_broken_picture_is_none(content):
    assert not StoredFile(content, "x.png", "image/png").is_image


def test_committed_bytes_have_a_path_of_their_own(site):
    site.values = {**site.values, "logo": StoredFile(picture(), "x.png", "image/png")}
    transaction.commit()

    from pathlib import Path

    assert Path(site.values["logo"].stored()[0]).read_bytes() == picture()


def test_the_files_of_values_are_found_in_fields_and_in_tuples():
    one, two = (StoredFile(b, "x", "x/y") for b in (b"1", b"2"))

    assert files_in({"a": one, "b": (two, "word"), "c": "text", "d": None}) == [one, two]
