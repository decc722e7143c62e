"""Whatever they try together, people gain nothing where they manage nothing, and nothing after their time is up."""

import contextlib
from datetime import timedelta

import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from egov.base import clock
from egov.base.errors import EgovError
from egov.model.container import Container
from egov.model.node import inside
from egov.operations.accounts import add_group, set_duty, set_groups
from egov.operations.containers import set_workflow
from egov.operations.content import create
from egov.operations.delegation import all_grants, falling
from egov.operations.leaving import hand_over
from egov.operations.organisation import add_unit, set_member, set_posts
from egov.operations.people import Line, import_people
from egov.operations.rights import grant, revoke, set_inheritance
from egov.operations.tree import copy, delete, move, place, undelete
from egov.operations.undo import undo
from egov.operations.workflow import advance
from egov.security.policy import roles_on, table_for
from egov.security.principals import SYSTEM_ACTOR, Post
from tests.support import world

# The manager hands on in finance until a day; author and editor have the roles of their names there; all three write
# in health and manage nothing there.
GANG = ("manager", "editor", "author")
ROLES = ("reader", "author", "editor", "reviewer", "publisher", "manager")
picks = st.integers(min_value=0, max_value=1000)
gang = st.sampled_from(GANG)
# Most of what the others try is refused at once; the manager's tries lead further.
actors = st.sampled_from(("manager", "manager", "manager", "editor", "author"))


