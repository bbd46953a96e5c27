"""For all trees: right proofs are accepted, and nothing else is."""

from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import reference

from trace_node.crypto.sm3 import sm3
from trace_node.tlog.compact_range import CompactRange
from trace_node.tlog.errors import ProofError
from trace_node.tlog.hasher import SHA256, SM3, TreeHasher
from trace_node.tlog.tree import MemoryTree
from trace_node.tlog.verify import verify_consistency, verify_inclusion

LARGEST = 300
ENTRIES = [b"%d" % number for number in range(LARGEST)]
TREES = {
    hasher.name: MemoryTree(hasher=hasher, leaf_hashes=hasher.leaves(ENTRIES))
    for hasher in (SM3, SHA256)
}
HASHES = {"sm3": sm3, "sha256": reference.sha256}
ROOTS = {
    name: [tree.root(size=size) for size in range(LARGEST + 1)] for name, tree in TREES.items()
}


class Inclusion(NamedTuple):
    hasher: TreeHasher
    index: int
    size: int
    leaf_hash: bytes
    proof: tuple[bytes, ...]
    root: bytes

    def check(self) -> None:
        verify_inclusion(**self._asdict())


class Consistency(NamedTuple):
    hasher: TreeHasher
    size1: int
    size2: int
    root1: bytes
    root2: bytes
    proof: tuple[bytes, ...]

    def check(self) -> None:
        verify_consistency(**self._asdict())


def _inclusion(name: str, index: int, size: int) -> Inclusion:
    tree = TREES[name]
    return Inclusion(
        hasher=tree.hasher,
        index=index,
        size=size,
        leaf_hash=tree.node(0, index),
        proof=tuple(tree.inclusion(index=index, size=size)),
        root=ROOTS[name][size],
    )


def _consistency(name: str, size1: int, size2: int) -> Consistency:
    tree = TREES[name]
    return Consistency(
        hasher=tree.hasher,
        size1=size1,
        size2=size2,
        root1=ROOTS[name][size1],
        root2=ROOTS[name][size2],
        proof=tuple(tree.consistency(size1=size1, size2=size2)),
    )


@st.composite
def inclusions(draw: st.DrawFn) -> Inclusion:
    size = draw(st.integers(1, LARGEST))
    index = draw(st.integers(0, size - 1))
    return _inclusion(draw(st.sampled_from(["sm3", "sha256"])), index, size)


@st.composite
def consistencies(draw: st.DrawFn) -> Consistency:
    size2 = draw(st.integers(1, LARGEST))
    size1 = draw(st.integers(1, size2))
    return _consistency(draw(st.sampled_from(["sm3", "sha256"])), size1, size2)


def _flip(value: bytes, bit: int) -> bytes:
    return (int.from_bytes(value, "big") ^ 1 << bit).to_bytes(len(value), "big")


def _flips_of_hash(value: bytes, seed: int) -> list[bytes]:
    """The value with one bit flipped: a few bits that ``seed`` picks, so that all get their turn."""
    return [_flip(value, (seed + step * 37) % 256) for step in range(7)]


def _flips_of_number(value: int) -> list[int]:
    return [value ^ 1 << bit for bit in range(64)]


def _refused(case: Inclusion | Consistency) -> None:
    with pytest.raises(ProofError) as caught:
        case.check()
    assert caught.value.reason.startswith("tlog.proof.")


@pytest.mark.parametrize(
    "size", [*range(1, 34), 63, 64, 65, 100, 127, 128, 129, 255, 256, 257, 300]
)
def test_every_inclusion_proof_is_accepted_and_exact(size: int) -> None:
    for index in range(size):
        case = _inclusion("sha256", index, size)
        case.check()
        _refused(case._replace(proof=(*case.proof, bytes(32))))
        if case.proof:
            _refused(case._replace(proof=case.proof[:-1]))
            _refused(case._replace(proof=case.proof[1:]))


@pytest.mark.parametrize("size2", [*range(1, 34), 63, 64, 65, 100, 128, 129, 256, 257, 300])
def test_every_consistency_proof_is_accepted_and_exact(size2: int) -> None:
    for size1 in range(1, size2 + 1):
        case = _consistency("sha256", size1, size2)
        case.check()
        _refused(case._replace(proof=(*case.proof, bytes(32))))
        if case.proof:
            _refused(case._replace(proof=case.proof[:-1]))
            _refused(case._replace(proof=case.proof[1:]))


@given(case=inclusions())
def test_sound_inclusion_agrees_with_the_reference(case: Inclusion) -> None:
    case.check()
    expected = reference.inclusion(HASHES[case.hasher.name], case.index, ENTRIES[: case.size])
    assert list(case.proof) == expected


