"""Texts cut by processes beside this one: the same words in the same order, whatever becomes of the processes."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import active_children
from pathlib import Path

import pytest

from egov.operations.content import create
from egov.operations.workflow import advance
from egov.search import cutting, index
from egov.search.cutting import in_order, text_of
from egov.search.documents import Document
from egov.search.index import SearchIndex
from egov.search.queries import Question, ask
from egov.search.words import cut_of
from egov.security.principals import SYSTEM_ACTOR

COUNT = 12


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(cutting, "_TOGETHER", 2)
    monkeypatch.setattr(cutting, "_AHEAD", 3)


def documents(count=COUNT):
    return [
        Document(n, 1, "article", 0, 2026, f"第{n}号公告", f"关于道路施工的通知，共{n}处。" * 20, (), ("施工",), "", "")
        for n in range(1, count + 1)
    ]  # fmt: skip


def cut_here(documents):
    return [(document, cut_of(text_of(document))) for document in documents]


@pytest.mark.parametrize("processes", [0, 2])
def test_the_words_are_the_same_and_in_order(processes):
    assert list(in_order(documents(), processes)) == cut_here(documents())
    assert active_children() == []


def test_processes_that_die_lose_nothing():
    found = in_order(documents(40), 1)
    first = next(found)
    for child in active_children():
        os.kill(child.pid, signal.SIGKILL)

    assert [first, *found] == cut_here(documents(40))


def test_where_no_process_can_be_started_the_words_are_cut_here(monkeypatch):
    def refuse(*_args):
        raise OSError("no more processes")

    monkeypatch.setattr(ProcessPoolExecutor, "submit", refuse)

    assert list(in_order(documents(), 1)) == cut_here(documents())


def test_who_asks_for_no_more_leaves_no_process_behind():
    found = in_order(documents(40), 1)
    next(found)
    assert active_children()

    found.close()

    assert active_children() == []


READER = """
from multiprocessing import active_children
from egov.search.cutting import in_order
from egov.search.documents import Document
found = in_order((Document(n, 1, "page", 0, 2026, "题", "文" * 900, (), (), "", "") for n in range(10**9)), 1)
next(found)
print(active_children()[0].pid, flush=True)
for _pair in found:
    pass
"""


def test_processes_do_not_outlive_a_reader_that_is_killed():
    with subprocess.Popen([sys.executable, "-c", READER], stdout=subprocess.PIPE) as reader:
        child = int(reader.stdout.readline())
        reader.kill()

    deadline = time.monotonic() + 30
    while is_alive(child):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_alive(process):
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_long_text_goes_by_itself(monkeypatch):
    monkeypatch.setattr(cutting, "_LENGTH", 100)
    parts = [len(part) for part in cutting._together(documents(3))]

    assert parts == [1, 1, 1]


def test_a_large_index_is_built_with_help_and_finds_the_same(site, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(index, "_LARGE", 3)
    monkeypatch.setattr(index, "beside", lambda: asked.append(True) or 1)
    for number in range(3):
        values = {"title": f"第{number}号公告", "body": "<p>道路施工。</p>", "source": "局"}
        node = create(site["finance"]["news"], "article", values, by=SYSTEM_ACTOR)
        for step in ("submit", "approve", "publish"):
            advance(node, step, by=SYSTEM_ACTOR)
    built = SearchIndex(tmp_path)

    assert built.rebuild(site) == 3
    assert asked
    built.prepare(site)
    assert ask(built, Question("道路施工"), {site["finance"]["news"].uid}).total == 3


def test_a_process_that_cuts_loads_nothing_of_the_rest():
    """It starts in a moment, because neither the web nor the database is loaded for it."""
    told = "import sys, egov.search.cutting; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "egov.search.words" in loaded
    assert loaded.isdisjoint({"egov.app", "pyramid", "ZODB", "tantivy"})


def test_a_process_that_cuts_does_not_load_the_program_that_started_it(tmp_path):
    """A command has all of egov, and a process that began by loading it would be done when the others are."""
    program = tmp_path / "program.py"
    program.write_text(
        "from pathlib import Path\n"
        f"with Path({str(tmp_path / 'loaded')!r}).open('a') as told: told.write('once ')\n"
        "if __name__ == '__main__':\n"
        "    from egov.search.cutting import in_order\n"
        "    from egov.search.documents import Document\n"
        "    one = Document(1, 1, 'article', 0, 2026, '公告', '通知', (), (), '', '')\n"
        "    print(len(list(in_order([one] * 1000, 1))))\n"
    )
    done = subprocess.run([sys.executable, program], capture_output=True, text=True, check=True)
    assert done.stdout == "1000\n"
    assert (tmp_path / "loaded").read_text() == "once "
