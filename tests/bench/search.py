"""Search over 100,000 documents of about 1 KB, cut from real laws: how fast they are indexed and found.

A fifth as many are also published as items, and indexed from the database.
"""

from __future__ import annotations

import os
import random
import tempfile
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter

import tantivy
import transaction

from egov.app import configure, settle
from egov.operations.content import create
from egov.operations.workflow import advance
from egov.search.entries import HEAP, Document, entry_of, make_schema
from egov.search.index import FORMAT, SearchIndex
from egov.search.queries import Question, ask
from egov.search.words import sound
from egov.security.principals import SYSTEM_ACTOR
from tests.bench.million import settings_of
from tests.support import world
from tests.support.shared import BESIDE

DOCUMENTS, ITEMS, SECTIONS = 100_000, 20_000, 50
DOMAINS = range(1000, 3000)
QUESTIONS = (
    "行政处罚", "公务员 考核", "土地 征收 补偿", "“国务院规定的”", "许可证", "国发〔2019〕5号", "市场监督管理部门",
    "食品安全", "违反本法规定", "人民政府", "xingzheng", "行正处罚", "环境影响评价 报告",
)  # fmt: skip


def _documents(texts):
    chance = random.Random(1)
    for number in range(DOCUMENTS):
        text = chance.choice(texts)
        start = chance.randrange(len(text) - 900)
        title, body = text[start : start + 22].replace("\n", " "), text[start : start + 330]
        numbers = (f"国发〔{2000 + number % 26}〕{number % 300 + 1}号",)
        published = 10**15 + number * 600 * 10**9
        yield Document(number + 1, 1000 + number % 2000, chance.choice(("article", "page")), published,
                       2000 + number % 26, title, body, numbers, (), "valid", f"机关{number % 40}")  # fmt: skip


def _publish(site, texts):
    """Items of the same titles and texts, published."""
    sections = [
        create(site["finance"], "section", {"title": f"栏目{n}"}, by=SYSTEM_ACTOR)
        for n in range(SECTIONS)
    ]
    for number, document in enumerate(islice(_documents(texts), ITEMS), start=1):
        body = "".join(f"<p>{line}</p>" for line in document.text.splitlines())
        values = {"title": document.title, "body": body, "source": document.issuer}
        node = create(sections[number % SECTIONS], "article", values, by=SYSTEM_ACTOR)
        for step in ("submit", "approve", "publish"):
            advance(node, step, by=SYSTEM_ACTOR)
        if number % 100 == 0:
            transaction.commit()
            site._p_jar.cacheGC()
    transaction.commit()


def _speed_from_database(texts):
    """Documents a second, read by a connection that has nothing in memory; words are spelled for the first time."""
    with tempfile.TemporaryDirectory() as place:
        config = configure(settings_of(place), create=True)
        database = config.make_wsgi_app().registry._zodb_databases[""]
        connection = database.open()
        site = world.build(connection.root())
        _publish(site, texts)
        connection.cacheMinimize()
        sound.cache_clear()
        settle()  # as the command does
        begun = perf_counter()
        count = config.registry.search.rebuild(site)
        speed = count / (perf_counter() - begun)
        connection.close()
        database.close()
    return speed


def measure():
    """The figures, as (name, figure, budget, kept); nothing where the laws are absent."""
    folder = Path(os.environ.get("EGOV_SHARED_DATA", BESIDE)) / "laws"
    texts = [p.read_text("utf-8", errors="replace") for p in sorted(folder.rglob("*.md"))[:400]]
    texts = [text for text in texts if len(text) > 1000]
    if not texts:
        return
    speed = _speed_from_database(texts)
    yield (
        "search: indexing from the database, documents/s",
        f"{speed:.0f}",
        "≥ 3,000",
        speed >= 3000,
    )
    with tempfile.TemporaryDirectory() as place:
        index = SearchIndex(place)
        built = index.folder / f"{FORMAT}-1"
        built.mkdir()
        writer, begun = tantivy.Index(make_schema(), str(built)).writer(HEAP * 2, 1), perf_counter()
        for document in _documents(texts):
            writer.add_document(entry_of(document))
        writer.commit()
        writer.wait_merging_threads()
        speed = DOCUMENTS / (perf_counter() - begun)
        (index.folder / "current").write_text(built.name)
        yield "search: indexing, documents/s", f"{speed:.0f}", "≥ 3,000", speed >= 3000
        times = []
        for turn in range(30):
            for words in QUESTIONS:
                begun = perf_counter()
                ask(index, Question(words, offset=turn % 3 * 10), DOMAINS)
                times.append((perf_counter() - begun) * 1000)
        times.sort()
        middle, last = median(times), times[int(len(times) * 0.99)]
        yield "search: p50 ms over 100,000", f"{middle:.1f}", "≤ 5", middle <= 5
        yield "search: p99 ms over 100,000", f"{last:.1f}", "≤ 20", last <= 20
