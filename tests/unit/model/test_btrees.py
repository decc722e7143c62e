"""The trees: read leaf by leaf in both directions; that of all nodes keeps apart who inserts at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transaction import TransactionManager

from egov.model.btrees import DateTree, SpreadTree, UidTree, backwards, forwards
from tests.support import world

UIDS = st.integers(0, (1 << 52) - 1)


@given(
    older=st.dictionaries(UIDS, st.text()),
    deeds=st.lists(st.tuples(st.sampled_from(["set", "pop", "settle"]), UIDS | st.integers(0, 9))),
)
def test_it_holds_what_a_dictionary_would(older, deeds):
    tree, known = SpreadTree(UidTree(older)), dict(older)
    for number, (deed, drawn) in enumerate(deeds):
        uid = sorted(known)[drawn % len(known)] if known and number % 2 else drawn
        if deed == "set":
            tree[uid] = known[uid] = str(number)
        elif deed == "pop":
            assert tree.pop(uid, None) == known.pop(uid, None)
        else:
            tree.settle(uid)

    assert list(tree.items()) == sorted(known.items())
    assert list(tree) == sorted(known)
    assert len(tree) == len(known)
    assert bool(tree) == bool(known)
    for uid in [*known, 5]:
        assert (uid in tree) == (uid in known)
        assert tree.get(uid) == known.get(uid)
        assert list(tree.items(uid, None, True)) == sorted(i for i in known.items() if i[0] > uid)
    if known:
        assert tree[min(known)] == known[min(known)]
        assert (tree.minKey(), tree.maxKey()) == (min(known), max(known))
    with pytest.raises(KeyError):
        tree[-1 if -1 not in known else -2]


def insert(connection, uids):
    tree = connection.root()["tree"]
    for uid in uids:
        tree[uid] = None


def test_who_inserts_while_another_divides_a_leaf_does_not_meet_them():
    database = world.open_database()
    with database.transaction() as connection:
        connection.root()["tree"] = SpreadTree()
        insert(connection, range(0, 1 << 52, 1 << 43))  # eight in each
    one, two = TransactionManager(), TransactionManager()
    writers = [database.open(one), database.open(two)]
    for start, writer in zip((1, (1 << 51) + 1), writers, strict=True):
        insert(writer, range(start, start + 1000))

    one.commit()
    two.commit()

    for writer in writers:
        writer.close()
    with database.transaction() as connection:
        assert len(connection.root()["tree"]) == 512 + 2000
    database.close()


@given(st.dictionaries(st.integers(-500, 500), st.integers(0, 9), max_size=200))
def test_trees_are_read_in_both_directions(known):
    tree = DateTree(known)

    assert list(forwards(tree)) == sorted(known.items())
    assert list(backwards(tree)) == sorted(known.items(), reverse=True)


def test_who_reads_the_beginning_of_a_tree_does_not_load_its_end():
    database = world.open_database()
    with database.transaction() as connection:
        connection.root()["tree"] = DateTree(dict.fromkeys(range(1000), 7))
    connection = database.open()
    tree = connection.root()["tree"]
    connection.getTransferCounts(clear=True)

    assert next(forwards(tree)) == (0, 7)

    assert connection.getTransferCounts()[0] <= 3  # the root, one below it, one leaf
    connection.close()
