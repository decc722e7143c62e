"""What the doctor finds is repaired and stays on record."""

import pytest
import transaction
from click.testing import CliRunner

from egov.base.errors import Forbidden
from egov.catalog.stream import hour_of
from egov.cli import main
from egov.model.btrees import HourTree
from egov.operations.check import check, repair
from egov.operations.tree import place
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.soak.worker import uri_of
from tests.support.world import PASSWORD, actor, article


def wrong_place(site, item):
    item.__name__ = "elsewhere"


def lost_order(site, item):
    item.__parent__._order.clear()


def miscounted(site, item):
    item.__parent__._count.change(3)


def lost_row(site, item):
    row = item.rows["work"]
    site.catalog.stream(row[0], row[1]).remove(row[2])


def stray_row(site, item):
    row = item.rows["work"]
    site.catalog.stream(row[0], row[1]).add(7, item.uid)


def not_in_the_catalog(site, item):
    site.catalog.nodes.pop(item.uid)


def unknown_placement(site, item):
    place(item, site["finance"]["notices"], by=SYSTEM_ACTOR)
    site.catalog.shown_in[item.uid] = ()


def placement_of_something_deleted(site, item):
    place(item, site["finance"]["notices"], by=SYSTEM_ACTOR)
    item.__parent__.detach(item.__name__)
    site.catalog.unindex(item)


def lost_hour(site, item):
    for step in ("submit", "approve", "publish"):
        advance(item, step, by=SYSTEM_ACTOR)
    site.catalog.newest.clear()


def hour_too_early(site, item):
    lost_hour(site, item)
    shelf, domain, key = item.rows["live"]
    site.catalog.newest[shelf] = HourTree({domain: hour_of(key) - 1})


FAULTS = (
    wrong_place, lost_order, miscounted, lost_row, stray_row, not_in_the_catalog,
    unknown_placement, placement_of_something_deleted, lost_hour, hour_too_early,
)  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_fault_is_found_repaired_and_recorded(site, fault):
    item = article(site)
    article(site, title="另一篇")
    fault(site, item)
    assert list(check(site)) != []

    done, left = repair(site, by=SYSTEM_ACTOR)

    assert done
    assert left == []
    assert "repair" in [record.action for record in site.audit.newest()]


def test_only_the_system_duty_repairs(site):
    with pytest.raises(Forbidden):
        repair(site, by=actor(site, "manager"))


def test_the_command_puts_orphaned_blobs_aside_and_no_others(tmp_path, monkeypatch):
    config = tmp_path / "test.ini"
    (tmp_path / "etc").mkdir()
    spelt = uri_of(tmp_path / "etc" / "..")  # as etc/production.ini names them
    config.write_text(f"[app:main]\nuse = egg:egov\nzodbconn.uri = {spelt}\n")
    monkeypatch.setenv("EGOV_CONFIG", str(config))
    run = CliRunner().invoke
    assert run(main, ["init", "--demo", "--password", PASSWORD]).exit_code == 0
    assert len(list((tmp_path / "blobs").rglob("*.blob"))) > 1
    assert run(main, ["doctor"]).exit_code == 0
    folder = tmp_path / "blobs/0x00/0x00/0x00/0x00/0x00/0x00/0x7f/0x01"
    folder.mkdir(parents=True)
    (folder / "0x03e8000000000000.blob").write_bytes(b"left by a crash")

    assert run(main, ["doctor"]).exit_code == 1
    assert run(main, ["doctor", "--repair"]).exit_code == 0
    assert run(main, ["doctor"]).exit_code == 0
    assert len(list((tmp_path / "blobs.orphans").iterdir())) == 1

    lost = next((tmp_path / "blobs").rglob("*.blob"))
    lost.unlink()
    told = run(main, ["doctor", "--repair"])
    assert told.exit_code == 1
    assert f"文件不见了：{lost}" in told.output
    assert "还有 1 个问题" in told.output
    transaction.abort()
