"""Inclusion and consistency proofs on chain, for every tree up to 17 leaves."""

import random
from collections.abc import Sequence

from support import reference
from support.evm import equal_consistency, equal_inclusion, equal_root
from web3.contract import Contract

from trace_node.crypto.sm3 import sm3

MOST = 17
ENTRIES = [b"entry %d" % number for number in range(MOST)]
ROOTS = [reference.root(sm3, ENTRIES[:size]) for size in range(MOST + 1)]


def _consistent(contract: Contract, m: int, n: int, proof: Sequence[bytes], **roots: bytes) -> bool:
    old, new = roots.get("old", ROOTS[m]), roots.get("new", ROOTS[n])
    return contract.functions.consistent(m, n, old, new, list(proof)).call()


def _included(
    contract: Contract, index: int, size: int, proof: Sequence[bytes], **other: bytes
) -> bool:
    leaf = other.get("leaf", reference.leaf(sm3, ENTRIES[index % MOST]))
    root = other.get("root", ROOTS[size])
    return contract.functions.included(index, size, leaf, root, list(proof)).call()


def test_every_consistency_proof_up_to_17_leaves(harness: Contract) -> None:
    for n in range(1, MOST + 1):
        for m in range(1, n + 1):
            proof = reference.consistency(sm3, m, ENTRIES[:n])
            assert _consistent(harness, m, n, proof), (m, n)


def test_every_inclusion_proof_up_to_17_leaves(harness: Contract) -> None:
    for size in range(1, MOST + 1):
        for index in range(size):
            proof = reference.inclusion(sm3, index, ENTRIES[:size])
            assert _included(harness, index, size, proof), (index, size)


def test_anything_follows_the_empty_tree_without_a_proof(harness: Contract) -> None:
    assert _consistent(harness, 0, 5, [])
    assert not _consistent(harness, 0, 5, [ROOTS[5]])


def test_equal_sizes_take_equal_roots_and_no_proof(harness: Contract) -> None:
    assert _consistent(harness, 6, 6, [])
    assert not _consistent(harness, 6, 6, [], new=ROOTS[7])
    assert not _consistent(harness, 6, 6, [ROOTS[6]])


def test_shrinking_is_refused(harness: Contract) -> None:
    proof = reference.consistency(sm3, 5, ENTRIES[:9])
    assert not _consistent(harness, 9, 5, proof)
    assert not _consistent(harness, 9, 5, [])


def test_corrupted_consistency_proofs_are_refused(harness: Contract) -> None:
    chance = random.Random(2)
    for m, n in [(1, 2), (3, 7), (4, 7), (6, 7), (8, 17), (11, 16), (16, 17)]:
        proof = reference.consistency(sm3, m, ENTRIES[:n])
        for wrong in _corruptions(proof, chance):
            assert not _consistent(harness, m, n, wrong), (m, n)
        assert not _consistent(harness, m, n, proof, old=_flipped(ROOTS[m], chance))
        assert not _consistent(harness, m, n, proof, new=_flipped(ROOTS[n], chance))
        assert not _consistent(harness, m, n, proof, old=ROOTS[n], new=ROOTS[m])


def test_corrupted_inclusion_proofs_are_refused(harness: Contract) -> None:
    chance = random.Random(3)
    for index, size in [(0, 1), (0, 2), (1, 3), (2, 3), (6, 7), (16, 17), (7, 16)]:
        proof = reference.inclusion(sm3, index, ENTRIES[:size])
        for wrong in _corruptions(proof, chance):
            assert not _included(harness, index, size, wrong), (index, size)
        leaf = reference.leaf(sm3, ENTRIES[index])
        assert not _included(harness, index, size, proof, leaf=_flipped(leaf, chance))
        assert not _included(harness, index, size, proof, root=_flipped(ROOTS[size], chance))
        assert not _included(harness, size, size, proof, leaf=leaf)
        if size > 1:
            assert not _included(harness, (index + 1) % size, size, proof, leaf=leaf)


def test_an_index_far_outside_the_tree_is_refused(harness: Contract) -> None:
    assert not _included(harness, 2**64 - 1, 17, reference.inclusion(sm3, 16, ENTRIES))
    assert not _included(harness, 0, 0, [], root=ROOTS[0])


def test_trees_of_a_million_and_of_the_greatest_size(harness: Contract) -> None:
    """The walks shift 64-bit numbers; the greatest sizes show that nothing overflows."""
    functions = harness.functions
    leaf = equal_root(1)
    for first, second in [(2**20 - 1, 2**20), (2**63, 2**64 - 1)]:
        proof = equal_consistency(first, second)
        old, new = equal_root(first), equal_root(second)
        assert functions.consistent(first, second, old, new, proof).call()
        assert not functions.consistent(first, second, new, old, proof).call()
    for index, size in [(0, 2**20), (2**20 - 1, 2**20), (2**64 - 2, 2**64 - 1)]:
        proof = equal_inclusion(index, size)
        assert functions.included(index, size, leaf, equal_root(size), proof).call()


def _flipped(digest: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(256)
    return (int.from_bytes(digest, "big") ^ 1 << place).to_bytes(32, "big")


def _corruptions(proof: list[bytes], chance: random.Random) -> list[list[bytes]]:
    """One bit flipped, an element lost, doubled or added, the order turned."""
    found = [[*proof, chance.randbytes(32)], [chance.randbytes(32), *proof]]
    if proof:
        place = chance.randrange(len(proof))
        found.append([*proof[:place], _flipped(proof[place], chance), *proof[place + 1 :]])
        found.append(proof[:-1])
        found.append([*proof, proof[-1]])
    if len(set(proof)) > 1:
        found.append(proof[::-1])
    return [wrong for wrong in found if wrong != proof]
