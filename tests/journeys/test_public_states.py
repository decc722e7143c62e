"""What a visitor meets besides the usual pages: refusals, thanks, forms gone wrong, previews, a site that is away."""

import time

import pytest
import transaction

from egov.operations.content import create, edit
from egov.operations.passes import make_pass
from egov.operations.publishing import Update
from egov.operations.rights import set_inheritance
from egov.operations.subscriptions import subscribe, subscriptions_of
from egov.operations.workflow import advance
from egov.public import sections
from egov.security.principals import ANONYMOUS, SYSTEM_ACTOR
from egov.web.maintenance import Maintenance
from tests.support.html_checker import html_errors
from tests.support.page_kinds import WAYS
from tests.support.serving import serving
from tests.support.world import actor, article

pytestmark = pytest.mark.browser


class World:
    """What the ways to the pages need to know."""

    def __init__(self, site, flag):
        self.site, self.flag, self.token = site, flag, ""

    def subscribed(self):
        """The secret of a subscription that waits to be confirmed."""
        transaction.begin()
        email = f"li{time.monotonic_ns()}@example.com"
        subscribe(self.site["finance"]["news"], email, by=ANONYMOUS)
        transaction.commit()
        (made,) = subscriptions_of(self.site).of_email(email)
        return made.token


def published(site, title):
    item = article(site, title=title)
    for step in ("submit", "approve", "publish"):
        advance(item, step, by=SYSTEM_ACTOR)
    return item


@pytest.fixture
def states(site, wsgi, tmp_path, monkeypatch, mailed):
    """A page in every state that WAYS leads to."""
    world = World(site, tmp_path / "maintenance")
    item = published(site, "重要")
    edit(item, {**item.work.values, "summary": "补充说明"}, by=SYSTEM_ACTOR)
    for step in ("submit", "approve"):
        advance(item, step, by=SYSTEM_ACTOR)
    advance(item, "publish", by=SYSTEM_ACTOR, update=Update("补充了联系电话"))
    advance(published(site, "下线"), "unpublish", by=SYSTEM_ACTOR, comment="有误")
    advance(published(site, "撤回"), "withdraw", by=SYSTEM_ACTOR, comment="数字有误")
    for number in range(24):
        published(site, f"第{number}号通知")
    for name, layout in (("closed", "list"), ("broken", "single")):
        values = {"title": "栏目", "layout": layout}
        create(site["finance"], "section", values, by=SYSTEM_ACTOR, name=name)
    set_inheritance(site["finance"]["closed"], False, by=SYSTEM_ACTOR)

    def breaks(_context, _request):
        raise RuntimeError("broken on purpose")

    monkeypatch.setitem(sections._PAGES, "single", breaks)
    draft = article(site, title="新稿")
    transaction.commit()
    world.token = make_pass(site, [draft], "王局长", 3, by=actor(site, "manager"))
    transaction.commit()
    return world


@pytest.fixture
def server(wsgi, states):
    with serving(Maintenance(wsgi, str(states.flag))) as address:
        yield address


COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"], "resultTypes": ["violations"]}
SETTINGS = {
    "dark": {"color_scheme": "dark"},
    "more contrast": {"contrast": "more"},
    "dark, more contrast": {"color_scheme": "dark", "contrast": "more"},
    "forced": {"forced_colors": "active"},
}
USUAL = {
    "color_scheme": "light", "contrast": "no-preference", "forced_colors": "none", "reduced_motion": "reduce",
}  # fmt: skip  # no colour is judged while it turns into another


PARTS = 4  # each of which a busy machine is through with in time


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("width", [320, pytest.param(1280, marks=pytest.mark.whole)])
def test_every_page_a_visitor_may_meet_can_be_used_by_everybody(
    person, states, width, part, tmp_path
):
    visitor = person(size={"width": width, "height": 800})
    page, faults, bodies = visitor.page, [], {}
    page.emulate_media(**USUAL)
    seen = []
    page.on("response", lambda r: seen.append(r) if r.request.resource_type == "document" else None)
    for kind, (_views, status, way) in list(WAYS.items())[part::PARTS]:
        way(visitor, states)
        if status is not None and seen[-1].status != status:
            faults.append((kind, seen[-1].status))
        bodies[kind] = seen[-1].body()
        faults += [(kind, *fault) for fault in visitor.faults()]
        if width > 320:
            for name, media in SETTINGS.items():
                page.emulate_media(**(USUAL | media))
                found = page.evaluate("options => axe.run(options)", COLOURS)["violations"]
                faults += [(kind, name, v["id"], v["nodes"][0]["html"][:200]) for v in found]
            page.emulate_media(**USUAL)
    # The browser says that an answer was an error; anything else is one of ours.
    visitor.complaints[:] = [
        c for c in visitor.complaints if "the server responded with a status of" not in c
    ]

    assert faults == [], "\n".join(map(str, faults))
    if width > 320:
        assert html_errors(bodies, tmp_path / "html") == []