class Escalation(RuleBasedStateMachine):
    @initialize()
    def make_world(self):
        self.database = world.open_database()
        self.site = site = world.build(self.database.open().root())
        self.end = clock.now() + timedelta(days=30)
        self.finance, self.health = site["finance"], site["health"]
        revoke(site["finance"], "user:manager", "manager", by=SYSTEM_ACTOR)
        grant(
            site["finance"],
            "user:manager",
            "manager",
            by=SYSTEM_ACTOR,
            may_delegate=True,
            until=self.end,
        )
        for who in GANG:
            grant(site["health"], f"user:{who}", "author", by=SYSTEM_ACTOR)
        # Doors beside the tree: a group and a unit that manage health, waiting for members.
        self.group = add_group(site, "ruling", "管事的人", by=SYSTEM_ACTOR)
        self.unit = add_unit(site, "ruling", "管事的单位", "department", by=SYSTEM_ACTOR)
        for principal in ("group:ruling", "unit:ruling"):
            grant(site["health"], principal, "manager", by=SYSTEM_ACTOR)
        for where in ("news", "notices"):
            world.article(site, title=where, where=where)
        self.allowed = {"author", "owner", "reader"}

    def nodes(self):
        found, waiting = [], [self.site]
        while waiting:
            node = waiting.pop(0)
            found.append(node)
            if isinstance(node, Container):
                waiting.extend(node.values_in_order())
        return found

    def pick(self, number):
        nodes = self.nodes()
        return nodes[number % len(nodes)]

    def pick_item(self, number):
        items = [n for n in self.nodes() if not isinstance(n, Container)]
        return items[number % len(items)] if items else self.site

    def attempt(self, function, *args, who, **kwargs):
        with contextlib.suppress(EgovError):
            function(*args, by=world.actor(self.site, who), **kwargs)

    @rule(number=picks, whom=gang, role=st.sampled_from(ROLES), who=actors, hand_on=st.booleans(),
          days=st.sampled_from((None, 5, 30)))  # fmt: skip
    def give(self, number, whom, role, who, hand_on, days):
        until = clock.now() + timedelta(days=days) if days else None
        self.attempt(
            grant,
            self.pick(number),
            f"user:{whom}",
            role,
            who=who,
            may_delegate=hand_on,
            until=until,
            reason="工作需要",
        )

    @rule(number=picks, whom=gang, role=st.sampled_from(ROLES), who=actors)
    def take(self, number, whom, role, who):
        self.attempt(revoke, self.pick(number), f"user:{whom}", role, who=who)

    @rule(
        whom=gang,
        who=actors,
        door=st.sampled_from(("group", "groups", "post", "duty", "import", "leave")),
    )
    def come_by_a_side_door(self, whom, who, door):
        site, user = self.site, self.site.directory.user(whom)
        line = Line(1, id=whom, name="改名", unit="ruling", groups="ruling")
        doors = {
            "group": (set_member, site, self.group, user, True),
            "groups": (set_groups, site, user, {"ruling"}),
            "post": (set_posts, site, user, [Post("ruling", "处长")]),
            "duty": (set_duty, site, user, "security"),
            "import": (import_people, site, [line]),
            "leave": (hand_over, site, site.directory.user("publisher"), user),
        }
        self.attempt(*doors[door], who=who)

    @rule(number=picks, who=actors)
    def take_a_step_back(self, number, who):
        node = self.pick(number)
        if node.log:
            self.attempt(undo, self.site, node, node.log.maxKey(), who=who)

    @rule(number=picks, who=actors, inherits=st.booleans())
    def inherit(self, number, who, inherits):
        self.attempt(set_inheritance, self.pick(number), inherits, who=who)

    @rule(number=picks, whom=gang, role=st.sampled_from(ROLES))
    def give_on_an_item(self, number, whom, role):
        item = self.pick_item(number)
        self.attempt(
            grant, item, f"user:{whom}", role, who="manager", until=self.end, reason="工作需要"
        )

    @rule(
        number=picks,
        into=picks,
        who=actors,
        how=st.sampled_from((move, move, copy, place)),
        item=st.booleans(),
    )
    def carry(self, number, into, who, how, item):
        containers = [n for n in self.nodes() if isinstance(n, Container)]
        target = containers[into % len(containers)]
        if len(containers) < 20:
            self.attempt(how, (self.pick_item if item else self.pick)(number), target, who=who)

    @rule(into=picks, kind=st.sampled_from(("article", "section")), who=actors)
    def make(self, into, kind, who):
        target = self.pick(into)
        if isinstance(target, Container):
            self.attempt(
                create,
                target,
                kind,
                {"title": "新的", "body": "<p>文</p>", "source": "局"},
                who=who,
            )

    @rule(number=picks, who=actors, table=st.sampled_from(("direct", "review", "")))
    def steer(self, number, who, table):
        node = self.pick(number)
        if isinstance(node, Container):
            self.attempt(set_workflow, node, "*", table, who=who)

    @rule(number=picks, who=actors)
    def throw_away(self, number, who):
        if (node := self.pick(number)) is not self.finance:
            self.attempt(delete, node, who=who)

    @rule(number=picks, who=actors)
    def bring_back(self, number, who):
        waiting = list(self.site.trash)
        if waiting:
            self.attempt(undelete, self.site, waiting[number % len(waiting)], who=who)

    @rule(number=picks, who=actors, step=st.sampled_from(("submit", "approve", "publish")))
    def step(self, number, who, step):
        self.attempt(advance, self.pick(number), step, who=who)

    @invariant()
    def nothing_is_gained_where_they_manage_nothing(self):
        for node in [self.site, *(n for n in self.nodes() if inside(n, self.health))]:
            for who in GANG:
                assert roles_on(world.actor(self.site, who), node) <= self.allowed
            if not isinstance(node, Container) and node.type_name == "article":
                assert table_for(node).name == "review"

    @invariant()
    def nothing_they_gave_outlasts_them_or_stands_without_support(self):
        for _node, given in all_grants(self.site):
            if given.by in GANG:
                assert given.until is not None
                assert given.until <= self.end

    @invariant()
    def a_revocation_at_the_root_of_it_leaves_nothing(self):
        key = (self.finance.uid, "user:manager", "manager")
        kept = next((held for held in all_grants(self.site) if held.key == key), None)
        if kept is None or kept.grant.by in GANG:
            return
        falls = {held.key for held in falling(self.site, {key: None})}
        given = {held.key for held in all_grants(self.site) if held.grant.by in GANG}
        blocked = any(not n.inherits for n in self.nodes())
        assert blocked or given <= falls

    def teardown(self):
        transaction.abort()
        self.site._p_jar.close()
        self.database.close()


TestEscalation = Escalation.TestCase
TestEscalation.settings = settings(max_examples=150, stateful_step_count=50, deadline=None)
