"""Every action that a history tells of is taken back from there, or the history says what is done instead.

The actions are read from the code that records them and from the workflow tables: a new one fails here until it has a
story below or a word in `LASTING`.
"""

import ast
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

import egov
from egov.base import clock
from egov.history.actions import ACTIONS, LASTING
from egov.history.deeds import facts, part
from egov.model.default_blocks import default_blocks
from egov.operations.assignments import assign
from egov.operations.checking import waive
from egov.operations.composing import add_block, discard_arrangement, publish_arrangement
from egov.operations.containers import configure, set_workflow
from egov.operations.content import create, edit
from egov.operations.discussion import remark, resolve
from egov.operations.leaving import hand_over
from egov.operations.organisation import add_unit
from egov.operations.ownership import hand_on
from egov.operations.publishing import backdate, confirm, supersede
from egov.operations.reviewing import mark_reviewed, set_review
from egov.operations.rights import grant, revoke, set_inheritance
from egov.operations.schedule import schedule
from egov.operations.search_guide import pin, set_synonyms, unpin
from egov.operations.submissions import adopt, ask_changes, commission, decline, offer, take_back
from egov.operations.tables import drop_table, save_table, version_of
from egov.operations.tree import arrange, copy, delete, move, place, rename, undelete
from egov.operations.undo import can_be_undone, undo
from egov.operations.workflow import advance, discard_draft, restore
from egov.security.principals import SYSTEM_ACTOR
from egov.workflow.stock import TABLES
from tests.support.world import actor, article

SOURCE = Path(egov.__file__).parent
BY = SYSTEM_ACTOR
# Recorded under another name than the code writes there: by a variable, each named below or a step of a table.
BY_VARIABLE = {
    "action": {"edit", "change"},
    "step.name": {step.name for table in TABLES.values() for step in table.transitions},
    "'inherit' if inherits else 'stop_inheriting'": {"inherit", "stop_inheriting"},
    "f'offer_{state}'": {"offer_changes", "offer_declined"},
    "HAND_OVER": {"hand_over"}, "PASS_ON": {"pass_on_grants"}, "UNDO": {"undo"},
}  # fmt: skip


def recorded():
    """The actions of all calls of `record`, as the code has them."""
    found = set()
    for path in SOURCE.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            name = getattr(getattr(call, "func", None), "id", "")
            if name == "record" and len(call.args) == 3:
                what = call.args[1]
                constant = isinstance(what, ast.Constant)
                found |= {what.value} if constant else BY_VARIABLE[ast.unparse(what)]
    return found


def live(site, *steps):
    made = article(site)
    for step in (*("submit", "approve", "publish"), *steps):
        advance(made, step, by=BY, comment="原因")
    return made


def waiting(site, *steps):
    made = article(site)
    for step in ("submit", *steps):
        advance(made, step, by=BY, comment="原因")
    return made


def step(name, make):
    return lambda site: _do(make(site), lambda node: advance(node, name, by=BY, comment="原因"))


def _do(node, do):
    return node, lambda: do(node)


def on(make, do):
    return lambda site: _do(make(site), do)


def portal(do, before=lambda site: None):
    def story(site):
        before(site)
        return _do(site, do)

    return story


def news(do, before=lambda section: None):
    def story(site):
        before(site["finance"]["news"])
        return _do(site["finance"]["news"], do)

    return story


def _offered(do):
    def story(site):
        made = live(site)
        create(site, "section", {"title": "头条"}, by=BY, name="tt")
        offered = offer(made, site, by=BY)
        return made, lambda: do(site, offered)

    return story


def _raw():
    return yaml.safe_load((SOURCE / "workflow/tables/review.yaml").read_text()) | {"name": "ours"}


def _set_table(site):
    save_table(site, _raw(), by=BY, seen=version_of(site, "ours"))


def _remapped(site):
    raw = _raw()
    raw["states"]["odd"] = raw["states"]["pending"] | {"title": "会签"}
    way = {"title": "会签", "from": ["pending"], "to": "odd", "roles": ["manager"]}
    raw["transitions"] += [
        way | {"name": "republish"},
        way | {"name": "retract", "from": ["odd"], "to": "draft"},
    ]
    item = article(site)
    save_table(site, raw, by=BY, seen="")
    set_workflow(site["finance"]["news"], "article", "ours", by=BY)
    item.enter("odd", live=False)
    site.catalog.index(item)
    before = version_of(site, "ours")
    return item, lambda: save_table(site, _raw(), by=BY, seen=before)


def _forced(site):
    made = article(site)
    advance(made, "force", by=actor(site, "publisher"), comment="汛情")
    return made, lambda: confirm(made, by=actor(site, "reviewer"))


