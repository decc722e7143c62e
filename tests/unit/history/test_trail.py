"""The trail of a node: what was done, newest first, repeated saving once."""

from egov.features.content.article import Article
from egov.history.trail import note, trail
from egov.security.principals import Actor

ZHANG, LI = (Actor(i, n, frozenset()) for i, n in (("zhang", "张"), ("li", "李")))


def told(node):
    return [(e.by, e.action, e.edition, e.comment) for e in trail(node)]


def test_a_fresh_node_has_no_trail():
    assert trail(Article("题", "")) == []


def test_entries_are_kept_newest_first_even_within_one_moment():
    node = Article("题", "")
    for number in range(20):
        note(node, ZHANG, "submit", edition=number, comment="x")

    assert [e.edition for e in trail(node)] == list(range(19, -1, -1))


def test_repeated_saving_by_one_person_keeps_the_last_entry_only():
    node = Article("题", "")
    note(node, ZHANG, "create", edition=1)
    for _again in range(3):
        note(node, ZHANG, "edit", edition=1)
    note(node, LI, "edit", edition=1)
    note(node, ZHANG, "edit", edition=1)
    note(node, ZHANG, "edit", edition=2)
    note(node, ZHANG, "return", edition=2, comment="原因")

    assert told(node) == [
        ("zhang", "return", 2, "原因"),
        ("zhang", "edit", 2, ""),
        ("zhang", "edit", 1, ""),
        ("li", "edit", 1, ""),
        ("zhang", "edit", 1, ""),
        ("zhang", "create", 1, ""),
    ]
