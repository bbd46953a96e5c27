"""Proofs of random trees, right and spoilt: the contract decides as the reference does.

``TN_SEED`` chooses another run; each failure names the sizes it was about.
"""

import os
import random
from collections.abc import Iterator, Sequence

import pytest
from support import reference
from support.evm import Engine, equal_consistency, equal_inclusion, equal_root
from web3.contract import Contract

from trace_node.crypto.sm3 import sm3

SEED = int(os.environ.get("TN_SEED", "20261129"))
GREATEST = 2**64 - 1
ENTRIES = [b"leaf %d" % number for number in range(300)]


@pytest.fixture
def rounds(engine: Engine) -> int:
    """anvil hashes a hundred times as fast."""
    return 40 if engine.name == "anvil" else 2


def any_size(chance: random.Random) -> int:
    """A size of any magnitude; every second one at or beside a power of two."""
    bits = chance.randrange(1, 65)
    if chance.random() < 0.5:
        return min(max(1, 2**bits + chance.choice((-1, 0, 1))), GREATEST)
    return chance.randrange(2 ** (bits - 1), 2**bits)


def spoilt(proof: Sequence[bytes], chance: random.Random) -> Iterator[list[bytes]]:
    """Too long, too short, in another order, with another hash in it."""
    other, proof = chance.randbytes(32), list(proof)
    yield [*proof, other]
    yield [other, *proof]
    yield [*proof, *proof]
    yield proof[1:]
    yield proof[:-1]
    if proof:
        place = chance.randrange(len(proof))
        yield [*proof[:place], other, *proof[place + 1 :]]
        yield proof[::-1]


def test_consistency_of_random_sizes(harness: Contract, rounds: int) -> None:
    chance = random.Random(SEED)
    for _ in range(rounds):
        first, second = sorted(any_size(chance) for _ in range(2))
        roots = (equal_root(first), equal_root(second))
        proof = equal_consistency(first, second)
        assert _consistent(harness, (first, second), roots, proof) is True, (first, second)
        wrong = chance.choice(list(spoilt(proof, chance)))
        _agree(harness, (first, second), roots, wrong)


def test_proofs_of_other_sizes_than_they_were_made_for(harness: Contract, rounds: int) -> None:
    chance = random.Random(SEED + 1)
    for _ in range(rounds):
        first, second = sorted(chance.sample(range(1, len(ENTRIES) + 1), 2))
        roots = tuple(reference.root(sm3, ENTRIES[:size]) for size in (first, second))
        proof = reference.consistency(sm3, first, ENTRIES[:second])
        assert _consistent(harness, (first, second), roots, proof) is True, (first, second)
        for sizes in (
            (first + 1, second),
            (first - 1, second),
            (first, second + 1),
            (second, first),
        ):
            _agree(harness, sizes, roots, proof)
        _agree(harness, (first, second), roots[::-1], proof)
        for wrong in spoilt(proof, chance):
            _agree(harness, (first, second), roots, wrong)


def test_inclusion_at_random_places(harness: Contract, rounds: int) -> None:
    chance = random.Random(SEED + 2)
    leaf = equal_root(1)
    for _ in range(rounds):
        size = any_size(chance)
        index = chance.choice((0, size - 1, chance.randrange(size)))
        proof, root = equal_inclusion(index, size), equal_root(size)
        assert _included(harness, index, size, leaf, root, proof) is True, (index, size)
        for wrong in spoilt(proof, chance):
            holds = reference.inclusion_holds(
                sm3, leaf_hash=leaf, index=index, size=size, proof=wrong, root_=root
            )
            assert _included(harness, index, size, leaf, root, wrong) is holds, (index, size)


def _consistent(
    contract: Contract, sizes: tuple[int, int], roots: Sequence[bytes], proof: Sequence[bytes]
) -> bool:
    return contract.functions.consistent(*sizes, *roots, list(proof)).call()


def _included(contract: Contract, *arguments: object) -> bool:
    return contract.functions.included(*arguments).call()


def _agree(
    contract: Contract, sizes: tuple[int, int], roots: Sequence[bytes], proof: Sequence[bytes]
) -> None:
    """The contract and the reference; a first size of 0 is another rule of the contract's own."""
    if sizes[0] == 0:
        return
    old, new = roots
    holds = reference.consistency_holds(
        sm3, size1=sizes[0], size2=sizes[1], root1=old, root2=new, proof=proof
    )
    assert _consistent(contract, sizes, roots, proof) is holds, (sizes, len(proof))
