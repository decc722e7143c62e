"""The static export is what visitors see, makes and writes only what changed, and nothing outside its folder."""

from contextlib import closing
from dataclasses import replace

import pytest
import transaction
from webob import Request

from egov.cli.exporting import _Export, export
from egov.cli.manifest import Manifest
from egov.cli.offline import name_of, page_as_file
from egov.operations.containers import configure
from egov.operations.content import create, edit
from egov.operations.rights import grant, set_inheritance
from egov.operations.tree import move, place
from egov.operations.workflow import advance
from egov.public.map_parts import _Parts
from egov.security.principals import SYSTEM_ACTOR
from tests.support.world import actor, article


def publish(site, title, where="news", department="finance"):
    values = {"title": title, "body": f"<p>{title}的正文。</p>", "source": "局"}
    item = create(site[department][where], "article", values, by=SYSTEM_ACTOR)
    for step in ("submit", "approve", "publish"):
        advance(item, step, by=SYSTEM_ACTOR)
    transaction.commit()
    return item


@pytest.fixture
def router(wsgi):
    return wsgi.application


@pytest.fixture
def filled(site):
    """Two departments with some items in every section."""
    for department in ("finance", "health"):
        for where in ("news", "notices"):
            for number in range(22 if (department, where) == ("finance", "news") else 2):
                publish(site, f"第{number}号", where, department)
    return site


def snapshot(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".egov")
    }


def change_a_text(site, item):
    edit(item, {**item.work.values, "body": "<p>新的正文</p>"}, by=actor(site, "editor"))
    for step in ("submit", "approve", "publish"):
        advance(item, step, by=SYSTEM_ACTOR)


def publish_entry(home):
    entry = create(home, "page", {"title": "关于", "body": "<p>我们</p>"}, by=SYSTEM_ACTOR)
    for step in ("submit", "approve", "publish"):
        advance(entry, step, by=SYSTEM_ACTOR)


CHANGES = {
    "text": change_a_text,
    "unpublish": lambda site, item: advance(item, "unpublish", by=SYSTEM_ACTOR, comment="错"),
    "withdraw": lambda site, item: advance(item, "withdraw", by=SYSTEM_ACTOR, comment="错"),
    "move": lambda site, item: move(item, site["health"]["news"], by=SYSTEM_ACTOR),
    "place": lambda site, item: place(item, site["health"]["news"], by=SYSTEM_ACTOR),
    "new": lambda site, item: publish(site, "新的", "news", "health"),
    "new entry of the footer": lambda site, item: publish_entry(site["health"]),
    "section's name": lambda site, item: configure(
        site["finance"]["news"], {"title": "新名称"}, by=SYSTEM_ACTOR
    ),
    "close a section": lambda site, item: set_inheritance(
        site["finance"]["news"], False, by=SYSTEM_ACTOR
    ),
    "close an item": lambda site, item: set_inheritance(item, False, by=SYSTEM_ACTOR),
    "close a department": lambda site, item: set_inheritance(
        site["finance"], False, by=SYSTEM_ACTOR
    ),
    "hide": lambda site, item: advance(site["finance"]["news"], "hide", by=SYSTEM_ACTOR),
    "new section": lambda site, item: create(
        site["finance"], "section", {"title": "新栏目"}, by=SYSTEM_ACTOR
    ),
    "grant": lambda site, item: grant(site["finance"], "user:outsider", "editor", by=SYSTEM_ACTOR),
    "draft": lambda site, item: article(site, title="草稿"),
}


FAR_REACHING = {"close a section", "close a department", "hide"}


@pytest.mark.parametrize("change", CHANGES)
def test_after_a_change_the_export_is_the_one_that_begins_anew(change, filled, router, tmp_path):
    """The oracle of every dependency: a whole new export, byte for byte."""
    item = publish(filled, "放假通知")
    export(router, tmp_path / "kept")
    CHANGES[change](filled, item)
    transaction.commit()

    after = export(router, tmp_path / "kept")
    export(router, tmp_path / "new")

    assert snapshot(tmp_path / "kept") == snapshot(tmp_path / "new")
    assert change in FAR_REACHING or after.made < after.known
    again = export(router, tmp_path / "kept")
    assert (again.made, again.written, again.removed) == (0, [], [])


def test_one_publication_makes_only_what_shows_it(filled, router, tmp_path):
    item = publish(filled, "放假通知")
    first = export(router, tmp_path)
    assert first.made == first.known > 40

    change_a_text(filled, item)
    transaction.commit()
    after = export(router, tmp_path)

    page = f"finance/news/{item.__name__}/index.html"
    assert page in after.written
    feeds = [
        f"{at}@@{name}.xml" for at in ("finance/news/", "finance/", "") for name in ("feed", "rss")
    ]
    lists = ["finance/news/index.html", "finance/index.html"]
    both = {edition + one for one in (page, *lists) for edition in ("", "zh-hant/")}
    assert set(after.written) <= {*both, *feeds, "sitemap.xml", "sitemap-1.xml"}
    assert after.made < 20


def test_what_is_gone_is_removed_and_what_moved_leads_on(filled, router, tmp_path):
    gone, moved = publish(filled, "要下线的"), publish(filled, "要搬家的")
    export(router, tmp_path)
    advance(gone, "unpublish", by=SYSTEM_ACTOR, comment="错")
    move(moved, filled["health"]["news"], by=SYSTEM_ACTOR)
    transaction.commit()

    report = export(router, tmp_path)

    name = f"finance/news/{gone.__name__}/index.html"
    assert sorted(report.removed) == [name, f"zh-hant/{name}"]
    assert not (tmp_path / "finance/news" / gone.__name__).exists()
    old, new = f"/finance/news/{moved.__name__}", f"/health/news/{moved.__name__}"
    assert f'url={new}"' in (tmp_path / old[1:] / "index.html").read_text("utf-8")
    assert f'"{old}" "{new}";\n' in (tmp_path / "redirects.map").read_text("utf-8")


