"""Write the SM3 twin of the public Merkle vectors: the same proofs, the same corruptions, by SM3.

The public vectors (transparency-dev/merkle) are SHA-256 only and are not part of this repository.
Each case here has the name of its public twin and is built anew by the recursive definitions of
RFC 9162 in ``tests/support/reference.py``; cases under ``more/`` are ours. ``reason`` is the error
code expected.

Run ``python infra/scripts/vectors_tlog.py`` to write, with ``--check`` to compare only.
"""

import base64
import json
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support import reference as ref  # noqa: E402 (the two paths above)

from trace_node.crypto.sm3 import sm3  # noqa: E402

OUT = ROOT / "tests" / "vectors" / "tlog"
ENTRIES = [
    bytes.fromhex(text)
    for text in (
        *("", "00", "10", "2021", "3031", "40414243", "5051525354555657"),
        "606162636465666768696a6b6c6d6e6f",
    )
]
EMPTY = sm3(b"")
RANDOM = sm3(b"an arbitrary hash")
WRAPPED = 2**64 - 1  # 0 - 1 as an unsigned 64-bit number
INCLUSION_PATHS = {"0": (0, 1), "1": (0, 8), "2": (5, 8), "3": (2, 3), "4": (1, 5)}
CONSISTENCY_PATHS = {"0": (1, 1), "1": (1, 8), "2": (6, 8), "3": (2, 5), "4": (6, 7)}

Case = dict[str, object]
Hashes = list[bytes]


def flip(value: bytes, *, bit: int) -> bytes:
    """``value`` with one bit inverted, counted from the lowest of the first byte."""
    return bytes([value[0] ^ 1 << bit]) + value[1:]


def encode(value: bytes) -> str:
    """Base64, as the public vectors write hashes."""
    return base64.b64encode(value).decode()


def inclusion_case(*, index: int, size: int, root: bytes, leaf: bytes, proof: Hashes) -> Case:
    """One case with the reason for which it must be refused, by the reference."""
    if len(root) != len(EMPTY) or len(leaf) != len(EMPTY):
        reason = "tlog.proof.hash_length"
    elif not 0 <= index < size:
        reason = "tlog.proof.range"
    elif len(proof) != len(ref.inclusion(sm3, index, [b""] * size)):
        reason = "tlog.proof.length"
    elif any(len(value) != len(EMPTY) for value in proof):
        reason = "tlog.proof.hash_length"
    elif not ref.inclusion_holds(
        sm3, leaf_hash=leaf, index=index, size=size, proof=proof, root_=root
    ):
        reason = "tlog.proof.root"
    else:
        reason = None
    return {
        "leafIdx": index,
        "treeSize": size,
        "root": encode(root),
        "leafHash": encode(leaf),
        "proof": [encode(value) for value in proof],
        "wantErr": reason is not None,
        "reason": reason,
    }


