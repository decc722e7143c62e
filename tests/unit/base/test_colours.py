"""Colours in which text can be read: checked when they are chosen, mended for both grounds."""

import re

import colander
import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov.base.colours import BLACK, READABLE, WHITE, contrast, parse, told, until_readable
from egov.base.i18n import told as in_words
from egov.model import fields
from egov.public.theme import DEFAULT_ACCENT, accents_of, stylesheet

PART = st.integers(0, 255)
COLOUR = st.tuples(PART, PART, PART)
DARK = (21, 24, 28)


def test_contrast_is_that_of_the_guideline():
    assert contrast(BLACK, WHITE) == 21
    assert contrast(WHITE, WHITE) == 1
    assert round(contrast(parse("#777777"), WHITE), 2) == 4.48


@given(COLOUR)
def test_every_colour_has_a_near_one_that_can_be_read(colour):
    found = until_readable(colour, on=WHITE, towards=BLACK)

    assert contrast(found, WHITE) >= READABLE
    assert found == colour or contrast(colour, WHITE) < READABLE


@given(st.lists(COLOUR, min_size=1, max_size=3))
def test_what_is_chosen_can_be_read_on_light_and_on_dark(colours):
    light, dark = stylesheet(tuple(map(told, colours))).split("@media")[:2]
    for sheet, ground in ((light, WHITE), (dark, DARK)):
        tokens = re.findall(r"--accent(?:-[23])?:(#[0-9a-f]{6})", sheet)
        assert len(tokens) == len(colours)
        assert all(contrast(parse(token), ground) >= READABLE for token in tokens)


def test_a_colour_that_cannot_be_read_is_refused_with_a_near_one():
    field = fields.color("accent", "Colour")
    with pytest.raises(colander.Invalid) as refused:
        field.deserialize("#ffd700")
    text = in_words(refused.value.messages()[0])

    assert "1.4:1" in text
    near = re.search(r"#[0-9a-f]{6}", text)[0]
    assert field.deserialize(near) == near
    with pytest.raises(colander.Invalid):
        field.deserialize("red")


@pytest.mark.parametrize(("sites", "expected"), [
    ([{}, {}], (DEFAULT_ACCENT,)),
    ([{"accent": "#1D4F91"}], ("#1d4f91",)),
    ([{"accent_2": "#123456"}, {"accent": "#654321", "accent_3": "#111111"}], ("#654321", "#111111")),
    ([{"accent": "url(x)"}], (DEFAULT_ACCENT,)),
])  # fmt: skip
def test_the_nearest_site_with_a_main_colour_gives_all_its_colours(sites, expected):
    assert accents_of(*sites) == expected
