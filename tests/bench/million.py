"""The curve: what pages cost, and a start and a process take, as a site group grows from 10,000 to 1,000,000 items.

The items are cut from the real laws where they are at hand, else invented. Each size is measured in a process of its
own, which begins with nothing in memory; times are those of the processor. A cost counts as grown if it more than
doubled while the items grew a hundredfold (the logarithm of their number grew by half). A department with more sections
shows more of them on its page: its objects are judged by the line shown.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from itertools import islice
from pathlib import Path
from statistics import median
from threading import Thread
from time import process_time
from urllib.parse import quote

import transaction
from webtest import TestApp

from egov.app import configure, settle
from egov.cli.generating import fill, invented, lines_of
from egov.operations.content import create
from egov.operations.rights import grant
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from egov.web.urls import public_url
from tests.bench.figures import most_memory
from tests.support import world
from tests.support.shared import BESIDE

SIZES = (10_000, 100_000, 1_000_000)
SITES = 10
RUNS = 15
WORDS = (
    "行政处罚",
    "土地 征收 补偿",
    "许可证",
    "市场监督管理部门",
    "食品安全",
    "环境影响评价 报告",
)
READERS, READ = 8, 250


def settings_of(folder):
    """As production.ini has it."""
    return {
        "zodbconn.uri": f"file://{folder}/Data.fs?blobstorage_dir={folder}/blobs&connection_cache_size=20000"
        "&connection_pool_size=12",
        "egov.search_dir": f"{folder}/search",
    }


def build(folder, size):
    """Make a database of so many published items, a hundredth as many that wait, and people; returns items a second."""
    folder.mkdir(parents=True)
    config = configure(settings_of(folder), create=True)
    config.commit()
    database = config.registry._zodb_databases[""]
    connection = database.open()
    site = world.build(connection.root())
    homes = [
        create(site, "subsite", {"title": f"第{n}局"}, by=SYSTEM_ACTOR, name=f"d{n}")
        for n in range(SITES)
    ]
    laws = Path(os.environ.get("EGOV_SHARED_DATA", BESIDE)) / "laws"
    lines = lines_of((laws,)) if laws.exists() else invented()
    begun = process_time()
    for home in homes:
        for _number in fill(home, lines, size // SITES):
            pass
    speed = size / (process_time() - begun)
    _wait(homes, lines, size // 100)
    config.registry.search.rebuild(site)
    connection.close()
    database.close()
    return speed


def _wait(homes, lines, count):
    """Drafts that wait for review, and who may work there."""
    places = [
        create(home, "section", {"title": "待审"}, by=SYSTEM_ACTOR, name="waiting")
        for home in homes
    ]
    for number, facts in enumerate(islice(lines, count)):
        values = {"title": facts["title"], "body": facts["body"], "source": "甲"}
        advance(
            create(places[number % SITES], "article", values, by=SYSTEM_ACTOR),
            "submit",
            by=SYSTEM_ACTOR,
        )
        if number % 100 == 99:
            transaction.commit()
    for home in homes:
        for role in world.ROLES:
            grant(home, f"user:{role}", role, by=SYSTEM_ACTOR)
    transaction.commit()


def look(folder):
    """The figures of one database, in this process, which has just begun."""
    config = configure(settings_of(folder))
    application = config.make_wsgi_app()
    settle()
    visitor = TestApp(application)
    visitor.get("/")
    figures = {"start to first page, s": process_time()}
    sections, items = _places(config.registry._zodb_databases[""])
    chance = random.Random(1)
    visits = {
        "portal": lambda: "/",
        "department": lambda: f"/d{chance.randrange(SITES)}",
        "section": lambda: chance.choice(sections),
        "page 30 of a section": lambda: f"{chance.choice(sections)}?page=30",
        "item": lambda: chance.choice(items),
        "search": lambda: f"/@@search?q={quote(chance.choice(WORDS))}",
        "site map": lambda: "/sitemap.xml",
    }
    figures |= _cost(visitor, visits)
    clerk = TestApp(application)
    form = clerk.get("/login").forms[0]
    form["id"], form["password"] = "manager", world.PASSWORD
    form.submit()
    visits = {
        "desk": lambda: "/manage",
        "inbox": lambda: "/manage/@@inbox",
        "contents": lambda: f"/manage{chance.choice(sections)}",
        "item page": lambda: f"/manage{chance.choice(items)}",
        "edit form": lambda: f"/manage{chance.choice(items)}/@@edit",
    }
    figures |= _cost(clerk, {f"manage: {name}": path for name, path in visits.items()})
    threads = [Thread(target=_read, args=(application, items, number)) for number in range(READERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    figures["memory after many readers, MB"] = most_memory()
    print(json.dumps(figures))


def _places(database):
    """The addresses of some sections and items, found without loading what is to be measured."""
    connection = database.open(transaction.TransactionManager())
    site = connection.root()["site"]
    sections, items = [], []
    for number in range(SITES):
        for above in site[f"d{number}"].containers():
            for section in above.containers()[:3]:
                sections.append(public_url(section))
                items.extend(f"{sections[-1]}/{name}" for name in islice(section, 0, None, 97))
    connection.close()
    return sections, items


def _cost(browser, visits):
    """The middle time, number of loaded objects and of lines of each kind of page, each time another."""
    figures = {}
    for name, path in visits.items():
        times, loads, lines = [], [], []
        for _run in range(RUNS):
            begun = process_time()
            browser.get(path())
            times.append((process_time() - begun) * 1000)
        for _run in range(RUNS):
            browser.app.registry._zodb_databases[""].cacheMinimize()
            before = _loads(browser)
            page = browser.get(path())
            loads.append(_loads(browser) - before)
            lines.append(
                len(page.html.select("main li")) if page.content_type == "text/html" else 0
            )
        figures[f"{name}, ms"] = median(times)
        figures[f"{name}, objects loaded"] = median(loads)
        figures[f"{name}, lines shown"] = median(lines)
    return figures


def _loads(browser):
    return browser.app.registry.metrics.loads._value.get()


def _read(application, items, number):
    visitor, chance = TestApp(application), random.Random(number)
    for _turn in range(READ):
        visitor.get(chance.choice(items))


def measure(folder, largest=SIZES[-1]):
    """The figures, as (name, figure, budget, kept); databases that are in the folder already are used as they are."""
    found, sizes = {}, [size for size in SIZES if size <= int(largest)]
    for size in sizes:
        place = Path(folder) / str(size)
        if not place.exists():
            speed = build(place, size)
            yield f"{size:,}: import, items/s", f"{speed:.0f}", "≥ 300", speed >= 300
        command = [sys.executable, "-W", "ignore", "-m", "tests.bench.million", str(place)]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        found[size] = json.loads(told.splitlines()[-1])
    curves = {name: [found[size][name] for size in sizes] for name in found[sizes[0]]}
    for name, curve in curves.items():
        asked, kept = _judged(
            name, curve, curves.get(name.replace("objects loaded", "lines shown"))
        )
        yield name, " → ".join(f"{value:.3g}" for value in curve), asked, kept


def _judged(name, curve, lines):
    """What is asked of a curve, and whether it keeps to it; what is loaded may grow with the lines that are shown."""
    if name.startswith("start"):
        return "≤ 5", curve[-1] <= 5
    if name.startswith("memory"):
        return "≤ 1024", curve[-1] <= 1024
    if name.endswith("loaded"):
        shown = max(1, lines[-1] / max(1, lines[0]))
        return "log n a line", curve[-1] <= max(2 * shown * curve[0], curve[0] + 20)
    if name.endswith("shown"):
        return "", ""
    return ("≤ 100", curve[-1] <= 100) if name.startswith("manage") else ("≤ 50", curve[-1] <= 50)


if __name__ == "__main__":
    look(sys.argv[1])