def inclusion_mutations(index: int, size: int) -> Iterator[tuple[str, Case]]:
    """A right proof and every way in which the public set spoils it."""
    right = {
        "index": index,
        "size": size,
        "root": ref.root(sm3, ENTRIES[:size]),
        "leaf": ref.leaf(sm3, ENTRIES[index]),
        "proof": ref.inclusion(sm3, index, ENTRIES[:size]),
    }
    root, proof = right["root"], right["proof"]
    changes = {
        "happy-path": {},
        "leafIdx-plus-@1": {"index": index + 1},
        "leafIdx-sub-@1": {"index": index - 1 if index else WRAPPED},
        "leafIdx-XOR-@2": {"index": index ^ 2},
        "treeSize-mul-@2": {"size": size * 2},
        "treeSize-div-@2": {"size": size // 2},
        "wrong-leaf": {"leaf": b"WrongLeaf"},
        "empty-root": {"root": EMPTY},
        "random-root": {"root": RANDOM},
        "trailing-garbage": {"proof": [*proof, b""]},
        "trailing-root": {"proof": [*proof, root]},
        "preceding-garbage": {"proof": [b"", *proof]},
        "preceding-root": {"proof": [root, *proof]},
    }
    for place, value in enumerate(proof):
        spoilt = [*proof[:place], flip(value, bit=3), *proof[place + 1 :]]
        changes[f"modified-proof[{place}]-bit-@3"] = {"proof": spoilt}
    if proof:
        changes["removed-component"] = {"proof": proof[:-1]}
    if len(proof) > 1:
        changes["inserted-component"] = {"proof": [proof[0], RANDOM, *proof[1:]]}
    for name, change in changes.items():
        yield name, inclusion_case(**{**right, **change})


def inclusion_cases() -> Iterator[tuple[str, Case]]:
    """All inclusion cases."""
    for folder, (index, size) in INCLUSION_PATHS.items():
        for name, case in inclusion_mutations(index, size):
            yield f"{folder}/{name}", case
    for folder, (index, size) in {"0": (0, 0), "1": (0, 1), "2": (1, 0), "3": (2, 1)}.items():
        for name, root, leaf in (
            ("empty-root", EMPTY, b""),
            ("empty-root-and-random-leaf", EMPTY, RANDOM),
            ("random-leaf", b"", RANDOM),
        ):
            case = inclusion_case(index=index, size=size, root=root, leaf=leaf, proof=[])
            yield f"additional/{folder}/{name}", case
    for name, root, leaf in (
        ("matching-root-and-leaf", RANDOM, RANDOM),
        ("empty-root", b"", RANDOM),
        ("empty-leaf", RANDOM, b""),
        ("empty-root-and-leaf", b"", b""),
    ):
        case = inclusion_case(index=0, size=1, root=root, leaf=leaf, proof=[])
        yield f"single-entry/{name}", case
    yield from own_inclusion_cases()


def own_inclusion_cases() -> Iterator[tuple[str, Case]]:
    """Cases the public set lacks: hashes of the right length, and the two known forgeries."""
    eight, path = ref.root(sm3, ENTRIES), ref.inclusion(sm3, 5, ENTRIES)
    leaf = ref.leaf(sm3, ENTRIES[5])
    right = {"index": 5, "size": 8, "root": eight, "leaf": leaf, "proof": path}
    inner = sm3(b"\x01" + path[0] + leaf)
    for name, change in {
        "wrong-leaf-of-right-length": {"leaf": RANDOM},
        "long-hash-in-proof": {"proof": [path[0] + b"\0", *path[1:]]},
        "short-root": {"root": eight[:-1]},
        "inner-subtree-as-leaf": {"leaf": inner, "index": 2, "proof": path[1:]},
        "root-as-leaf": {"leaf": eight, "index": 0, "proof": []},
    }.items():
        yield f"more/{name}", inclusion_case(**{**right, **change})


def consistency_case(*, size1: int, size2: int, root1: bytes, root2: bytes, proof: Hashes) -> Case:
    """One case with the reason for which it must be refused, by the reference."""
    if len(root1) != len(EMPTY) or len(root2) != len(EMPTY):
        reason = "tlog.proof.hash_length"
    elif not 0 < size1 <= size2:
        reason = "tlog.proof.range"
    elif len(proof) != len(ref.consistency(sm3, size1, [b""] * size2)):
        reason = "tlog.proof.length"
    elif any(len(value) != len(EMPTY) for value in proof):
        reason = "tlog.proof.hash_length"
    elif size1 == size2:
        reason = None if root1 == root2 else "tlog.proof.root"
    else:
        older, newer = ref.consistency_roots(
            sm3, size1=size1, size2=size2, root1=root1, proof=proof
        )
        reason = "tlog.proof.root2" if newer != root2 else None
        reason = "tlog.proof.root1" if older != root1 else reason
    return {
        "size1": size1,
        "size2": size2,
        "root1": encode(root1),
        "root2": encode(root2),
        "proof": [encode(value) for value in proof],
        "wantErr": reason is not None,
        "reason": reason,
    }


def consistency_mutations(size1: int, size2: int) -> Iterator[tuple[str, Case]]:
    """A right proof and every way in which the public set spoils it."""
    root1, root2 = ref.root(sm3, ENTRIES[:size1]), ref.root(sm3, ENTRIES[:size2])
    proof = ref.consistency(sm3, size1, ENTRIES[:size2])
    right = {"size1": size1, "size2": size2, "root1": root1, "root2": root2, "proof": proof}
    yield "happy-path", consistency_case(**right)
    if not proof:
        return
    changes = {
        "size1-sub-@1": {"size1": size1 - 1},
        "size1-plus-@1": {"size1": size1 + 1},
        "size1-XOR-@2": {"size1": size1 ^ 2},
        "size2-mul-@2": {"size2": size2 * 2},
        "size2-div-@2": {"size2": size2 // 2},
        "wrong-root1": {"root1": b"WrongRoot"},
        "wrong-root2": {"root2": b"WrongRoot"},
        "swapped-roots": {"root1": root2, "root2": root1},
        "empty-proof": {"proof": []},
        "trailing-garbage": {"proof": [*proof, b""]},
        "trailing-root1": {"proof": [*proof, root1]},
        "trailing-root2": {"proof": [*proof, root2]},
        "preceding-garbage": {"proof": [b"", *proof]},
        "preceding-root1": {"proof": [root1, *proof]},
        "preceding-root2": {"proof": [root2, *proof]},
        "preceding-proof-@0": {"proof": [proof[0], *proof]},
        "truncated-proof": {"proof": proof[:-1]},
    }
    for place, value in enumerate(proof):
        spoilt = [*proof[:place], flip(value, bit=4), *proof[place + 1 :]]
        changes[f"modified-proof@{place}-bit-@4"] = {"proof": spoilt}
    for name, change in changes.items():
        yield name, consistency_case(**{**right, **change})


def consistency_cases() -> Iterator[tuple[str, Case]]:
    """All consistency cases."""
    for folder, (size1, size2) in CONSISTENCY_PATHS.items():
        for name, case in consistency_mutations(size1, size2):
            yield f"{folder}/{name}", case
    one, two = sm3(b"some root"), sm3(b"another root")
    for name, size1, size2, root1, root2, proof in (
        ("size1-is-zero-and-does-not-equal-size2", 0, 1, one, two, []),
        ("size1-is-greater-than-size2", 1, 0, one, two, []),
        ("size1-is-greater-than-size2-again", 2, 1, one, two, []),
        ("sizes-do-not-watch-and-proof-is-empty", 1, 2, one, two, []),
        ("sizes-are-equal-zero-and-proof-is-empty", 0, 0, one, one, []),
        ("sizes-are-equal-zero-but-roots-are-not", 0, 0, one, two, []),
        ("sizes-are-equal-one-and-proof-is-empty", 1, 1, two, two, []),
        ("sizes-are-equal-one-but-roots-are-not", 1, 1, one, two, []),
        ("sizes-match-but-proof-is-not-empty-and-sizes-are-zero", 0, 0, EMPTY, EMPTY, [EMPTY]),
        ("sizes-match-but-proof-is-not-empty-and-sizes-are-one", 1, 1, EMPTY, EMPTY, [EMPTY]),
        ("consistency-check-on-empty-tree-size1-is-zero-is-useless", 0, 1, EMPTY, EMPTY, [EMPTY]),
        ("size1-is-zero-and-size2-is-not-zero", 0, 1, EMPTY, two, []),
        ("roots-do-not-match-and-sizes-are-zero", 0, 0, EMPTY, two, []),
        ("roots-do-not-not-match-and-sizes-are-one", 1, 1, EMPTY, two, []),
    ):
        case = consistency_case(size1=size1, size2=size2, root1=root1, root2=root2, proof=proof)
        yield f"additional/{name}", case
    yield from own_consistency_cases()


def own_consistency_cases() -> Iterator[tuple[str, Case]]:
    """Cases the public set does not have: wrong roots of the right length."""
    root1, root2 = ref.root(sm3, ENTRIES[:6]), ref.root(sm3, ENTRIES)
    proof = ref.consistency(sm3, 6, ENTRIES)
    right = {"size1": 6, "size2": 8, "root1": root1, "root2": root2, "proof": proof}
    for name, change in {
        "wrong-root1-of-right-length": {"root1": RANDOM},
        "wrong-root2-of-right-length": {"root2": RANDOM},
        "short-hash-in-proof": {"proof": [proof[0][:-1], *proof[1:]]},
    }.items():
        yield f"more/{name}", consistency_case(**{**right, **change})


def files() -> dict[str, bytes]:
    """The content of every generated file by its name."""
    contents = {
        "roots.json": [
            {"size": size, "root": encode(ref.root(sm3, ENTRIES[:size]))}
            for size in range(len(ENTRIES) + 1)
        ],
        "inclusion.json": dict(inclusion_cases()),
        "consistency.json": dict(consistency_cases()),
    }
    return {
        name: (json.dumps(value, indent=1, sort_keys=True) + "\n").encode()
        for name, value in contents.items()
    }


def main() -> int:
    """Write the files, or compare them with ``--check``."""
    stale = []
    for name, content in files().items():
        path = OUT / name
        if "--check" in sys.argv[1:]:
            if not path.is_file() or path.read_bytes() != content:
                stale.append(name)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            print(f"wrote {path.relative_to(ROOT)}: {len(content)} bytes")
    for name in stale:
        print(f"{name} is not what this script writes", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