@given(case=consistencies())
def test_sound_consistency_agrees_with_the_reference(case: Consistency) -> None:
    case.check()
    expected = reference.consistency(HASHES[case.hasher.name], case.size1, ENTRIES[: case.size2])
    assert list(case.proof) == expected


@given(case=inclusions(), seed=st.integers(0, 255))
def test_any_flipped_bit_of_an_inclusion_is_refused(case: Inclusion, seed: int) -> None:
    for spoilt in _flips_of_hash(case.leaf_hash, seed):
        _refused(case._replace(leaf_hash=spoilt))
    for spoilt in _flips_of_hash(case.root, seed):
        _refused(case._replace(root=spoilt))
    for place, value in enumerate(case.proof):
        for spoilt in _flips_of_hash(value, seed + place):
            proof = (*case.proof[:place], spoilt, *case.proof[place + 1 :])
            _refused(case._replace(proof=proof))
    for index in _flips_of_number(case.index):
        _refused(case._replace(index=index))
    _refused(case._replace(index=-1 - case.index))


@given(case=inclusions())
def test_a_flipped_bit_of_the_size_is_refused_or_proves_the_same_path(case: Inclusion) -> None:
    """RFC 9162 proofs do not commit to the size where the path has the same shape in both trees.

    So the size must come from the checkpoint, whose root belongs to it alone: see the next test.
    """
    for size in _flips_of_number(case.size):
        expected = _shape(case.index, size)
        if expected != _shape(case.index, case.size):
            _refused(case._replace(size=size))
        else:
            case._replace(size=size).check()


@given(case=inclusions(), data=st.data())
def test_size_and_root_of_another_checkpoint_are_refused(
    case: Inclusion, data: st.DataObject
) -> None:
    other = data.draw(st.integers(1, LARGEST).filter(lambda size: size != case.size))
    _refused(case._replace(size=other, root=ROOTS[case.hasher.name][other]))


@given(case=consistencies(), seed=st.integers(0, 255))
def test_any_flipped_bit_of_a_consistency_is_refused(case: Consistency, seed: int) -> None:
    for spoilt in _flips_of_hash(case.root1, seed):
        _refused(case._replace(root1=spoilt))
    for spoilt in _flips_of_hash(case.root2, seed):
        _refused(case._replace(root2=spoilt))
    for place, value in enumerate(case.proof):
        for spoilt in _flips_of_hash(value, seed + place):
            proof = (*case.proof[:place], spoilt, *case.proof[place + 1 :])
            _refused(case._replace(proof=proof))
    if case.size1 != case.size2:
        for size1 in _flips_of_number(case.size1):
            _refused(case._replace(size1=size1))


@given(case=consistencies(), data=st.data())
def test_another_tree_of_the_same_log_is_refused(case: Consistency, data: st.DataObject) -> None:
    sizes = st.integers(1, LARGEST)
    roots = ROOTS[case.hasher.name]
    other1 = data.draw(sizes.filter(lambda size: size != case.size1))
    other2 = data.draw(sizes.filter(lambda size: size != case.size2))
    _refused(case._replace(size1=other1, root1=roots[other1]))
    _refused(case._replace(size2=other2, root2=roots[other2]))
    _refused(case._replace(root1=roots[other1]))
    _refused(case._replace(root2=roots[other2]))


@given(cuts=st.lists(st.integers(0, LARGEST), max_size=6))
def test_batches_do_not_matter(cuts: list[int]) -> None:
    leaves = [TREES["sm3"].node(0, index) for index in range(LARGEST)]
    compact = CompactRange(hasher=SM3)
    borders = [0, *sorted(cuts), LARGEST]
    for start, stop in pairwise(borders):
        complete = compact.extend(leaves[start:stop])
        for level, hashes in enumerate(complete):
            expected = range(start >> level, stop >> level)
            assert hashes == [TREES["sm3"].node(level, index) for index in expected]
        assert compact.root() == ROOTS["sm3"][stop]
        assert compact.hashes == CompactRange(hasher=SM3, size=stop, hashes=compact.hashes).hashes


def _shape(index: int, size: int) -> list[bool] | None:
    """On which sides the siblings of a leaf's path lie; all that an inclusion proof shows of the size."""
    if not 0 <= index < size < 2**63:
        return None
    sides = []
    last = size - 1
    while last:
        if index & 1 or index < last:
            sides.append(bool(index & 1))
        index >>= 1
        last >>= 1
    return sides