def _leaving(site):
    made = article(site)
    leaver, to = site.directory.user("author"), site.directory.user("editor")
    return made, lambda: hand_over(site, leaver, to, by=BY)


def _passed_on(site):
    leaver, to = site.directory.user("reviewer"), site.directory.user("editor")
    return site["finance"], lambda: hand_over(site, leaver, to, by=BY)


def _answered(site):
    for unit in ("one", "two"):
        add_unit(site, unit, unit, "department", by=BY)
    finance = site["finance"]
    configure(finance, finance.values | {"unit": "one"}, by=BY)
    directory = site.directory
    return finance, lambda: hand_on(site, directory.unit("one"), directory.unit("two"), by=BY)


def _block(page):
    add_block(page, default_blocks(page), "text", {"body": "<p>字</p>"}, by=BY)


def _taken_back(site, item):
    key = item.log.maxKey()
    return item, lambda: undo(site, item, key, by=BY)


def _waited_for(site):
    made = waiting(site)
    assign(made, "reviewer", 3, by=BY)
    return made


def _tomorrow(days=1):
    return clock.today() + timedelta(days=days)


def _looked_at(site):
    made = live(site)
    set_review(made, _tomorrow(), "editor", by=BY)
    return made


def _said(site):
    made = waiting(site)
    remark(made, "日期不对", by=BY)
    return made


def _written_over(site):
    made = live(site)
    return edit(made, made.work.values | {"body": "<p>新</p>"}, by=BY)


STORIES = {
    "edit": on(article, lambda n: edit(n, n.work.values | {"body": "<p>新</p>"}, by=BY)),
    "change": on(article, lambda n: edit(n, n.work.values | {"body": "<p>新</p>"}, by=BY, action="change")),
    "submit": step("submit", article),
    "retract": step("retract", waiting),
    "approve": step("approve", waiting),
    "return": step("return", waiting),
    "publish": step("publish", lambda site: waiting(site, "approve")),
    "withdraw": step("withdraw", live),
    "unpublish": step("unpublish", live),
    "republish": step("republish", lambda site: live(site, "withdraw")),
    "force": step("force", article),
    "confirm": _forced,
    "restore": on(live, lambda n: restore(n, 1, by=BY)),
    "discard_draft": on(_written_over, lambda n: discard_draft(n, by=BY)),
    "rename": on(article, lambda n: rename(n, "other", by=BY)),
    "move": on(article, lambda n: move(n, n.__parent__.__parent__["notices"], by=BY)),
    "arrange": on(lambda site: [article(site), article(site, title="乙")][1],
                  lambda n: arrange(n.__parent__, n.__name__, before=next(iter(n.__parent__)), by=BY)),
    "delete": on(article, lambda n: delete(n, by=BY)),
    "grant": on(article, lambda n: grant(n, "user:outsider", "reader", by=BY)),
    "revoke": on(lambda site: site["finance"], lambda n: revoke(n, "user:reader", "reader", by=BY)),
    "inherit": lambda site: (set_inheritance(site["health"], False, by=BY),
                             _do(site["health"], lambda n: set_inheritance(n, True, by=BY)))[1],
    "stop_inheriting": on(lambda site: site["health"], lambda n: set_inheritance(n, False, by=BY)),
    "configure": news(lambda n: configure(n, n.values | {"title": "动态"}, by=BY)),
    "set_workflow": news(lambda n: set_workflow(n, "article", "direct", by=BY)),
    "open": news(lambda n: advance(n, "open", by=BY), lambda n: advance(n, "hide", by=BY)),
    "hide": news(lambda n: advance(n, "hide", by=BY)),
    "schedule": on(live, lambda n: schedule(n, None, clock.now() + timedelta(days=1), by=BY)),
    "backdate": on(live, lambda n: backdate(n, clock.now() - timedelta(days=9), "原件日期", by=BY)),
    "supersede": on(live, lambda n: supersede(n, _other(n), by=BY)),
    "waive": on(waiting, lambda n: waive(n, "已核实", by=BY)),
    "review_date": on(live, lambda n: set_review(n, _tomorrow(), "editor", by=BY)),
    "reviewed": on(_looked_at, lambda n: mark_reviewed(n, 6, "无误", by=BY)),
    "remark": on(waiting, lambda n: remark(n, "日期不对", by=BY)),
    "resolve": on(_said, lambda n: resolve(n, next(iter(n.desk.remarks)), by=BY)),
    "assign": on(waiting, lambda n: assign(n, "reviewer", 3, by=BY)),
    "hand_over": _leaving,
    "pass_on_grants": _passed_on,
    "change_owner": _answered,
    "offer": lambda site: _do(live(site), lambda n: offer(n, site, by=BY)),
    "take_back": _offered(lambda site, made: take_back(site, made, by=BY)),
    "adopt": _offered(lambda site, made: adopt(site, made, [site["tt"]], by=BY)),
    "offer_changes": _offered(lambda site, made: ask_changes(site, made, by=BY, comment="补图")),
    "offer_declined": _offered(lambda site, made: decline(site, made, by=BY, comment="过时")),
    "commission": portal(lambda site: commission(site, site["finance"], "月报", _tomorrow(), by=BY)),
    "arrange_blocks": news(_block),
    "publish_arrangement": news(lambda n: publish_arrangement(n, by=BY), _block),
    "discard_arrangement": news(lambda n: discard_arrangement(n, by=BY),
                                lambda n: (_block(n), publish_arrangement(n, by=BY), _block(n))),
    "set_synonyms": portal(lambda site: set_synonyms(site, "身份证 居民身份证", by=BY)),
    "pin_result": lambda site: _do(site, lambda s: pin(s, "放假", live(site), by=BY)),
    "unpin_result": portal(lambda site: unpin(site, "放假", site.guide.pinned("放假")[0], by=BY),
                           lambda site: pin(site, "放假", live(site), by=BY)),
    "set_table": portal(_set_table),
    "drop_table": portal(lambda site: drop_table(site, "ours", by=BY), _set_table),
    "remap": _remapped,
    "undo": lambda site: _taken_back(site, _waited_for(site)),
}  # fmt: skip
# What makes something goes back into the trash.
MADE = {
    "create": lambda site, item: article(site, title="乙"),
    "copy": lambda site, item: copy(item, item.__parent__, by=BY),
    "place": lambda site, item: place(item, site["health"]["news"], by=BY),
    "undelete": lambda site, item: (delete(item, by=BY), undelete(site, item.uid, by=BY))[1],
}


