"""A whole index written by a process beside this one: the same documents, whatever becomes of the process."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import active_children
from pathlib import Path

import pytest
import tantivy

from egov.operations.content import create
from egov.operations.workflow import advance
from egov.search import filling, index
from egov.search.entries import Document
from egov.search.filling import fill
from egov.search.index import SearchIndex
from egov.search.queries import Question, ask
from egov.security.principals import SYSTEM_ACTOR


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(filling, "_TOGETHER", 2)
    monkeypatch.setattr(filling, "_AHEAD", 3)


@pytest.fixture
def place(tmp_path):
    found = tmp_path / "index"
    found.mkdir()
    return found


def documents(count):
    for n in range(1, count + 1):
        text = f"关于道路施工的通知，共{n}处。" * 20
        yield Document(n, 1, "article", 0, 2026, f"第{n}号公告", text, (), ("施工",), "", "")


def written_in(place):
    searcher = tantivy.Index.open(str(place)).searcher()
    hits = searcher.search(tantivy.Query.all_query(), 1000).hits
    found = (searcher.doc(address) for _score, address in hits)
    return sorted((d.get_first("uid"), bytes(d.get_first("heading")).decode()) for d in found)


def told(count):
    return [(document.uid, document.title) for document in documents(count)]


@pytest.mark.parametrize("beside", [False, True])
def test_all_documents_are_written_and_counted(place, beside):
    seen = []

    assert fill(place, lambda: documents(13), beside=beside, progress=seen.append) == 13

    assert written_in(place) == told(13)
    assert seen == [2, 4, 6, 8, 10, 12, 13]
    assert active_children() == []


@pytest.mark.parametrize("at", [1, 30])
def test_where_the_process_dies_this_one_begins_again(place, at, caplog):
    read = []

    def dying():
        read.append(True)
        for document in documents(40):
            if len(read) == 1 and document.uid == at:
                while not active_children():
                    yield document
                for child in active_children():
                    os.kill(child.pid, signal.SIGKILL)
            yield document

    assert fill(place, dying, beside=True) == 40

    assert written_in(place) == told(40)
    assert len(read) == 2
    assert "begins again" in caplog.text


def test_where_no_process_can_be_started_this_one_writes(place, monkeypatch):
    def refuse(*_args):
        raise OSError("no more processes")

    monkeypatch.setattr(ProcessPoolExecutor, "submit", refuse)

    assert fill(place, lambda: documents(5), beside=True) == 5
    assert written_in(place) == told(5)


def test_what_cannot_be_read_is_told_and_leaves_no_process_behind(place):
    def broken():
        yield from documents(9)
        raise ValueError("damaged")

    with pytest.raises(ValueError, match="damaged"):
        fill(place, broken, beside=True)

    assert active_children() == []
    assert written_in(place) == []


@pytest.mark.parametrize("beside", [False, True])
def test_what_cannot_be_written_is_told(place, beside):
    place.rmdir()

    with pytest.raises((OSError, ValueError)):
        fill(place, lambda: documents(9), beside=beside)


READER = """
import sys
from multiprocessing import active_children
from pathlib import Path
from egov.search.entries import Document
from egov.search.filling import fill
def read():
    for n in range(10**9):
        yield Document(n, 1, "page", 0, 2026, "题", "文" * 900, (), (), "", "")
        if n == 1000:
            print(active_children()[0].pid, flush=True)
fill(Path(sys.argv[1]), read, beside=True)
"""


def test_the_process_does_not_outlive_a_reader_that_is_killed(place):
    command = [sys.executable, "-c", READER, place]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as reader:
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
    monkeypatch.setattr(filling, "_LENGTH", 100)

    assert [len(part) for part in filling._together(documents(3))] == [1, 1, 1]


def test_a_large_index_is_built_beside_and_finds_the_same(site, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(index, "_LARGE", 3)
    monkeypatch.setattr(index, "can_write_beside", lambda: asked.append(True) or True)
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


def test_a_process_that_writes_loads_nothing_of_the_rest():
    """It starts in a moment, because neither the web nor the database is loaded for it."""
    told = "import sys, egov.search.filling; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "egov.search.words" in loaded
    assert loaded.isdisjoint({"egov.app", "egov.model", "egov.search.documents", "pyramid", "ZODB"})


def test_a_process_that_writes_does_not_load_the_program_that_started_it(place, tmp_path):
    """A command has all of egov, and a process that began by loading it would be done when the others are."""
    program = tmp_path / "program.py"
    program.write_text(
        "from pathlib import Path\n"
        f"with Path({str(tmp_path / 'loaded')!r}).open('a') as told: told.write('once ')\n"
        "if __name__ == '__main__':\n"
        "    from egov.search.entries import Document\n"
        "    from egov.search.filling import fill\n"
        "    one = Document(1, 1, 'article', 0, 2026, '公告', '通知', (), (), '', '')\n"
        f"    print(fill(Path({str(place)!r}), lambda: [one] * 1000, beside=True))\n"
    )
    done = subprocess.run([sys.executable, program], capture_output=True, text=True, check=True)
    assert done.stdout == "1000\n"
    assert (tmp_path / "loaded").read_text() == "once "
