"""Merkle trees over the same leaves, each in a process of its own: ``python -m tree_contestants NAME SIZE``.

Every one of them hashes leaves as SM3(0x00 ‖ entry) and nodes as SM3(0x01 ‖ left ‖ right), so that
the roots must be equal. Prints one JSON object.
"""

import json
import random
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from measuring import memory_mib

from trace_node.crypto.sm3 import new_sm3
from trace_node.tlog.hasher import SM3
from trace_node.tlog.tree import MemoryTree
from trace_node.tlog.verify import verify_inclusion

LEAF_BYTES = 200
SEED = 20_261_121
ENOUGH_S = 2.0  # of proofs: the slow ones make fewer


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A tree that was built.

    Attributes:
        root: Its root.
        prove: Makes the inclusion proof of a leaf.
        verify: Checks one; raises or returns False if it does not hold.
    """

    root: bytes
    prove: Callable[[int], Any]
    verify: Callable[[int, Any], object]


@contextmanager
def ours(entries: Sequence[bytes]) -> Iterator[Tree]:
    """The product's tree in memory."""
    tree = MemoryTree(hasher=SM3, leaf_hashes=SM3.leaves(entries))
    root, size = tree.root(), len(entries)

    def verify(index: int, proof: list[bytes]) -> None:
        leaf_hash = tree.node(0, index)
        verify_inclusion(
            hasher=SM3, leaf_hash=leaf_hash, index=index, size=size, proof=proof, root=root
        )

    yield Tree(root=root, prove=lambda index: tree.inclusion(index=index), verify=verify)


@contextmanager
def merkletools(entries: Sequence[bytes]) -> Iterator[Tree]:
    """merkletools with SM3 and the two prefixes injected; it knows no other way."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="sha3 is not working!", category=UserWarning)
        import merkletools as library  # noqa: PLC0415 (warns at import)

    template = new_sm3(b"\x01")

    def hash_pair(pair: bytearray) -> Any:
        state = template.copy()
        state.update(bytes(pair))
        return state

    tree = library.MerkleTools()
    tree.hash_function = hash_pair
    tree.leaves = SM3.leaves(entries)  # add_leaf takes hexadecimal text, which would cost it more
    tree.make_tree()
    root = tree.get_merkle_root()

    def verify(index: int, proof: list[dict[str, str]]) -> None:
        assert tree.validate_proof(proof, tree.get_leaf(index), root)

    yield Tree(root=bytes.fromhex(root), prove=tree.get_proof, verify=verify)


@contextmanager
def pymerkle_memory(entries: Sequence[bytes]) -> Iterator[Tree]:
    """pymerkle's tree in memory."""
    library = _pymerkle()
    yield _of_pymerkle(library.InmemoryTree.init_from_entries(entries, algorithm="sm3"))


@contextmanager
def pymerkle_sqlite(entries: Sequence[bytes]) -> Iterator[Tree]:
    """pymerkle's tree in SQLite."""
    library = _pymerkle()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        tree = library.SqliteTree(str(Path(folder) / "tree.db"), algorithm="sm3")
        stack.callback(tree.close)
        tree.append_entries(entries)
        yield _of_pymerkle(tree)


def _pymerkle() -> Any:
    import pymerkle  # noqa: PLC0415 (the others are measured without it)
    import pymerkle.hasher  # noqa: PLC0415

    pymerkle.hasher.HASH_FUNCTIONS["sm3"] = new_sm3
    pymerkle.hasher.ALGORITHMS.append("sm3")
    return pymerkle


def _of_pymerkle(tree: Any) -> Tree:
    root = tree.get_root()
    return Tree(
        root=root,
        prove=lambda index: tree.prove_inclusion(index + 1),
        verify=lambda index, proof: proof.verify(tree.get_leaf(index + 1), root),
    )


CONTESTANTS = {
    "ours": ours,
    "merkletools": merkletools,
    "pymerkle, in memory": pymerkle_memory,
    "pymerkle, SQLite": pymerkle_sqlite,
}


def measure(name: str, size: int) -> dict[str, Any]:
    """Build, prove and verify; figures and the root."""
    pool = random.Random(SEED).randbytes(LEAF_BYTES + size)
    entries = [pool[start : start + LEAF_BYTES] for start in range(size)]
    before = memory_mib(_own_pid())
    began = time.perf_counter()
    with CONTESTANTS[name](entries) as tree:
        built = time.perf_counter() - began
        memory = memory_mib(_own_pid()) - before
        indexes = random.Random(SEED).sample(range(size), min(size, 20_000))
        proofs, proving = _some(tree.prove, indexes)
        checked, verifying = _some(
            lambda item: tree.verify(*item), list(zip(indexes, proofs, strict=False))
        )
        return {
            "root": tree.root.hex(),
            "leaves_per_second": size / built,
            "memory_mib": memory,
            "proofs_per_second": len(proofs) / proving,
            "verified_per_second": len(checked) / verifying,
        }


def _some(work: Callable[[Any], Any], items: Sequence[Any]) -> tuple[list[Any], float]:
    """What comes of as many items as there is time for, and how long it took."""
    found: list[Any] = []
    began = time.perf_counter()
    for item in items:
        found.append(work(item))
        if time.perf_counter() - began > ENOUGH_S:
            break
    return found, time.perf_counter() - began


def _own_pid() -> int:
    import os  # noqa: PLC0415

    return os.getpid()


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
