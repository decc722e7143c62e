"""Sixty real documents: converted, imported as drafts, reviewed, published, listed and read by the public."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import transaction
from bs4 import BeautifulSoup

from egov.base import html
from egov.base.permissions import Permission
from egov.catalog import reads
from egov.cli.importing import import_documents
from egov.operations.check import check
from egov.operations.workflow import advance
from egov.security.principals import ANONYMOUS
from tests.support.shared import shared_data
from tests.support.world import actor

CONVERTER = Path(__file__).parents[1] / "tools/convert_policies.py"


@pytest.fixture
def lines(tmp_path):
    """The converter's output as a file, and as records."""
    source = shared_data("policies_govcn_2019/policies.json")
    converted = subprocess.run(
        [sys.executable, CONVERTER, source], capture_output=True, check=True, text=True
    ).stdout
    file = tmp_path / "policies.jsonl"
    file.write_text(converted, "utf-8")
    return file, [json.loads(line) for line in converted.split("\n") if line]


def test_sixty_documents_from_the_file_to_the_reader(lines, site, app):
    file, records = lines
    section = site["finance"]["notices"]
    report = import_documents(section, file)
    assert (report.taken, report.refused) == (60, [])
    items = list(section.values_in_order())
    assert {item.state for item in items} == {"draft"}

    for item in items:
        advance(item, "submit", by=actor(site, "manager"))
        advance(item, "approve", by=actor(site, "reviewer"))
        advance(item, "publish", by=actor(site, "publisher"))
    transaction.commit()

    assert list(check(site)) == []
    assert reads.published(section, ANONYMOUS, limit=100).total == 60
    for record, item in zip(records, items, strict=True):
        address = f"/finance/notices/{item.__name__}"
        page = BeautifulSoup(app.get(address).body, "html.parser")
        assert page.h1.text.split() == record["title"].split()
        assert not page.select("main script, main style, main [style], main [onclick]")
        shown = "".join(page.find("main").text.split())
        text = "".join(html.plain(record["body"]).split())
        assert len(text) > 150
        assert text in shown
        assert all(record[key] in shown for key in ("index_no", "issuer") if key in record)
        (found,) = reads.find(
            "index_no", record["index_no"], ANONYMOUS, site, permission=Permission.VIEW
        )
        assert found is item


def test_the_list_of_the_section_leads_to_every_one_of_them(lines, site, app):
    file, records = lines
    import_documents(site["finance"]["notices"], file, publish=True)

    seen, address = set(), "/finance/notices"
    while address:
        page = app.get(address)
        seen |= {a.text.strip() for a in page.html.select("main li a[href]")}
        following = page.html.find("a", rel="next")
        address = following and following["href"]
        address = f"/finance/notices{address}" if address and address.startswith("?") else address

    assert {" ".join(record["title"].split()) for record in records} <= seen
