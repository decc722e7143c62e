"""Who sees only what is public of an item learns nothing of its new draft, wherever else the item is shown or named."""

import pytest
import transaction

from egov.model.files import StoredFile
from egov.operations.content import create, edit
from egov.operations.publishing import supersede
from egov.operations.rights import grant
from egov.operations.tree import copy, place
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.support.world import actor, article

SECRET = "机密"
VIEWS = (
    "",
    "/@@history",
    "/@@arrange",
    "/@@delete",
    "/@@grants",
    "/@@effective",
    "/@@rules",
    "/@@used",
)


@pytest.fixture
def rewritten(site):
    """An item of health that is public, and has a new draft with another title, text and file."""
    values = {"title": "公开的标题", "body": "<p>公开</p>", "source": "x"}
    item = create(site["health"]["news"], "article", values, by=SYSTEM_ACTOR)
    for step in ("submit", "approve", "publish"):
        advance(item, step, by=SYSTEM_ACTOR)
    file = StoredFile(b"a,b\n", f"{SECRET}.csv", "text/csv")
    new = {"title": f"{SECRET}新题", "body": f"<p>{SECRET}</p>", "attachments": (file,)}
    edit(item, item.work.values | new, by=SYSTEM_ACTOR)
    grant(site["finance"]["news"], "user:manager", "manager", by=SYSTEM_ACTOR, may_delegate=True)
    return item


def test_a_placement_tells_what_is_public(site, rewritten, sign_in, app):
    news, by = site["finance"]["news"], actor(site, "manager")
    first = place(rewritten, news, by=by)
    second = copy(first, site["finance"]["notices"], by=by)
    transaction.commit()

    assert (first.title, first.__name__) == ("公开的标题", "gong-kai-de-biao-ti")
    browser = sign_in("manager")
    for node in (first, second):
        path = f"/finance/{node.__parent__.__name__}"
        for url in (path, f"/manage{path}", f"/manage{path}/@@activity"):
            assert SECRET not in browser.get(url)
        for view in VIEWS:
            shown = browser.get(f"/manage{path}/{node.__name__}{view}", status="*")
            assert shown.status_int in (200, 302, 404)
            assert SECRET not in shown
    assert SECRET not in "".join(
        r.title + r.reason for r in site.audit.newest() if r.action == "place"
    )


def test_what_takes_anothers_place_is_named_as_the_public_knows_it(site, rewritten, sign_in):
    old, by = article(site), actor(site, "manager")
    for step in ("submit", "approve", "publish"):
        advance(old, step, by=SYSTEM_ACTOR)
    supersede(old, rewritten, by=by)
    transaction.commit()

    path = f"/finance/news/{old.__name__}"
    history = sign_in("manager").get(f"/manage{path}/@@history")
    assert "公开的标题" in history
    assert SECRET not in history
    assert SECRET not in sign_in("manager").get(path)
