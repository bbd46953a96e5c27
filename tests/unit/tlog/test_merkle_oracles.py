"""Two other Merkle libraries as oracles, and the forgeries that one of them accepts.

merkletools pairs like RFC 9162 but separates neither leaves from nodes nor sizes from one another.
"""

import hashlib
import warnings
from collections.abc import Iterator
from types import ModuleType

import pymerkle
import pymerkle.hasher
import pytest

from trace_node.crypto.sm3 import new_sm3
from trace_node.tlog.errors import ProofError
from trace_node.tlog.hasher import SHA256, SM3, TreeHasher
from trace_node.tlog.tree import MemoryTree
from trace_node.tlog.verify import verify_inclusion

SIZES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100]
ENTRIES = [b"entry %d" % number for number in range(max(SIZES))]
HASHERS = pytest.mark.parametrize("hasher", [SM3, SHA256], ids=["sm3", "sha256"])


class NodeHash:
    """What merkletools calls to hash a pair, with the prefix of an inner node."""

    def __init__(self, hasher: TreeHasher, pair: bytes) -> None:
        self._digest = hasher.node(pair[:32], pair[32:])

    def digest(self) -> bytes:
        return self._digest


@pytest.fixture(scope="module")
def merkletools() -> ModuleType:
    with warnings.catch_warnings():
        # It warns that pysha3, which cannot be built here, is not working.
        warnings.filterwarnings("ignore", message="sha3 is not working!", category=UserWarning)
        import merkletools  # noqa: PLC0415 (warns at import)
    return merkletools


@pytest.fixture
def pymerkle_sm3() -> Iterator[None]:
    pymerkle.hasher.HASH_FUNCTIONS["sm3"] = new_sm3
    pymerkle.hasher.ALGORITHMS.append("sm3")
    yield
    pymerkle.hasher.ALGORITHMS.remove("sm3")
    del pymerkle.hasher.HASH_FUNCTIONS["sm3"]


def _merkletools_tree(merkletools: ModuleType, hasher: TreeHasher, leaves: list[bytes]) -> object:
    tree = merkletools.MerkleTools()
    tree.hash_function = lambda pair: NodeHash(hasher, bytes(pair))
    tree.add_leaf([leaf.hex() for leaf in leaves])
    tree.make_tree()
    return tree


@HASHERS
@pytest.mark.parametrize("size", SIZES)
def test_merkletools_has_the_same_roots_and_paths(
    merkletools: ModuleType, hasher: TreeHasher, size: int
) -> None:
    leaves = hasher.leaves(ENTRIES[:size])
    ours = MemoryTree(hasher=hasher, leaf_hashes=leaves)
    theirs = _merkletools_tree(merkletools, hasher, leaves)
    assert theirs.get_merkle_root() == ours.root().hex()
    for index in range(size):
        path = [next(iter(step.values())) for step in theirs.get_proof(index)]
        assert path == [value.hex() for value in ours.inclusion(index=index)]


@HASHERS
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.usefixtures("pymerkle_sm3")
def test_pymerkle_has_the_same_roots_and_accepts_the_same(hasher: TreeHasher, size: int) -> None:
    ours = MemoryTree(hasher=hasher, leaf_hashes=hasher.leaves(ENTRIES[:size]))
    theirs = pymerkle.InmemoryTree.init_from_entries(ENTRIES[:size], algorithm=hasher.name)
    assert theirs.get_root() == ours.root()
    for index in range(size):
        proof = theirs.prove_inclusion(index + 1)
        proof.verify(theirs.get_leaf(index + 1), ours.root())
        assert [value for value in proof.path if value != theirs.get_leaf(index + 1)] == (
            ours.inclusion(index=index)
        )
    for older in range(1, size + 1):
        proof = theirs.prove_consistency(older, size)
        proof.verify(ours.root(size=older), ours.root())


@HASHERS
def test_an_inner_node_is_no_leaf(merkletools: ModuleType, hasher: TreeHasher) -> None:
    """Forgery 1: pass the hash of two leaves off as a leaf, with the shorter proof above it."""
    leaves = hasher.leaves(ENTRIES[:8])
    tree = MemoryTree(hasher=hasher, leaf_hashes=leaves)
    inner = tree.node(1, 2)
    above = tree.inclusion(index=4)[1:]
    theirs = _merkletools_tree(merkletools, hasher, leaves)
    steps = [{"right": above[0].hex()}, {"left": above[1].hex()}]
    assert theirs.validate_proof(steps, inner.hex(), tree.root().hex()) is True
    for index in range(8):
        with pytest.raises(ProofError) as caught:
            verify_inclusion(
                hasher=hasher, leaf_hash=inner, index=index, size=8, proof=above, root=tree.root()
            )
        assert caught.value.reason == "tlog.proof.length"
    # Nor can an entry be found whose leaf hash is the inner node: the prefixes differ.
    pair = leaves[4] + leaves[5]
    assert hasher.leaf(pair) != inner == hasher.node(leaves[4], leaves[5])


@HASHERS
def test_the_root_is_no_leaf(merkletools: ModuleType, hasher: TreeHasher) -> None:
    """Forgery 2: pass the root off as a leaf with an empty proof."""
    leaves = hasher.leaves(ENTRIES[:8])
    root = MemoryTree(hasher=hasher, leaf_hashes=leaves).root()
    theirs = _merkletools_tree(merkletools, hasher, leaves)
    assert theirs.validate_proof([], root.hex(), root.hex()) is True
    with pytest.raises(ProofError) as caught:
        verify_inclusion(hasher=hasher, leaf_hash=root, index=0, size=8, proof=[], root=root)
    assert caught.value.reason == "tlog.proof.length"


def test_a_proof_is_bound_to_index_and_size(merkletools: ModuleType) -> None:
    """merkletools' proofs say left or right, so nothing ties them to a place in the log."""
    leaves = SHA256.leaves(ENTRIES[:8])
    tree = MemoryTree(hasher=SHA256, leaf_hashes=leaves)
    proof = tree.inclusion(index=5)
    for index in set(range(8)) - {5}:
        with pytest.raises(ProofError):
            verify_inclusion(
                hasher=SHA256,
                leaf_hash=leaves[5],
                index=index,
                size=8,
                proof=proof,
                root=tree.root(),
            )
    theirs = _merkletools_tree(merkletools, SHA256, leaves)
    assert "size" not in theirs.get_proof(5)[0]


def test_the_leaf_prefix_matters() -> None:
    assert SHA256.leaf(b"x") == hashlib.sha256(b"\x00x").digest()
    assert SHA256.node(b"l", b"r") == hashlib.sha256(b"\x01lr").digest()
    assert SHA256.empty() == hashlib.sha256(b"").digest()
    assert SM3.leaf(b"x") == new_sm3(b"\x00x").digest()
    assert SM3.node(b"l", b"r") == new_sm3(b"\x01lr").digest()
    assert SM3.empty() == new_sm3(b"").digest()
