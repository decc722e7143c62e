"""What a listing of many sections costs: the outline of the tree is remembered, and streams wait for their turn."""

from datetime import timedelta

import pytest
import transaction
from transaction import TransactionManager
from ZODB.POSException import ConflictError

from egov.base import clock
from egov.catalog import reads
from egov.catalog.outline import outline_of
from egov.operations.content import create
from egov.operations.rights import set_inheritance
from egov.operations.tree import delete, move, undelete
from egov.operations.workflow import advance
from egov.security.principals import ANONYMOUS, SYSTEM_ACTOR

SHELF = ("live", "published", "article")


def publish(section, title="公告"):
    item = create(
        section, "article", {"title": title, "body": "<p>文</p>", "source": "局"}, by=SYSTEM_ACTOR
    )
    for step in ("submit", "approve", "publish"):
        advance(item, step, by=SYSTEM_ACTOR)
    return item


def section_in(home, title):
    return create(home, "section", {"title": title}, by=SYSTEM_ACTOR)


def cold_loads(site, task):
    """How many objects a task loads with nothing of the database in memory."""
    connection = site._p_jar
    connection.cacheMinimize()
    connection.getTransferCounts(clear=True)
    task()
    return connection.getTransferCounts()[0]


def listing_loads(site, sections):
    now = clock.now()
    for number in range(sections):
        with clock.frozen(now - timedelta(days=number)):
            publish(section_in(site["health"], f"s{number}"))
    transaction.commit()
    newest = lambda: reads.published(site["health"], ANONYMOUS, limit=5, deep=True).nodes  # noqa: E731
    assert len(newest()) == 5
    return cold_loads(site, newest), cold_loads(site, lambda: reads.last_published(site["health"]))


def test_a_listing_of_many_sections_loads_hardly_more_than_one_of_few(site):
    few = listing_loads(site, 10)
    for child in site["health"].containers():
        delete(child, by=SYSTEM_ACTOR)
    many = listing_loads(site, 100)

    assert [loads - before for loads, before in zip(many, few, strict=True)] <= [20, 10]
    assert many[0] <= 60


def test_a_whole_is_counted_only_when_it_is_asked_for(site):
    publish(site["finance"]["news"])
    publish(site["health"]["news"])
    transaction.commit()
    outline_of(site)
    page = reads.published(site, ANONYMOUS, limit=1, deep=True)

    assert cold_loads(site, lambda: page.nodes) == 0
    assert cold_loads(site, lambda: page.total) > 0
    assert page.total == 2


def test_the_outline_follows_every_change_of_the_tree(site):
    def below(container):
        transaction.commit()
        return {site.catalog.node(uid).title for uid in reads.domains_below(container)}

    finance, health = site["finance"], site["health"]
    item = publish(finance["news"], "甲")
    assert below(finance) == {"市财政局", "工作动态", "通知公告"}

    set_inheritance(item, False, by=SYSTEM_ACTOR)
    section_in(finance["notices"], "转发")
    assert below(finance["notices"]) == {"通知公告", "转发"}
    move(finance["notices"], health["news"], by=SYSTEM_ACTOR)
    assert below(finance) == {"市财政局", "工作动态", "甲"}
    assert below(health["news"]) == {"工作动态", "通知公告", "转发"}

    delete(health["news"], by=SYSTEM_ACTOR)
    assert below(health) == {"市卫生健康委员会", "通知公告"}


def test_an_outline_of_what_is_not_kept_is_not_remembered(site):
    known = outline_of(site)
    section_in(site["finance"], "新栏目")
    assert len(outline_of(site).domains) == len(known.domains) + 1

    transaction.abort()

    assert outline_of(site) is known


def test_what_comes_back_from_the_trash_is_found_below_again(site):
    delete(site["finance"]["news"], by=SYSTEM_ACTOR)
    transaction.commit()
    (uid,) = site.trash
    assert uid not in reads.domains_below(site["finance"])

    undelete(site, uid, by=SYSTEM_ACTOR)
    transaction.commit()

    assert uid in reads.domains_below(site["finance"])


@pytest.fixture
def two(site):
    """The site as two people have it, in which both their sections have shown something on an earlier day."""
    with clock.frozen(clock.now() - timedelta(days=9)):
        for name in ("news", "notices"):
            publish(site["finance"][name])
    transaction.commit()
    managers = TransactionManager(), TransactionManager()
    connections = [site._p_jar.db().open(manager) for manager in managers]
    yield [(c.root()["site"], m) for c, m in zip(connections, managers, strict=True)]
    for connection, manager in zip(connections, managers, strict=True):
        manager.abort()
        connection.close()


def note(site, name, key):
    uid = site["finance"][name].uid
    site.catalog.stream(SHELF, uid).add(key, 7)
    site.catalog._note_hour(SHELF, uid, key)


def test_first_publications_of_an_hour_in_two_sections_do_not_meet(two):
    (one, first), (other, second) = two
    key = -clock.micros(clock.now())
    note(one, "news", key)
    note(other, "notices", key)

    first.commit()
    second.commit()

    first.begin()
    for name in ("news", "notices"):
        assert one.catalog.is_bounded(SHELF, one["finance"][name].uid)


def test_of_two_first_publications_of_an_hour_in_one_section_one_begins_again(two):
    (one, first), (other, second) = two
    key = -clock.micros(clock.now())
    note(one, "news", key)
    note(other, "news", key - 5)

    first.commit()
    with pytest.raises(ConflictError):
        second.commit()
    second.abort()
    note(other, "news", key - 5)
    note(one, "news", key - 9)
    second.commit()
    first.commit()

    first.begin()
    section = one["finance"]["news"].uid
    assert one.catalog.is_bounded(SHELF, section)
    assert len(one.catalog.stream(SHELF, section).dates) == 4


def test_where_all_was_taken_down_and_given_up_new_publications_are_found(site):
    item = publish(site["finance"]["news"])
    transaction.commit()
    advance(item, "unpublish", by=SYSTEM_ACTOR, comment="原因")
    transaction.commit()
    assert site.catalog.give_up_empty(clock.now() + timedelta(days=1))
    transaction.commit()
    assert not site.catalog.newest[SHELF]

    again = publish(site["finance"]["news"], "乙")

    assert reads.published(site, ANONYMOUS, limit=5, deep=True).nodes == [again]


def test_what_stands_where_is_told_part_by_part_and_loads_nothing(site):
    section = section_in(site["health"], "处室")
    inner = section_in(section, "科室")
    apart = publish(section, "另有权限")
    set_inheritance(apart, False, by=SYSTEM_ACTOR)
    transaction.commit()

    told = dict(reads.domains_by_part(site["health"]))
    assert told[section.uid] == reads.domains_below(section) == (section.uid, apart.uid, inner.uid)
    assert set(dict(reads.domains_by_part(site))) == {child.uid for child in site.containers()}
    assert dict(reads.domains_by_part(inner)) == {}

    for number in range(30):
        section_in(site["health"], f"s{number}")
    transaction.commit()
    assert len(list(reads.domains_by_part(site["health"]))) > 30
    assert cold_loads(site, lambda: list(reads.domains_by_part(site["health"]))) < 10
