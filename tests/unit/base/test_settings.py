"""Settings: each has a default, each can be set, nothing else can."""

from dataclasses import fields

import pytest

from egov.base.errors import Invalid
from egov.base.settings import Settings, read_settings


def test_without_a_word_the_defaults_hold_and_other_sections_are_left_alone():
    assert read_settings({"zodbconn.uri": "memory://", "pyramid.debug_all": "x"}) == Settings()


@pytest.mark.parametrize("field", fields(Settings), ids=lambda field: field.name)
def test_each_setting_can_be_set(field):
    raw, value = {"bool": ("true", True), "int": (" 42 ", 42), "str": (" a b ", "a b")}[field.type]

    assert getattr(read_settings({f"egov.{field.name}": raw}), field.name) == value


@pytest.mark.parametrize(
    ("key", "raw"),
    [
        ("egov.no_such", "1"),
        ("egov.", "1"),
        ("egov.list_page_size", "zwanzig"),
        ("egov.list_page_size", "-1"),
        ("egov.list_page_size", "2.5"),
        ("egov.list_page_size", "٣"),
        ("egov.list_page_size", ""),
        ("egov.secure_cookies", "yes"),
        ("egov.secure_cookies", "1"),
    ],
)
def test_what_does_not_fit_is_named(key, raw):
    with pytest.raises(Invalid) as refused:
        read_settings({key: raw})

    assert key in refused.value.message.interpolate()
