"""Tables to take away: no cell is more than text to whoever opens it."""

import pytest

from egov.web.tables import table_bytes, tame


@pytest.mark.parametrize("begin", [*list("=+-@\t\r\n"), "＝", "＋", "－", "＠"])
def test_no_cell_is_taken_for_a_formula(begin):
    assert tame(f"{begin}1+cmd|' /C calc'!A0") == f"'{begin}1+cmd|' /C calc'!A0"
    assert tame(begin) == begin


@pytest.mark.parametrize("text", ["", "关于印发的通知", "2026-11-30", "a=b", "（－）"])
def test_other_cells_stay_as_they_are(text):
    assert tame(text) == text


def test_no_text_of_a_cell_breaks_out_of_it():
    told = b"".join(table_bytes("csv", [['a",=1', "b\r\n=2"]])).decode("utf-8-sig")

    assert told == '"a"",=1","b\r\n=2"\r\n'
