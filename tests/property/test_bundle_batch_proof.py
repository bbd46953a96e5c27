"""One proof for many leaves: it holds for the right leaves and for nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trace_node.tlog.batch_proof import build_batch_proof, verify_batch
from trace_node.tlog.errors import ProofError, RangeError
from trace_node.tlog.hasher import SHA256, SM3
from trace_node.tlog.tree import MemoryTree

Choice = tuple[int, list[int], str]
HASHERS = {"sm3": SM3, "sha256": SHA256}


def _tree(size: int, name: str = "sha256") -> tuple[MemoryTree, list[bytes]]:
    hasher = HASHERS[name]
    leaves = hasher.leaves(str(index).encode() for index in range(size))
    return MemoryTree(hasher=hasher, leaf_hashes=leaves), leaves


@st.composite
def _choices(draw: st.DrawFn) -> Choice:
    size = draw(st.integers(1, 200))
    indexes = draw(st.sets(st.integers(0, size - 1), min_size=1))
    return size, sorted(indexes), draw(st.sampled_from(sorted(HASHERS)))


def _check(tree: MemoryTree, leaves: list[bytes], choice: Choice, proof: list[bytes]) -> None:
    size, indexes, _ = choice
    verify_batch(
        hasher=tree.hasher,
        leaf_hashes=[leaves[index] for index in indexes],
        indexes=indexes,
        size=size,
        proof=proof,
        root=tree.root(size=size),
    )


@given(_choices(), st.integers(0, 60))
def test_holds_for_every_choice_of_leaves(choice: Choice, more: int) -> None:
    size, indexes, name = choice
    tree, leaves = _tree(size + more, name)  # the log may have grown since
    _check(tree, leaves, choice, build_batch_proof(indexes=indexes, size=size, reader=tree))


@given(_choices(), st.data())
def test_any_flipped_bit_is_refused(choice: Choice, data: st.DataObject) -> None:
    size, indexes, name = choice
    tree, leaves = _tree(size, name)
    proof = build_batch_proof(indexes=indexes, size=size, reader=tree)
    parts = [*proof, *(leaves[index] for index in indexes), tree.root()]
    place = data.draw(st.integers(0, len(parts) - 1))
    bit = data.draw(st.integers(0, 255))
    changed = bytearray(parts[place])
    changed[bit // 8] ^= 1 << bit % 8
    parts[place] = bytes(changed)
    with pytest.raises(ProofError) as caught:
        verify_batch(
            hasher=tree.hasher,
            leaf_hashes=parts[len(proof) : -1],
            indexes=indexes,
            size=size,
            proof=parts[: len(proof)],
            root=parts[-1],
        )
    assert caught.value.reason == "tlog.proof.root"


@given(_choices(), st.data())
def test_a_missing_or_an_extra_hash_is_refused(choice: Choice, data: st.DataObject) -> None:
    size, indexes, name = choice
    tree, leaves = _tree(size, name)
    proof = build_batch_proof(indexes=indexes, size=size, reader=tree)
    place = data.draw(st.integers(0, len(proof)))
    with pytest.raises(ProofError) as caught:
        _check(tree, leaves, choice, [*proof[:place], bytes(32), *proof[place:]])
    assert caught.value.reason in {"tlog.proof.length", "tlog.proof.root"}
    if proof:
        with pytest.raises(ProofError) as caught:
            _check(tree, leaves, choice, proof[:-1])
        assert caught.value.reason == "tlog.proof.length"


@given(_choices(), st.data())
def test_a_leaf_at_another_index_is_refused(choice: Choice, data: st.DataObject) -> None:
    size, indexes, name = choice
    tree, leaves = _tree(size, name)
    proof = build_batch_proof(indexes=indexes, size=size, reader=tree)
    elsewhere = sorted(set(range(size)) - set(indexes))
    if not elsewhere:
        return
    moved = sorted({*indexes[1:], data.draw(st.sampled_from(elsewhere))})
    with pytest.raises(ProofError):
        verify_batch(
            hasher=tree.hasher,
            leaf_hashes=[leaves[index] for index in indexes],
            indexes=moved,
            size=size,
            proof=proof,
            root=tree.root(),
        )


@given(st.integers(1, 300), st.data())
def test_one_leaf_needs_as_many_hashes_as_its_inclusion_proof(
    size: int, data: st.DataObject
) -> None:
    tree, _ = _tree(size)
    index = data.draw(st.integers(0, size - 1))
    batch = build_batch_proof(indexes=[index], size=size, reader=tree)
    assert sorted(batch) == sorted(tree.inclusion(index=index))


def test_all_leaves_need_no_hash() -> None:
    tree, leaves = _tree(37)
    proof = build_batch_proof(indexes=range(37), size=37, reader=tree)
    assert proof == []
    _check(tree, leaves, (37, list(range(37)), "sha256"), proof)


@pytest.mark.parametrize(
    ("indexes", "size"), [([], 5), ([1, 1], 5), ([2, 1], 5), ([-1], 5), ([5], 5), ([0], 2**64)]
)
def test_indexes_out_of_order_or_range_are_refused(indexes: list[int], size: int) -> None:
    tree, leaves = _tree(5)
    with pytest.raises(RangeError) as refused:
        build_batch_proof(indexes=indexes, size=size, reader=tree)
    assert refused.value.reason == "tlog.proof.range"
    with pytest.raises(ProofError) as caught:
        verify_batch(
            hasher=tree.hasher,
            leaf_hashes=leaves[: len(indexes)],
            indexes=indexes,
            size=size,
            proof=[],
            root=tree.root(),
        )
    assert caught.value.reason == "tlog.proof.range"


def test_counts_and_lengths_are_checked_first() -> None:
    tree, leaves = _tree(4)
    with pytest.raises(ProofError) as caught:
        verify_batch(hasher=SHA256, leaf_hashes=[], indexes=[0], size=4, proof=[], root=tree.root())
    assert caught.value.reason == "tlog.proof.range"
    with pytest.raises(ProofError) as caught:
        _check(tree, leaves, (4, [0], "sha256"), [b"short"])
    assert caught.value.reason == "tlog.proof.hash_length"
