"""Whatever the rights are, a search finds exactly what a scan of the tree finds; and it heals after a crash."""

import tempfile
from datetime import timedelta

import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from egov.base import clock
from egov.base.permissions import Permission
from egov.catalog.access import access_of
from egov.catalog.reads import domains_below
from egov.operations.rights import grant, revoke, set_inheritance
from egov.operations.tree import delete, move
from egov.operations.workflow import advance
from egov.search.index import FORMAT, SearchIndex
from egov.search.queries import Question, ask
from egov.security.policy import permits
from egov.security.principals import ANONYMOUS, SYSTEM_ACTOR
from tests.support import world

ROLES = frozenset({"reader", "author", "editor", "reviewer", "publisher", "manager"})
WHERE = ("finance/news", "finance/notices", "finance", "health", "health/news", "/")
steps = st.lists(
    st.tuples(
        st.sampled_from(("open", "close", "hide", "show", "give", "take", "move", "delete", "own")),
        st.sampled_from(WHERE),
        st.integers(0, 5),
    ),
    max_size=12,
)


def node_at(site, path):
    node = site
    for name in path.strip("/").split("/"):
        node = node[name] if name else node
    return node


def do(site, items, what, where, number):
    node, item = node_at(site, where), items[number % len(items)]
    if what in ("open", "close"):
        set_inheritance(node, what == "open", by=SYSTEM_ACTOR)
    elif (
        what in ("hide", "show")
        and node is not site
        and node.state == ("open" if what == "hide" else "hidden")
    ):
        advance(node, "hide" if what == "hide" else "open", by=SYSTEM_ACTOR)
    elif what == "give":
        grant(node, "user:outsider", "reader", by=SYSTEM_ACTOR)
    elif what == "take" and any(g.principal == "user:outsider" for g in node.grants):
        revoke(node, "user:outsider", "reader", by=SYSTEM_ACTOR)
    elif what == "own" and item.uid not in site.trash:
        set_inheritance(item, False, by=SYSTEM_ACTOR)
    elif (
        what == "move" and where.count("/") == 1 and len(where) > 1 and item.__parent__ is not node
    ):
        if item.__name__ not in node and item.uid not in site.trash:
            move(item, node, by=SYSTEM_ACTOR)
    elif what == "delete" and item.uid not in site.trash:
        delete(item, by=SYSTEM_ACTOR)


@settings(max_examples=60, deadline=None)
@given(steps=steps)
def test_a_search_finds_what_a_scan_finds(steps):
    database = world.open_database()
    site = world.build(database.open().root())
    items = [
        world.article(site, title=f"防汛{n}", where=("news", "notices")[n % 2]) for n in range(6)
    ]
    for item in items:
        for step in ("submit", "approve", "publish"):
            advance(item, step, by=SYSTEM_ACTOR)
    with tempfile.TemporaryDirectory() as folder:
        index = SearchIndex(folder)
        index.rebuild(site)
        for what, where, number in steps:
            do(site, items, what, where, number)
        index.refresh(site, at_once=True)
        for actor in (ANONYMOUS, world.actor(site, "outsider"), world.actor(site, "author")):
            domains = access_of(site, actor.principals).domains(ROLES)
            for within in (site, site["finance"], site["health"]):
                answer = ask(index, Question("防汛", limit=50), domains, set(domains_below(within)))
                wanted = {
                    i.uid for i in items
                    if site.catalog.node(i.uid) is not None and permits(actor, Permission.VIEW, i)
                    and any(above is within for above in lineage_of(i))
                }  # fmt: skip
                assert {hit.uid for hit in answer.hits} == wanted
                assert answer.total == len(wanted)
    transaction.abort()
    database.close()


def lineage_of(node):
    while node is not None:
        yield node
        node = node.__parent__


def test_what_a_crash_left_out_is_found_at_the_next_look(site, tmp_path):
    index = SearchIndex(tmp_path / "search")
    index.rebuild(site)
    item = world.article(site, title="防汛")
    for step in ("submit", "approve", "publish"):
        advance(item, step, by=SYSTEM_ACTOR)
    transaction.commit()

    # The process that published is gone; another one, that knows nothing, looks at the journal.
    other = SearchIndex(tmp_path / "search")
    other.refresh(site, at_once=True)
    domains = access_of(site, ANONYMOUS.principals).domains(ROLES)
    assert ask(other, Question("防汛"), domains).total == 1
    assert ask(index, Question("防汛"), domains).total == 1

    # A third does the same once more, and nothing is there twice.
    third = SearchIndex(tmp_path / "search")
    third.refresh(site, at_once=True)
    assert ask(third, Question("防汛"), domains).total == 1


