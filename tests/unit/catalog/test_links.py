"""Links within the site: found whatever moves, forgotten when they go."""

from egov.catalog.links import leads_to, links_to
from egov.operations.content import create, edit
from egov.operations.tree import delete, move, place, rename
from egov.operations.usage import uses_of
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.support.world import actor, article


def linking(site, address, title="引文"):
    body = f'<p><a href="{address}">见此</a></p>'
    values = {"title": title, "body": body, "source": "市财政局"}
    return create(site["finance"]["notices"], "article", values, by=SYSTEM_ACTOR)


def test_an_address_leads_where_the_node_is_now(site):
    item = article(site, title="旧名")
    old = "/finance/news/jiu-ming"
    assert leads_to(site, old) is item
    for address in (
        f"/-/node/{item.uid}",
        f"/-/file/{item.uid}/x/y.pdf",
        old + "?a=1#b",
        old + "/@@x",
    ):
        assert leads_to(site, address) is item, address
    rename(item, "xin-ming", by=SYSTEM_ACTOR)
    move(item, site["finance"]["notices"], by=SYSTEM_ACTOR)
    assert leads_to(site, old) is item
    for address in ("/finance/nothing", "https://example.cn/finance", "/-/node/1", "/-/node/x"):
        assert leads_to(site, address) is None, address


def test_links_are_known_by_what_they_lead_to_and_forgotten_with_the_words(site):
    item = article(site)
    other = linking(site, "/finance/news/guan-yu-chun-jie-fang-jia-de-tong-zhi")
    assert links_to(site, item.uid) == [other]
    rename(item, "anders", by=SYSTEM_ACTOR)
    assert links_to(site, item.uid) == [other]
    edit(other, other.work.values | {"body": "<p>没有了</p>"}, by=SYSTEM_ACTOR)
    assert links_to(site, item.uid) == []


def test_the_public_link_counts_while_the_draft_has_dropped_it(site):
    item = article(site)
    other = linking(site, f"/-/node/{item.uid}")
    for step in ("submit", "approve", "publish"):
        advance(other, step, by=SYSTEM_ACTOR)
    edit(other, other.work.values | {"body": "<p>没有了</p>"}, by=SYSTEM_ACTOR)
    assert links_to(site, item.uid) == [other]


def test_what_a_container_takes_with_it_is_used_elsewhere(site):
    item = article(site)
    for step in ("submit", "approve", "publish"):
        advance(item, step, by=SYSTEM_ACTOR)
    other = linking(site, f"/-/node/{item.uid}")
    inner = linking(site, f"/-/node/{item.uid}", "邻居")
    move(inner, site["finance"]["news"], by=SYSTEM_ACTOR)
    placement = place(item, site["health"]["news"], by=SYSTEM_ACTOR)

    uses = uses_of(site["finance"]["news"], SYSTEM_ACTOR)
    assert {(u.node, u.target, u.is_placement) for u in uses.seen} == {
        (other, item, False), (placement, item, True),
    }  # fmt: skip
    assert not uses_of(site["finance"]["notices"], SYSTEM_ACTOR)
    seen_by_editor = uses_of(item, actor(site, "editor"))
    assert (
        [u.node for u in seen_by_editor.seen if u.node is placement],
        seen_by_editor.hidden,
    ) == ([], 1)

    delete(other, by=SYSTEM_ACTOR)
    assert {u.node for u in uses_of(site["finance"]["news"], SYSTEM_ACTOR).seen} == {placement}
