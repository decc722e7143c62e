"""Every view × role × state: each view has a row, and each row is driven for every role and state."""

from pathlib import Path

import pytest
import transaction
import yaml

from egov.app import configure
from egov.operations.workflow import advance
from tests.support.world import ROLES, actor, article

MATRIX = yaml.safe_load((Path(__file__).parent / "view_matrix.yaml").read_text("utf-8"))
STATES = {
    "draft": (),
    "pending": (("submit", "author"),),
    "returned": (("submit", "author"), ("return", "reviewer")),
    "approved": (("submit", "author"), ("approve", "reviewer")),
    "published": (("submit", "author"), ("approve", "reviewer"), ("publish", "publisher")),
    "withdrawn": (
        ("submit", "author"), ("approve", "reviewer"), ("publish", "publisher"), ("withdraw", "publisher")
    ),
    "unpublished": (
        ("submit", "author"), ("approve", "reviewer"), ("publish", "publisher"), ("unpublish", "publisher")
    ),
}  # fmt: skip
WHO = ("anonymous", "outsider", *ROLES, "system-admin", "security-admin", "audit-admin")


def all_views():
    config = configure({"zodbconn.uri": "memory://"})
    config.commit()
    for database in config.registry._zodb_databases.values():
        database.close()
    permissions = {
        id(e["introspectable"]): e["related"] for e in config.introspector.get_category("views")
    }
    for entry in config.introspector.get_category("views"):
        view = entry["introspectable"]
        module = getattr(view["callable"], "__module__", "")
        if module.startswith("egov"):
            allowed = [
                r["value"] for r in permissions[id(view)] if r.category_name == "permissions"
            ]
            yield view, allowed


def label(view):
    return f"{view['callable'].__module__}.{view['callable'].__name__}"


def test_every_view_has_a_permission_and_a_row():
    views = list(all_views())
    errors = {"egov.web.errors"}
    ours = [(v, p) for v, p in views if v["callable"].__module__ not in errors]

    assert [label(v) for v, allowed in ours if not allowed] == []
    assert sorted({label(v) for v, _allowed in ours}) == sorted({row["view"] for row in MATRIX})


@pytest.mark.parametrize("state", STATES)
def test_each_row_answers_as_written(state, wsgi, app, sign_in, site):
    item = article(site)
    for step, who in STATES[state]:
        advance(item, step, by=actor(site, who), comment="原因")
    transaction.commit()
    browsers = {who: app if who == "anonymous" else sign_in(who) for who in WHO}
    wrong = []
    for row in MATRIX:
        if "path" not in row:
            continue
        path = row["path"].format(item=f"finance/news/{item.__name__}", uid=item.uid)
        for who in WHO:
            allowed = row["allowed"]
            if isinstance(allowed, dict):
                allowed = allowed.get(state, allowed.get("else", []))
            expected = who in allowed or allowed == "all"
            got = browsers[who].get(path, status="*").status_int
            if who == "anonymous" and path.startswith("/manage"):
                fits = got == 302
            else:
                fits = got in (200, 302) if expected else got in (404, 410)
            if not fits:
                wrong.append((row["view"], who, state, got))

    assert wrong == []
