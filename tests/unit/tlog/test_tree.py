"""The tree against the definitions of RFC 9162, for every size and leaf up to a bound."""

import pytest
from support import reference

from trace_node.tlog import proof
from trace_node.tlog.compact_range import CompactRange
from trace_node.tlog.errors import RangeError
from trace_node.tlog.hasher import SHA256, SM3, by_name
from trace_node.tlog.tree import MemoryTree

ENTRIES = [b"%d" % number for number in range(40)]
LEAVES = [reference.leaf(reference.sha256, entry) for entry in ENTRIES]


@pytest.fixture(scope="module")
def tree() -> MemoryTree:
    return MemoryTree(hasher=SHA256, leaf_hashes=SHA256.leaves(ENTRIES))


def test_roots_are_those_of_the_definition(tree: MemoryTree) -> None:
    for size in range(len(ENTRIES) + 1):
        assert tree.root(size=size) == reference.root(reference.sha256, ENTRIES[:size])


def test_inclusion_proofs_are_those_of_the_definition(tree: MemoryTree) -> None:
    for size in range(1, len(ENTRIES) + 1):
        for index in range(size):
            expected = reference.inclusion(reference.sha256, index, ENTRIES[:size])
            assert tree.inclusion(index=index, size=size) == expected


def test_consistency_proofs_are_those_of_the_definition(tree: MemoryTree) -> None:
    for size2 in range(1, len(ENTRIES) + 1):
        for size1 in range(1, size2 + 1):
            expected = reference.consistency(reference.sha256, size1, ENTRIES[:size2])
            assert tree.consistency(size1=size1, size2=size2) == expected


def test_appending_one_by_one_equals_extending(tree: MemoryTree) -> None:
    one_by_one = MemoryTree(hasher=SHA256)
    for index, leaf_hash in enumerate(LEAVES):
        assert one_by_one.append(leaf_hash) == index
    assert one_by_one.root() == tree.root()
    for level in range(6):
        for index in range(len(LEAVES) >> level):
            assert one_by_one.node(level, index) == tree.node(level, index)


@pytest.mark.parametrize("first", range(20))
def test_extending_a_compact_range_equals_appending(first: int) -> None:
    extended = CompactRange(hasher=SHA256)
    for part in (LEAVES[:first], LEAVES[first : first + 13], LEAVES[first + 13 :]):
        extended.extend(part)
    appended = CompactRange(hasher=SHA256)
    for leaf_hash in LEAVES:
        appended.append(leaf_hash)
    assert extended.hashes == appended.hashes
    assert extended.size == appended.size == len(LEAVES)
    assert extended.root() == reference.root(reference.sha256, ENTRIES)


@pytest.mark.parametrize(("first", "count"), [(0, 40), (1, 39), (7, 9), (8, 8), (5, 0), (31, 2)])
def test_extend_returns_what_became_complete(tree: MemoryTree, first: int, count: int) -> None:
    compact = CompactRange(hasher=SHA256)
    compact.extend(LEAVES[:first])
    complete = compact.extend(LEAVES[first : first + count])
    for level in range(8):
        grown = range(first >> level, (first + count) >> level)
        given = complete[level] if level < len(complete) else []
        assert given == [tree.node(level, index) for index in grown]


def test_a_compact_range_restarts_from_its_hashes() -> None:
    whole = CompactRange(hasher=SHA256)
    whole.extend(LEAVES[:21])
    again = CompactRange(hasher=SHA256, size=whole.size, hashes=whole.hashes)
    aside = whole.copy()
    again.extend(LEAVES[21:])
    assert again.root() == reference.root(reference.sha256, ENTRIES)
    assert aside.root() == whole.root() == reference.root(reference.sha256, ENTRIES[:21])


@pytest.mark.parametrize(
    ("size", "hashes"), [(-1, []), (1, []), (2, [b"x" * 32] * 2), (1, [b"x" * 31])]
)
def test_a_compact_range_refuses_hashes_that_do_not_fit(size: int, hashes: list[bytes]) -> None:
    with pytest.raises(RangeError) as caught:
        CompactRange(hasher=SHA256, size=size, hashes=hashes)
    assert caught.value.field in {"size", "hashes"}


def test_what_cannot_be_proved_is_refused(tree: MemoryTree) -> None:
    for call in (
        lambda: tree.inclusion(index=40),
        lambda: tree.inclusion(index=-1),
        lambda: tree.inclusion(index=0, size=41),
        lambda: tree.consistency(size1=0),
        lambda: tree.consistency(size1=5, size2=4),
        lambda: tree.consistency(size1=5, size2=41),
        lambda: tree.root(size=41),
        lambda: tree.node(1, 20),
        lambda: tree.node(9, 0),
        lambda: proof.root(size=-1, reader=tree),
    ):
        with pytest.raises(RangeError):
            call()


def test_the_empty_tree() -> None:
    assert MemoryTree(hasher=SHA256).root() == reference.sha256(b"")
    assert CompactRange(hasher=SHA256).root() == reference.sha256(b"")


def test_hashers_are_found_by_the_name_in_the_origin() -> None:
    assert by_name("sha256") is SHA256
    assert by_name("sm3") is SM3
    with pytest.raises(Exception, match="known are sm3 and sha256") as caught:
        by_name("md5")
    assert caught.value.reason == "tlog.hash_name"
