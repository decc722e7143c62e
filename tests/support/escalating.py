"""People with limited rights at the back office's forms and at the commands, in any order, judged after each step.

The judge (`judging`) knows nothing of egov's own rules of delegation: it reads the tree before and after, and asks of
everything that somebody holds now and did not hold before who could have given it.
"""

import contextlib
import tempfile
from datetime import timedelta

import pytest
import transaction
from click.testing import CliRunner
from hypothesis import Phase
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from webtest import TestApp

from egov.base import clock
from egov.base.settings import Settings
from egov.cli import acting, database, main
from egov.model.container import Container
from egov.model.node import inside, lineage
from egov.operations.accounts import add_group
from egov.operations.jobs import run_jobs
from egov.operations.organisation import add_unit, set_posts
from egov.operations.rights import grant, revoke
from egov.security.principals import SYSTEM_ACTOR, Post
from tests.support import world
from tests.support.judging import judge, seen, walk

GANG = ("manager", "editor", "author")
DUTIES = {"system-admin": "system", "security-admin": "security", "audit-admin": "audit"}
PEOPLE = (*GANG, "chief", "publisher", *DUTIES)
ROLES = ("reader", "author", "editor", "reviewer", "publisher", "manager")
PRINCIPALS = (*(f"user:{who}" for who in (*GANG, "publisher")), "group:ruling", "unit:ruling",
              "unit:helping", "Everyone", "Authenticated")  # fmt: skip

# A failing story is told as it was found: to shorten it would take minutes.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)

picks = st.integers(min_value=0, max_value=1000)
# Most of what the others try is refused at once; the manager's tries lead further.
people = st.sampled_from(("manager",) * 4 + ("editor", "author", "chief", *DUTIES))
officers = st.sampled_from(("security-admin",) * 3 + ("system-admin", "manager", "chief", "author"))
watchers = st.sampled_from(("chief", "chief", "manager", "editor"))
principals, roles = st.sampled_from(PRINCIPALS), st.sampled_from(ROLES)
days = st.sampled_from((5, 5, 5, 5, 29, 40, None))


_apps = []


def application():
    """One application for all examples: each brings a database of its own."""
    if not _apps:
        _apps.append(world.application(world.open_database(), {"egov.page_cache_mb": "0"}))
    return _apps[0]


