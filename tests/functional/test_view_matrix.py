"""Every view × role × state: each view has a row, and each row is driven for every role and state."""

from dataclasses import replace
from pathlib import Path

import pytest
import transaction
import yaml
from ZODB.utils import p64, u64

from egov.app import configure
from egov.operations.accounts import add_group
from egov.operations.organisation import add_unit
from egov.operations.passes import make_pass
from egov.operations.rights import set_inheritance
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from egov.web.connections import Connections
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


ROUTES = {}  # name -> the methods that it is for


def all_views():
    config = configure({"zodbconn.uri": "memory://"})
    config.commit()
    for entry in config.introspector.get_category("routes"):
        ROUTES[entry["introspectable"]["name"]] = entry["introspectable"]["request_methods"]
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


def allowed_in(row, state):
    """Who may, in a state of the item; "all" for everybody."""
    allowed = row["allowed"]
    return allowed.get(state, allowed.get("else", [])) if isinstance(allowed, dict) else allowed


def test_every_form_of_the_back_office_has_a_row_of_its_own():
    forms = {label(v) for v, _p in all_views() if v["route_name"] == "manage" and is_post(v)}
    assert sorted(forms) == sorted({row["view"] for row in MATRIX if "post" in row})


def is_post(view):
    methods = view["request_methods"] or ROUTES.get(view["route_name"])
    return methods is not None and "POST" in (methods if isinstance(methods, tuple) else [methods])


def test_every_form_of_the_public_face_has_a_row_of_its_own():
    forms = {label(v) for v, _p in all_views() if v["route_name"] != "manage" and is_post(v)}
    assert sorted(forms) == sorted({row["view"] for row in MATRIX if "send" in row})


@pytest.fixture
def items(site):
    """An item in each state, and what forms may name."""
    made = {state: article(site, title=state) for state in STATES}
    for state, steps in STATES.items():
        for step, who in steps:
            advance(made[state], step, by=actor(site, who), comment="原因")
    add_unit(site, "office", "办公室", "department", by=SYSTEM_ACTOR)
    add_group(site, "desk", "值班", by=SYSTEM_ACTOR)
    transaction.commit()
    return made


class Forms:
    """The forms of the matrix, sent by everybody in every state; none of them changes anything for good."""

    def __init__(self, key, items, database, wsgi, browsers, **words):
        self.key, self.items, self.database, self.words = key, items, database, words
        wsgi.registry.connections = self.connections = Forgetful(database)
        self.browsers = browsers

    def __iter__(self):
        for row in MATRIX:
            told = f"{row.get(self.key, '')}{row.get('form', '')}"
            for state in STATES if "{item}" in told or "{uid}" in told else ["draft"]:
                if self.key in row:
                    yield row, state

    def send(self, row, state, who, token):
        """The answer's status, and how many transactions it wrote."""
        item, allowed = self.items[state], allowed_in(row, state)
        words = {"uid": item.uid, "name": item.__name__, "item": f"finance/news/{item.__name__}",
                 "digest": item.work.digest(), **self.words}  # fmt: skip
        path = row[self.key].format(**words)
        form = {key: str(word).format(**words) for key, word in row.get("form", {}).items()}
        self.connections.gives_up = allowed == "all" or who in allowed
        before = u64(self.database.lastTransaction())
        sent = form | ({"csrf_token": token} if token else {})
        browser = self.browsers[who]
        kept = list(browser.cookiejar)
        answer = browser.post(path, sent, status="*", extra_environ=address(path + state + who))
        browser.cookiejar.clear()  # whoever was signed out, or chose something, did not
        for cookie in kept:
            browser.cookiejar.set_cookie(cookie)
        written = len(list(self.database.storage.iterator(p64(before + 1))))
        return answer.status_int, written, self.connections.gives_up


def test_each_form_is_taken_from_whom_its_row_names_and_changes_nothing_for_others(
    database, wsgi, app, sign_in, items
):
    browsers = {who: app if who == "anonymous" else sign_in(who) for who in WHO}
    tokens = {who: token_of(browser) for who, browser in browsers.items()}
    forms, wrong = Forms("post", items, database, wsgi, browsers), []
    for row, state in forms:
        for who in WHO:
            status, written, expected = forms.send(row, state, who, tokens[who])
            refused = status == (302 if who == "anonymous" else 404)
            # A refusal is put on record, and nothing else is.
            if refused == expected or status >= 500 or written > (who != "anonymous"):
                wrong.append((row["view"], who, state, status, written))

    assert wrong == []


def test_each_public_form_is_taken_from_whom_its_row_names_and_with_its_token_only(
    database, wsgi, app, sign_in, site, items
):
    by = actor(site, "reviewer")
    decides = make_pass(site, [items["pending"]], "王局长", 3, by=by, may_decide=True)
    set_inheritance(site["health"], False, by=SYSTEM_ACTOR)
    transaction.commit()
    on = replace(wsgi.registry.egov, mail_host="localhost", base_url="https://www.example.gov.cn")
    wsgi.registry.egov = on  # subscriptions are offered
    browsers = {who: app if who == "anonymous" else sign_in(who) for who in WHO}
    tokens = {who: token_of(browser) for who, browser in browsers.items()}
    forms, wrong = Forms("send", items, database, wsgi, browsers, **{"pass": decides}), []
    for row, state in forms:
        for who in WHO:
            status, written, expected = forms.send(row, state, who, tokens[who])
            told = (row["view"], who, state, status, written)
            if (
                (status < 400) != expected
                or status not in (200, 302, 303, 404)
                or written > (who != "anonymous")
            ):
                wrong.append(told)
            status, written, expected = forms.send(row, state, who, "")
            is_taken = row.get("token") is False and expected
            if (
                (status < 400) != is_taken
                or status not in (200, 302, 303, 400, 404)
                or written > (who != "anonymous")
            ):
                wrong.append((*told, "without token", status, written))

    assert wrong == []


def token_of(browser):
    page = browser.get("/manage/@@account", status="*")
    return (page.follow() if page.status_int == 302 else page).forms[0]["csrf_token"].value


def address(path):
    """An address of its own for each form: how often one sends forms without signing in is limited."""
    return {"REMOTE_ADDR": f"127.0.{sum(map(ord, path)) % 250}.{len(path) % 250}"}


class Forgetful(Connections):
    """Connections whose requests give up what they did when they would commit it, if told so."""

    gives_up = False

    def take(self):
        lease = super().take()
        vars(lease.manager).pop("commit", None)
        if self.gives_up:
            lease.manager.commit = lease.manager.abort
        return lease


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
            allowed = allowed_in(row, state)
            expected = who in allowed or allowed == "all"
            got = browsers[who].get(path, status="*").status_int
            if who == "anonymous" and path.startswith("/manage"):
                fits = got == 302
            else:
                fits = got in (200, 302) if expected else got in (404, 410)
            if not fits:
                wrong.append((row["view"], who, state, got))

    assert wrong == []
