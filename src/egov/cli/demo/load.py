"""Filling a new site group with the demo city: people, portal, departments."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from egov.base import clock
from egov.base.clock import frozen
from egov.cli.demo.portal import STEPS, arrange_home, load_portal, make_sections, read
from egov.model.container import Container
from egov.model.item import Item
from egov.model.ledger import Offer
from egov.model.site import SiteGroup
from egov.operations.accounts import add_group, add_user
from egov.operations.containers import set_workflow
from egov.operations.content import create, edit
from egov.operations.notices import mark_read
from egov.operations.rights import grant, set_inheritance
from egov.operations.submissions import adopt, commission, decline, offer
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR, Actor, actor_for

_raw = read("site.yaml")

PEOPLE: tuple[str, ...] = tuple(_raw["people"])
_ROLES = ("author", "editor", "reviewer", "publisher")
_SHOWN_ON_PORTAL = 12

# How far each kind of item has come, by turns: most are published, every state is there.
_TURNS = (
    "published", "published", "published", "pending", "published", "published", "draft", "published",
    "published", "returned", "published", "published", "approved", "published", "published", "published+draft",
    "published", "published", "withdrawn", "published", "published", "published", "unpublished", "published",
)  # fmt: skip


def load_demo(site: SiteGroup, password: str) -> None:
    """Make people, the portal, departments, sections and some 230 items in all states."""
    for user_id, name in _raw["people"].items():
        add_user(site, user_id, name, password, by=SYSTEM_ACTOR)
    load_portal(site, _people(site))
    turn = 0
    for number, department in enumerate(_raw["departments"]):
        turn = _department(site, department, number, turn)
    arrange_home(site, _people(site))
    set_workflow(site["czj"]["tzgg"], "*", "three-review", by=SYSTEM_ACTOR)
    asked = _raw["commission"]
    by, until = _people(site)["editor"], clock.today() + timedelta(days=10)
    commission(site, site[asked["of"]], asked["title"], until, by=by, brief=asked["brief"])
    for reader in _raw["intranet_readers"]:
        grant(site["swb"], f"user:{reader}", "reader", by=SYSTEM_ACTOR, reason="内部网站")
    with frozen(clock.now() - timedelta(days=3)):
        for user_id in PEOPLE:
            mark_read(site, by=actor_for(site.directory.users[user_id]))


def _people(site: SiteGroup) -> dict[str, Actor]:
    accounts = (site.directory.user(user_id) for user_id in PEOPLE)
    return {role: actor_for(user) for role, user in zip(_ROLES, accounts, strict=False) if user}


def _department(site: SiteGroup, facts: dict[str, Any], number: int, turn: int) -> int:
    values = {key: facts[key] for key in ("title", "short_name", "code", "accent")}
    values |= {
        "organiser": facts["title"],
        "contact": f"电话：0000-80001{number:02d}",
        "description": facts["duty"],
    }
    subsite = create(site, "subsite", values, by=SYSTEM_ACTOR, name=facts["name"])
    if not isinstance(subsite, Container):
        return turn
    group = f"{facts['name']}-staff"
    add_group(site, group, facts["title"], by=SYSTEM_ACTOR)
    grant(subsite, f"group:{group}", "author", by=SYSTEM_ACTOR, reason="部门工作人员")
    for role, person in _people(site).items():
        grant(subsite, f"user:{person.id}", role, by=SYSTEM_ACTOR, reason="演示")
    grant(subsite, "user:chenzg", "manager", by=SYSTEM_ACTOR, may_delegate=True, reason="演示")
    make_sections(subsite, _raw["department_sections"])
    for section, topics in facts["items"].items():
        for topic in topics:
            _item(site, subsite, section, topic, facts, turn)
            turn += 1
    if facts.get("state") == "hidden":
        advance(subsite, "hide", by=SYSTEM_ACTOR)
    if facts.get("intranet"):
        set_inheritance(subsite, False, by=SYSTEM_ACTOR)
    return turn


def _item(
    site: SiteGroup, subsite: Container, section: str, title: str, facts: dict[str, Any], turn: int
) -> None:
    state = "published" if section == "gk" else _TURNS[turn % len(_TURNS)]
    where = subsite[section]
    if not isinstance(where, Container):
        return
    people = _people(site)
    author, reviewer = people["author"], people["reviewer"]
    is_document = section == "zcwj"
    kind = "official_document" if is_document else "page" if section == "gk" else "article"
    values = {
        "title": title,
        "summary": _raw["summary"].format(title=title),
        "body": _body(title, facts),
    }
    values["source"] = facts["title"]
    if is_document:
        values |= _document_facts(facts, turn)
    today = clock.now()
    with frozen(today - timedelta(days=1 + turn * 1.7 % 200, minutes=turn * 37)):
        item = create(where, kind, values, by=author)
        if not isinstance(item, Item):
            return
        who = {"submit": author, "approve": reviewer, "return": reviewer}
        for step in STEPS[state]:
            by = who.get(step, people["publisher"])
            advance(item, step, by=by, comment=_raw["comments"].get(step, ""))
        if state == "published+draft":
            edit(item, {**item.work.values, "title": title + "（修订）"}, by=author)
        news = site["ywdt"]["bmdt"]
        if state == "published" and section == "gzdt" and not facts.get("intranet"):
            _offer(site, item, news, people["editor"], today)


def _offer(site: SiteGroup, item: Item, news: Container, editor: Actor, today: datetime) -> None:
    """Offer a department's news to the portal; most are adopted, one is declined, the last wait."""
    number = 1 + sum(1 for _earlier in site.ledger.offers_of(site.uid))
    if number > _SHOWN_ON_PORTAL + 4:
        return
    made = offer(item, site, by=editor, note="请采用。")
    with frozen(min(today, clock.now() + timedelta(hours=number * 67 % 220))):
        _decide(site, made, news, editor, number)


def _decide(site: SiteGroup, made: Offer, news: Container, editor: Actor, number: int) -> None:
    if number == _SHOWN_ON_PORTAL // 2:
        decline(site, made, by=editor, comment="同一内容已有更完整的稿件。")
    elif number <= _SHOWN_ON_PORTAL:
        adopt(site, made, [news], by=editor)


def _document_facts(facts: dict[str, Any], turn: int) -> dict[str, Any]:
    year = clock.today().year
    return {
        "index_no": f"11420000{facts['code'][-4:]}000{turn:03d}/{year}-{turn:05d}",
        "doc_no": f"临{facts['short_name'][0]}发〔{year}〕{turn + 1}号",
        "issuer": facts["title"],
        "written_on": (clock.today() - timedelta(days=20 + turn)).isoformat(),
        "topic": facts["topic"],
        "validity": ("valid", "valid", "valid", "amended", "repealed", "expired")[turn % 6],
        "keywords": facts["keywords"],
    }


def _body(title: str, facts: dict[str, Any]) -> str:
    return str(_raw["body"]).format(title=title, office=facts["title"], duty=facts["duty"])