def test_it_writes_what_a_plain_server_needs(filled, router, tmp_path):
    publish(filled, "放假通知")
    export(router, tmp_path)
    names = snapshot(tmp_path).keys()
    assert {
        "index.html", "404.html", "robots.txt", "sitemap.xml", "sitemap-1.xml", "@@sitemap/index.html",
        "static/public/public.css", "finance/news/page-2/index.html", "finance/news/@@feed.xml",
    } <= names  # fmt: skip
    assert "/sitemap-1.xml" in (tmp_path / "sitemap.xml").read_text("utf-8")
    assert 'href="/finance/news/page-2/"' in (tmp_path / "finance/news/index.html").read_text(
        "utf-8"
    )
    assert not any("search" in name or "correct" in name for name in names)


def test_an_export_that_was_killed_goes_on(filled, router, tmp_path, monkeypatch):
    made = []
    one = _Export._one

    def stops(self, address):
        made.append(address)
        if len(made) == 40:
            self.manifest.commit()
            raise KeyboardInterrupt
        return one(self, address)

    monkeypatch.setattr(_Export, "_one", stops)
    with pytest.raises(KeyboardInterrupt):
        export(router, tmp_path / "kept")
    export(router, tmp_path / "kept")
    before = len(made)
    export(router, tmp_path / "new")

    assert before - 40 == len(made) - before - 39
    assert snapshot(tmp_path / "kept") == snapshot(tmp_path / "new")


def test_site_maps_divide_with_the_site_and_old_ones_go(filled, router, tmp_path, monkeypatch):
    export(router, tmp_path / "kept")
    assert (tmp_path / "kept/sitemap-1.xml").exists()
    monkeypatch.setattr("egov.public.map_parts.IN_MAP", 10)
    publish(filled, "又一件")

    report = export(router, tmp_path / "kept")
    export(router, tmp_path / "new")

    assert "sitemap-1.xml" in report.removed
    assert snapshot(tmp_path / "kept") == snapshot(tmp_path / "new")
    maps = {path.stem for path in (tmp_path / "kept").glob("sitemap-*.xml")}
    assert maps == {f"sitemap-{part}" for part in (4, 5, 6, 7)}
    publish(filled, "再一件")
    after = export(router, tmp_path / "kept")
    assert sum(name.startswith("sitemap-") for name in after.written) == 1


def test_an_export_asks_for_the_parts_of_the_site_map_itself(filled, router, tmp_path, monkeypatch):
    monkeypatch.setattr("egov.public.map_parts.LARGE", 1)
    Request.blank("/sitemap.xml").get_response(router)  # now they are remembered
    looks, look = [], _Parts.__init__
    monkeypatch.setattr(_Parts, "__init__", lambda *args: looks.append("all") or look(*args))
    export(router, tmp_path)
    assert looks == ["all"]


def test_the_traditional_pages_come_and_go_with_their_setting(
    filled, router, tmp_path, monkeypatch
):
    export(router, tmp_path / "kept")
    with_both = snapshot(tmp_path / "kept")
    settings = router.registry.egov
    monkeypatch.setattr(router.registry, "egov", replace(settings, export_hant=False))
    without = export(router, tmp_path / "kept")
    assert all(name.startswith("zh-hant/") for name in without.removed)
    assert not (tmp_path / "kept/zh-hant").exists()
    assert "hreflang" not in (tmp_path / "kept/index.html").read_text("utf-8")
    monkeypatch.setattr(router.registry, "egov", settings)
    export(router, tmp_path / "kept")
    assert snapshot(tmp_path / "kept") == with_both


def test_a_database_that_went_back_is_exported_anew(filled, router, tmp_path):
    export(router, tmp_path)
    with closing(Manifest(tmp_path)) as manifest:
        manifest.set_fact("seen", str(2**62))
    report = export(router, tmp_path)
    assert (report.made, report.written) == (report.known, [])


def test_no_address_leads_out_of_the_folder():
    assert name_of("/../../etc/passwd", is_page=False) == "etc/passwd"
    assert name_of("/%2e%2e/x", is_page=True) == "x/index.html"
    assert name_of("/", is_page=True) == "index.html"
    assert name_of("/a?page=3", is_page=True) == "a/page-3/index.html"
    assert name_of("/.egov-export.sqlite", is_page=False) == ""


ASKING = (
    '<a class="x" href="/finance/@@search?q=1" rel="nofollow">找</a><a href="/manage/x">管</a>'
    '<a href="/managers">人</a><a href="/news?page=2">二</a>'
)


@pytest.mark.parametrize(
    ("server", "told"),
    [
        ("", '<a>找</a><a>管</a><a href="/managers">人</a><a href="/news/page-2/">二</a>'),
        ("/", ASKING.replace("?page=2", "/page-2/")),
        (
            "https://ask.example/",
            ASKING.replace("?page=2", "/page-2/")
            .replace('"/finance/@@', '"https://ask.example/finance/@@')
            .replace('"/manage/', '"https://ask.example/manage/'),
        ),
    ],
)
def test_links_to_the_application_lead_there_or_become_text(server, told):
    assert page_as_file(ASKING, server).decode() == told