def test_a_rebuild_takes_the_place_of_the_old_index(site, tmp_path):
    item = world.article(site, title="防汛")
    for step in ("submit", "approve", "publish"):
        advance(item, step, by=SYSTEM_ACTOR)
    transaction.commit()
    index = SearchIndex(tmp_path / "search")
    domains = access_of(site, ANONYMOUS.principals).domains(ROLES)
    assert ask(index, Question("防汛"), domains) is None
    seen = []
    assert index.rebuild(site, seen.append) == 1
    assert seen == [1]
    assert ask(index, Question("防汛"), domains).total == 1
    index.rebuild(site)
    assert ask(index, Question("防汛"), domains).total == 1
    assert len([p for p in (tmp_path / "search").iterdir() if p.is_dir()]) == 1


def publish(item):
    for step in ("submit", "approve", "publish"):
        advance(item, step, by=SYSTEM_ACTOR)
    transaction.commit()


def test_who_sees_an_older_database_writes_nothing_older_over_what_is_new(database, site, tmp_path):
    index = SearchIndex(tmp_path / "search")
    index.rebuild(site)
    item = world.article(site, title="防汛")
    publish(item)
    behind = database.open(transaction.TransactionManager())
    assert behind.root()["site"].catalog.node(item.uid).live_state == "published"
    advance(item, "unpublish", by=SYSTEM_ACTOR, comment="错")
    transaction.commit()
    index.refresh(site, at_once=True)

    # Another process, whose transaction began before the item was taken down.
    SearchIndex(tmp_path / "search").refresh(behind.root()["site"], at_once=True)
    behind.close()
    domains = access_of(site, ANONYMOUS.principals).domains(ROLES)
    assert ask(index, Question("防汛"), domains).total == 0


def test_what_arrives_late_with_an_earlier_time_is_not_missed(site, tmp_path):
    early, late = (world.article(site, title="防汛") for _n in range(2))
    index = SearchIndex(tmp_path / "search")
    index.rebuild(site)
    publish(late)
    index.refresh(site, at_once=True)
    # A transaction that began a minute before, and is committed only now.
    with clock.frozen(clock.now() - timedelta(minutes=1)):
        publish(early)
    index.refresh(site, at_once=True)
    domains = access_of(site, ANONYMOUS.principals).domains(ROLES)
    assert ask(index, Question("防汛"), domains).total == 2


def test_an_index_that_cannot_be_opened_is_searched_as_it_was(site, tmp_path, caplog):
    index = SearchIndex(tmp_path / "search")
    publish(world.article(site, title="防汛"))
    index.rebuild(site)
    domains = access_of(site, ANONYMOUS.principals).domains(ROLES)
    assert ask(index, Question("防汛"), domains).total == 1
    (index.folder / "current").write_text(f"{FORMAT}-1")
    index.refresh(site, at_once=True)
    assert ask(index, Question("防汛"), domains).total == 1
    assert ask(SearchIndex(index.folder), Question("防汛"), domains) is None
    assert "could not be opened" in caplog.text


def test_an_index_that_cannot_be_written_is_searched_as_it_is(site, tmp_path, caplog):
    index = SearchIndex(tmp_path / "search")
    publish(world.article(site, title="防汛"))
    index.rebuild(site)
    publish(world.article(site, title="防汛"))
    (place,) = (p for p in index.folder.iterdir() if p.is_dir())
    (place / "seen.new").mkdir()  # nothing can be written there now
    index.refresh(site, at_once=True)
    assert "could not be brought up" in caplog.text
    domains = access_of(site, ANONYMOUS.principals).domains(ROLES)
    assert ask(index, Question("防汛"), domains).total >= 1
    (place / "seen.new").rmdir()
    index.refresh(site, at_once=True)
    assert ask(index, Question("防汛"), domains).total == 2
