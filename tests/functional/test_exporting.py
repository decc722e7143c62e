"""The static export is what visitors see, writes only what changed, and nothing outside its folder."""

import transaction

from egov.cli.exporting import _name, export
from egov.operations.content import edit
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.support.world import actor, article


def publish(site, title, where="news"):
    item = article(site, title=title, where=where)
    for step in ("submit", "approve", "publish"):
        advance(item, step, by=SYSTEM_ACTOR)
    transaction.commit()
    return item


def test_an_export_writes_the_site_and_then_only_what_changed(site, wsgi, tmp_path):
    router = wsgi.application
    item = publish(site, "放假通知")
    other = publish(site, "别的", where="notices")
    for number in range(22):
        publish(site, f"第{number}号")
    first = export(router, tmp_path)
    page = tmp_path / "finance/news" / item.__name__ / "index.html"
    assert "放假通知" in page.read_text("utf-8")
    assert "放假通知" in (tmp_path / "finance/news/page-2/index.html").read_text("utf-8")
    assert 'href="/finance/news/page-2/"' in (tmp_path / "finance/news/index.html").read_text(
        "utf-8"
    )
    assert (tmp_path / "static/public/public.css").exists()
    assert first.removed == []

    again = export(router, tmp_path)
    assert (again.written, again.removed) == ([], [])
    assert again.same == len(first.written)

    edit(other, {**other.work.values, "body": "<p>新的正文</p>"}, by=actor(site, "editor"))
    for step in ("submit", "approve", "publish"):
        advance(other, step, by=SYSTEM_ACTOR)
    advance(item, "unpublish", by=SYSTEM_ACTOR, comment="错")
    transaction.commit()
    third = export(router, tmp_path)
    assert f"finance/notices/{other.__name__}/index.html" in third.written
    assert not any("第3号" in name or name.startswith("health") for name in third.written)
    assert third.removed == [f"finance/news/{item.__name__}/index.html"]
    assert not page.exists()


def test_no_address_leads_out_of_the_folder():
    assert _name("/../../etc/passwd", is_page=False) == "etc/passwd"
    assert _name("/%2e%2e/x", is_page=True) == "x/index.html"
    assert _name("/", is_page=True) == "index.html"
    assert _name("/a?page=3", is_page=True) == "a/page-3/index.html"
