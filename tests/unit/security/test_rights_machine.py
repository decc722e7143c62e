"""Random grants, moves and steps against a naive model of the rule of rights."""

import contextlib

import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from egov.base.errors import EgovError
from egov.base.permissions import NODE_PERMISSIONS, Permission
from egov.catalog import reads
from egov.model.container import Container
from egov.operations.check import check
from egov.operations.rights import grant, revoke, set_inheritance
from egov.operations.tree import delete, move, undelete
from egov.operations.workflow import advance
from egov.security.policy import permits, table_for
from egov.security.principals import ANONYMOUS, SYSTEM_ACTOR
from tests.support import world

PEOPLE = ("author", "editor", "reviewer", "outsider")
ROLES = ("reader", "author", "editor", "reviewer", "publisher", "manager")
STEPS = (
    "submit",
    "approve",
    "return",
    "publish",
    "withdraw",
    "unpublish",
    "republish",
    "hide",
    "open",
)
picks = st.integers(min_value=0, max_value=1000)


def naive_roles(principals, node):
    """The rule in its plainest form: climb, collect, stop where nothing is inherited."""
    roles, current, below_hidden = set(), node, False
    while current is not None:
        for given in current.grants:
            if given.principal in principals and not (below_hidden and given.role == "reader"):
                roles.add(given.role)
        if not current.inherits:
            break
        if current.state == "hidden":
            below_hidden = True
        current = current.__parent__
    return roles


def naive_permits(actor, permission, node):
    roles = naive_roles(actor.principals, node)
    if actor.id and node.owner == actor.id and "author" in roles:
        roles.add("owner")
    state = node.state
    if permission == "view" and not isinstance(node, Container):
        state = node.live_state
    row = table_for(node).states.get(state)
    return bool(row and roles & set(row.cells.get(permission, ())))


class Rights(RuleBasedStateMachine):
    @initialize()
    def make_world(self):
        self.database = world.open_database()
        self.site = world.build(self.database.open().root())
        for where in ("news", "notices"):
            for number in range(2):
                world.article(self.site, title=f"{where}{number}", where=where)
        self.trashed = []

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

    def attempt(self, function, *args, **kwargs):
        with contextlib.suppress(EgovError):
            function(*args, by=SYSTEM_ACTOR, **kwargs)

    @rule(number=picks, who=st.sampled_from(PEOPLE), role=st.sampled_from(ROLES))
    def give(self, number, who, role):
        self.attempt(grant, self.pick(number), f"user:{who}", role)

    @rule(number=picks, who=st.sampled_from(PEOPLE), role=st.sampled_from(ROLES))
    def take(self, number, who, role):
        self.attempt(revoke, self.pick(number), f"user:{who}", role)

    @rule(number=picks, inherits=st.booleans())
    def inherit(self, number, inherits):
        self.attempt(set_inheritance, self.pick(number), inherits)

    @rule(number=picks, into=picks)
    def move(self, number, into):
        place = self.pick(into)
        if isinstance(place, Container):
            self.attempt(move, self.pick(number), place)

    @rule(number=picks, step=st.sampled_from(STEPS))
    def step(self, number, step):
        self.attempt(advance, self.pick(number), step, comment="原因")

    @rule(number=picks)
    def throw_away(self, number):
        node = self.pick(number)
        if not isinstance(node, Container):
            self.trashed.append(node.uid)
            self.attempt(delete, node)

    @rule()
    def bring_back(self):
        if self.trashed:
            self.attempt(undelete, self.site, self.trashed.pop())

    @rule()
    def commit(self):
        transaction.commit()

    @invariant()
    def the_policy_follows_the_rule(self):
        actors = [ANONYMOUS, *(world.actor(self.site, who) for who in PEOPLE)]
        for node in self.nodes():
            for actor in actors:
                for permission in NODE_PERMISSIONS:
                    assert permits(actor, permission, node) == naive_permits(
                        actor, permission, node
                    )

    @invariant()
    def the_listings_show_what_may_be_seen_and_nothing_else(self):
        for actor in (ANONYMOUS, world.actor(self.site, "outsider")):
            listed = {n.uid for n in reads.published(self.site, actor, limit=999, deep=True).nodes}
            wanted = {
                n.uid
                for n in self.nodes()
                if not isinstance(n, Container)
                and n.live_state == "published"
                and naive_permits(actor, Permission.VIEW, n)
            }
            assert listed == wanted

    @invariant()
    def everything_fits_together(self):
        assert list(check(self.site)) == []

    def teardown(self):
        transaction.abort()
        self.site._p_jar.close()
        self.database.close()


TestRights = Rights.TestCase
TestRights.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