class Escalation(RuleBasedStateMachine):
    """The manager hands on in finance until a day; author and editor have the roles of their names there."""

    @initialize()
    def make_world(self):
        self.database = world.open_database()
        self.site = site = world.build(self.database.open().root())
        world.serve(application(), self.database)
        self.patches = pytest.MonkeyPatch()
        self.patches.setattr(database, "open_root", self.open_root)
        self.patches.setattr(acting, "egov_settings", Settings)
        self.end = clock.now() + timedelta(days=30)
        by = SYSTEM_ACTOR
        for who, hands_on in (("chief", False), ("owner", True)):  # the owner does nothing
            world.add_user(site, who, who, world.PASSWORD, by=by)
            grant(site, f"user:{who}", "manager", by=by, may_delegate=hands_on)
        revoke(site["finance"], "user:manager", "manager", by=by)
        finance, health = site["finance"], site["health"]
        grant(finance, "user:manager", "manager", by=by, may_delegate=True, until=self.end)
        for who in GANG:
            grant(health, f"user:{who}", "author", by=by)
        # Doors beside the tree: a group and a unit that manage health, waiting for members.
        add_group(site, "ruling", "管事的人", by=by)
        for unit in ("ruling", "helping"):
            add_unit(site, unit, f"单位{unit}", "department", by=by)
        set_posts(site, site.directory.user("publisher"), [Post("helping", "科长")], by=by)
        for principal in ("group:ruling", "unit:ruling"):
            grant(health, principal, "manager", by=by, may_delegate=True)
        for where in ("news", "notices"):
            world.article(site, title=where, where=where)
            thing = site["finance"][where][where]
            until = self.end - timedelta(days=1)
            grant(
                thing,
                "user:editor",
                "editor",
                by=world.actor(site, "manager"),
                until=until,
                reason="代班",
            )
        for user in site.directory.users.values():
            user.last_login = clock.now()  # the site is at work: the console alone does little
        self.sessions = {who: site.sessions.start(who) for who in PEOPLE}
        transaction.commit()
        self.is_closed = True  # nobody has come by a side door that was opened for them

    @contextlib.contextmanager
    def open_root(self, **_how):
        connection = self.database.open()
        try:
            yield connection.root()
            transaction.commit()
        finally:
            transaction.abort()
            connection.close()

    def pick(self, number, kind=object):
        """One of the nodes; those of finance come twice, as most can be done there."""
        fit = [n for n in (*walk(self.site["finance"]), *walk(self.site)) if isinstance(n, kind)]
        return fit[number % len(fit)]

    def send(self, who, path, **values):
        """Send a form as somebody; the rights before and after are judged."""
        token, session = self.sessions[who]
        browser = TestApp(application())
        browser.set_cookie("egov_session", token)
        before = seen(self.site)
        browser.post(path, {"csrf_token": session.csrf, **values}, status="*")
        self.judged(who, before)

    def type(self, who, *words):
        """Type a command as somebody who signs in, or as the console; judged like a form."""
        before = seen(self.site)
        named = ["--as", who] if who else []
        done = CliRunner().invoke(main, [*words, *named], input=world.PASSWORD + "\n")
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        self.judged(who or "console", before)

    def judged(self, who, before):
        transaction.begin()
        after = seen(self.site)
        judge(who, before, after)
        # Whom the security administrator brought in may give, and who comes after a leaver holds theirs.
        self.is_closed = self.is_closed and before.people == after.people
        for node in walk(self.site) if self.is_closed else ():
            if node is self.site or inside(node, self.site["health"]):
                for user in GANG:
                    held = {given.role for given in after.held(user, node.uid)}
                    assert held <= {"author", "reader"}, (user, node.title, held)

    def path(self, node):
        names = [n.__name__ for n in lineage(node) if n.__parent__ is not None]
        return "".join(["/manage", *(f"/{name}" for name in reversed(names))])

    @rule(number=picks, who=people, whom=principals, role=roles, hand_on=st.booleans(), days=days)
    def give(self, number, who, whom, role, hand_on, days):
        until = clock.day(clock.now() + timedelta(days=days)) if days else ""
        ticked = {"may_delegate": "1"} if hand_on else {}
        self.send(who, self.path(self.pick(number)) + "/@@grants", do="grant", principal=whom,
                  role=role, until=until, reason="工作需要", confirmed="1", **ticked)  # fmt: skip

    @rule(number=picks, who=people, change=st.sampled_from(("revoke", "longer", "hand-on")))
    def change_one(self, number, who, change):
        node = self.pick(number)
        if not node.grants:
            return
        given = node.grants[number % len(node.grants)]
        page, same = (
            f"{self.path(node)}/@@grants",
            {"principal": given.principal, "role": given.role},
        )
        if change == "revoke":
            self.send(who, page, do="revoke", confirmed="1", **same)
        else:
            until = "" if change == "longer" else clock.day(given.until)
            ticked = {"may_delegate": "1"} if change == "hand-on" else {}
            self.send(
                who, page, do="grant", until=until, reason="延长", confirmed="1", **same, **ticked
            )

    @rule(number=picks, who=people)
    def inherit(self, number, who):
        self.send(who, self.path(self.pick(number)) + "/@@grants", do="inherit", confirmed="1")

    @rule(who=officers, whom=st.sampled_from((*DUTIES, *PEOPLE)), duty=st.sampled_from(
        ("", *DUTIES.values())))  # fmt: skip
    def appoint(self, who, whom, duty):
        self.send(who, f"/manage/@@person?id={whom}", do="duty", duty=duty)

    @rule(whom=st.sampled_from(PEOPLE), duties=st.permutations(list(DUTIES.values())))
    def heap_duties(self, whom, duties):
        """An obliging security administrator gives one duty after the other."""
        for duty in duties:
            self.appoint("security-admin", whom, duty)

    @rule(who=officers, whom=st.sampled_from(PEOPLE), door=st.sampled_from(
        ("group", "groups", "post", "leave", "merge", "close", "import")))  # fmt: skip
    def come_by_a_side_door(self, who, whom, door):
        page, values = {
            "group": ("@@group?id=ruling", {"do": "put", "user": whom}),
            "groups": (f"@@person?id={whom}", {"do": "groups", "group": "ruling"}),
            "post": ("@@unit?id=ruling", {"do": "put", "user": whom, "post": "处长"}),
            "leave": ("@@person?id=publisher", {"do": "hand-over", "to": whom}),
            "merge": ("@@unit?id=helping", {"do": "merge", "into": "ruling", "confirmed": "1"}),
            "close": ("@@users", {"do": "disable", "id": whom}),
            "import": (
                "@@import-people",
                {"do": "import", "text": f"id,unit,groups\n{whom},ruling,ruling"},
            ),
        }[door]
        self.send(who, f"/manage/{page}", **values)
        before = seen(self.site)  # an import is long work, done after the request
        run_jobs(self.database, Settings())
        self.judged(who, before)

    @rule(who=st.sampled_from((*DUTIES, "manager", "")), whom=st.sampled_from(PEOPLE))
    def import_by_command(self, who, whom):
        with tempfile.NamedTemporaryFile("w", suffix=".csv") as table:
            table.write(f"id,unit,groups\n{whom},ruling,ruling\n")
            table.flush()
            self.type(who, "import", "people", table.name)

    @rule(
        number=picks, into=picks, who=people, do=st.sampled_from(("move", "move", "copy", "place"))
    )
    def carry(self, number, into, who, do):
        node, target = self.pick(number), self.pick(into, Container)
        ruled = [n for n in walk(self.site["finance"]) if n.grants][1:]
        if number % 2 and ruled:  # what could take its grants along
            node = ruled[number % len(ruled)]
        if len(seen(self.site).places) < 40:
            path = self.path(target).removeprefix("/manage") or "/"
            home = self.path(node.__parent__ or node)
            self.send(who, home + "/@@transfer", do=do, uid=node.uid, target=path)

    @rule(number=picks, who=people)
    def throw_away(self, number, who):
        node = self.pick(number)
        if node not in (self.site["finance"], self.site["health"]):
            home = self.path(node.__parent__ or node)
            self.send(who, home + "/@@bulk", do="delete", sure="1", uid=node.uid)

    @rule(number=picks, into=picks, who=people, elsewhere=st.booleans())
    def bring_back(self, number, into, who, elsewhere):
        if waiting := list(self.site.trash):
            target = self.path(self.pick(into, Container)).removeprefix("/manage") or "/"
            self.send(who, "/manage/@@trash", uid=waiting[number % len(waiting)], target=target,
                      do="elsewhere" if elsewhere else "restore")  # fmt: skip

    @rule(number=picks, back=st.integers(min_value=0, max_value=3), who=people)
    def take_a_step_back(self, number, back, who):
        node = self.pick(number)
        keys = list(node.log or ())[::-1]
        if keys:
            self.send(who, "/manage/@@undo", uid=node.uid, key=keys[back % len(keys)])

    @rule(
        who=watchers,
        whom=st.sampled_from(("manager", "manager", "editor")),
        number=picks,
        role=roles,
    )
    def look_as_somebody_and_act(self, who, whom, number, role):
        node = self.pick(number)
        self.send(who, "/manage/@@see-as", do="start", id=whom)
        self.send(who, self.path(node) + "/@@grants", do="grant", principal=f"user:{who}",
                  role=role, reason="工作需要", until=clock.day(clock.now()), confirmed="1")  # fmt: skip
        self.send(who, "/manage/@@see-as", do="stop")

    @rule(number=picks, who=people, whom=principals, role=roles, hand_on=st.booleans(), days=days)
    def give_by_command(self, number, who, whom, role, hand_on, days):
        path = self.path(self.pick(number)).removeprefix("/manage") or "/"
        until = ["--until", clock.day(clock.now() + timedelta(days=days))] if days else []
        more = ["--may-delegate"] if hand_on else []
        self.type(who, "grant", path, whom, role, *until, *more, "--yes", "--reason", "工作需要")

    @rule(number=picks, who=people)
    def take_by_command(self, number, who):
        node = self.pick(number)
        if node.grants:
            given = node.grants[number % len(node.grants)]
            path = self.path(node).removeprefix("/manage") or "/"
            self.type(who, "revoke", path, given.principal, given.role, "--yes")

    @rule(who=st.sampled_from((*GANG, *DUTIES, "")), whom=st.sampled_from(PEOPLE), what=st.sampled_from(
        ("grant", "add", "passwd", "manager")))  # fmt: skip
    def try_the_console(self, who, whom, what):
        if (
            what == "manager"
        ):  # it acts by itself, and somebody manages the whole group all the time
            self.type("", "rescue", "manager", whom, "--reason", "想管")
        elif what == "grant":
            self.type("", "grant", "/", whom, "manager", "--yes", "--reason", "想管")
        elif what == "add":
            self.type(who, "user", "add", "puppet", "傀儡")
        elif who not in DUTIES:  # who sets somebody's password is somebody else's rule
            self.type(who, "user", "passwd", whom)

    def teardown(self):
        self.patches.undo()
        transaction.abort()
        self.site._p_jar.close()
        self.database.close()
