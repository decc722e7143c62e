"""A container against a plain list: the same names in the same order, whatever is done."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from egov.features.content.article import Article
from egov.model.container import Container
from egov.model.site import Section

numbers = st.integers(min_value=0, max_value=1000)


class Order(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.container = Section("栏目", "")
        self.names = []
        self.made = 0

    def pick(self, number):
        return self.names[number % len(self.names)]

    @rule(is_container=st.booleans())
    def attach(self, is_container):
        self.made += 1
        name = f"n{self.made}"
        self.container.attach(name, (Section if is_container else Article)(name, ""))
        self.names.append(name)

    @precondition(lambda self: self.names)
    @rule(number=numbers)
    def detach(self, number):
        name = self.pick(number)
        node = self.container.detach(name)
        self.names.remove(name)
        assert node.__parent__ is None

    @precondition(lambda self: self.names)
    @rule(number=numbers)
    def rename(self, number):
        self.made += 1
        old, new = self.pick(number), f"n{self.made}"
        uid = self.container[old].uid
        self.container.rename(old, new)
        self.names[self.names.index(old)] = new
        assert self.container.moved[old] == uid

    @precondition(lambda self: self.names)
    @rule(number=numbers, before=numbers)
    def place_before(self, number, before):
        name, other = self.pick(number), self.pick(before)
        self.container.place_before(name, other)
        if name != other:
            self.names.remove(name)
            self.names.insert(self.names.index(other), name)

    @precondition(lambda self: self.names)
    @rule(number=numbers)
    def place_last(self, number):
        name = self.pick(number)
        self.container.place_before(name, None)
        self.names.remove(name)
        self.names.append(name)

    @invariant()
    def the_order_is_the_list_s(self):
        container, names = self.container, self.names
        assert list(container) == list(container.keys()) == names
        assert [(n, node.__name__) for n, node in container.items()] == [(n, n) for n in names]
        assert all(node.__parent__ is container for node in container.values_in_order())
        assert len(container) == len(names)
        assert [c.__name__ for c in container.containers()] == [
            n for n in names if isinstance(container[n], Container)
        ]
        for index, name in enumerate(names):
            assert container.neighbour(name, -1) == (names[index - 1] if index else None)
            after = names[index + 1] if index + 1 < len(names) else None
            assert container.neighbour(name, 1) == after


TestOrder = Order.TestCase
TestOrder.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


@pytest.fixture
def three():
    container = Section("栏目", "")
    for name in "abc":
        container.attach(name, Article(name, ""))
    return container


def test_a_hundred_moves_into_the_same_gap_find_place(three):
    for turn in range(100):
        three.place_before("ac"[turn % 2], "b")
        three.place_before("ca"[turn % 2], "b")

    assert list(three) == ["c", "a", "b"]
    positions = [node.position for node in three.values_in_order()]
    assert positions == sorted(set(positions))


def test_a_taken_name_is_refused_and_nothing_is_lost(three):
    with pytest.raises(KeyError):
        three.attach("a", Article("x", ""))
    with pytest.raises(KeyError):
        three.rename("a", "b")

    assert list(three) == ["a", "b", "c"]


def test_what_is_not_there_is_not_there(three):
    assert "d" not in three
    assert three.get("d") is None
    with pytest.raises(KeyError):
        three["d"]


def test_an_empty_container_is_still_something():
    assert bool(Section("空", ""))
    assert len(Section("空", "")) == 0


def test_many_appended_in_one_moment_keep_their_order(three):
    from datetime import UTC, datetime

    from egov.base import clock

    with clock.frozen(datetime(2026, 1, 1, tzinfo=UTC)):
        for number in range(50):
            three.attach(f"x{number}", Article("x", ""))

    assert list(three) == ["a", "b", "c", *(f"x{number}" for number in range(50))]
