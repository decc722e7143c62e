"""A process of its own for what strangers have made."""

import pytest

from egov.base.apart import Apart


@pytest.fixture
def reader():
    made = Apart("egov.extract", 60, 1 << 30)
    yield made
    made.close()


def test_one_process_answers_question_after_question_whatever_they_are(reader):
    assert reader.ask("txt", "防汛\n甲".encode()) == (["防汛\n甲"], "")
    first = reader._process
    parts, wrong = reader.ask("pdf", b"%PDF-1.4 nothing")
    assert (parts, bool(wrong)) == ([], True)
    assert reader.ask("txt", b"x" * 1_000_000) == (["x" * 200_000], "")
    assert reader._process is first


def test_another_takes_the_place_of_one_that_has_ended(reader, monkeypatch):
    reader.ask("txt", b"a")
    reader._process.kill()
    reader._process.wait()
    assert reader.ask("txt", b"b") == (["b"], "")

    reader.close()
    assert reader.ask("txt", b"c") == (["c"], "")

    monkeypatch.setattr("egov.base.apart._MOST", 1)
    reader.ask("txt", b"d")
    assert reader._process is None


def test_what_takes_too_much_is_told_and_leaves_no_process(reader):
    reader.memory = 64 << 20

    parts, wrong = reader.ask("xlsx", b"x" * 100_000_000)

    assert (parts, wrong) == ([], "it took too much time or memory")
    assert reader._process is None