def _other(item):
    made = article(item.__parent__.__parent__.__parent__, title="新办法")
    for name in ("submit", "approve", "publish"):
        advance(made, name, by=BY)
    return made


def everything(site, node):
    """All that a story may change, on its node and in the registers of the site."""
    found = facts(node)
    found["grants"] = {(g.principal, g.role, g.until, g.may_delegate) for g in node.grants}
    remarks = (getattr(node, "desk", None) and node.desk.remarks) or ()
    names = [part("remark", key) for key in remarks]
    return found | facts(node, names) | {"grants": found["grants"], "title": node.title} | {
        "offers": [made.__getstate__() | {"placements": shown(site, made)}
                   for made in site.ledger.offers_of(site.uid)],
        "commissions": [made.title for made in site.ledger.commissions_of(site.uid)],
        "tables": {name: kept.raw for name, kept in site.tables.items()},
        "tasks": sorted(site.tasks._stages), "unreviewed": sorted(site.unreviewed),
        "agenda": getattr(node, "publish_at", None), "attached": node.__parent__,
    }  # fmt: skip


def shown(site, offer):
    return [uid for uid in offer.placements if site.catalog.node(uid) is not None]


def test_each_action_has_a_story_or_says_what_is_done_instead():
    told = STORIES.keys() | MADE.keys() | LASTING.keys()
    assert recorded() - told == set()
    assert recorded() - ACTIONS.keys() == set()
    assert STORIES.keys() & LASTING.keys() == set()


@pytest.mark.parametrize("name", sorted(STORIES))
def test_what_was_done_is_taken_back(site, name):
    node, do = STORIES[name](site)
    before = everything(site, node)
    do()
    assert everything(site, node) != before
    key = next(k for k, entry in reversed(list(node.log.items())) if entry.action == name)
    if name == "remap":  # its old state must be there again
        undo(site, site, site.log.maxKey(), by=BY)
    if name in ("hand_over", "pass_on_grants"):  # nothing goes back to a closed account
        for who in ("author", "reviewer"):
            site.directory.user(who).disabled = False

    undo(site, node, key, by=BY)

    after = everything(site, node)
    assert {k: v for k, v in after.items() if v != before[k]} == {}


@pytest.mark.parametrize("name", sorted(MADE))
def test_what_was_made_goes_into_the_trash(site, name):
    made = MADE[name](site, live(site))
    assert made.log[made.log.maxKey()].action == name
    undo(site, made, made.log.maxKey(), by=BY)
    assert site.catalog.node(made.uid) is None
    assert made.uid in site.trash


@pytest.mark.parametrize("name", sorted(LASTING))
def test_what_stands_for_good_is_offered_to_nobody(site, name):
    entry = article(site).log.values()[0]._replace(action=name)
    assert not can_be_undone(entry)
    assert LASTING[name]
