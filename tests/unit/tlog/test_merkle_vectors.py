"""The public Merkle vectors by SHA-256, and their generated SM3 twins."""

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest
from support import reference

from trace_node.crypto.sm3 import sm3
from trace_node.tlog.errors import ProofError
from trace_node.tlog.hasher import SHA256, SM3, TreeHasher
from trace_node.tlog.tree import MemoryTree
from trace_node.tlog.verify import verify_consistency, verify_inclusion

ROOT = Path(__file__).resolve().parents[3]
TWINS = ROOT / "tests" / "vectors" / "tlog"
# This one accept case carries roots of 12 bytes ("don't care 2"). We insist on the length of the
# hash, so that a truncated root can never be compared with a truncated root.
NOT_OUR_LENGTH = "additional/sizes-are-equal-one-and-proof-is-empty"
LEAVES = (
    *("", "00", "10", "2021", "3031", "40414243", "5051525354555657"),
    "606162636465666768696a6b6c6d6e6f",
)


def _bytes(text: str | None) -> bytes:
    return base64.b64decode(text or "", validate=True)


def _check_inclusion(hasher: TreeHasher, case: dict) -> None:
    verify_inclusion(
        hasher=hasher,
        leaf_hash=_bytes(case["leafHash"]),
        index=case["leafIdx"],
        size=case["treeSize"],
        proof=[_bytes(value) for value in case["proof"] or []],
        root=_bytes(case["root"]),
    )


def _check_consistency(hasher: TreeHasher, case: dict) -> None:
    verify_consistency(
        hasher=hasher,
        size1=case["size1"],
        size2=case["size2"],
        root1=_bytes(case["root1"]),
        root2=_bytes(case["root2"]),
        proof=[_bytes(value) for value in case["proof"] or []],
    )


CHECKS = {"inclusion": _check_inclusion, "consistency": _check_consistency}


def _public(folder: Path) -> dict[str, dict]:
    return {
        path.relative_to(folder).with_suffix("").as_posix(): json.loads(path.read_text())
        for path in folder.rglob("*.json")
    }


def _twins(family: str) -> dict[str, dict]:
    return json.loads((TWINS / f"{family}.json").read_text())


@pytest.mark.vectors
@pytest.mark.parametrize("family", ["inclusion", "consistency"])
def test_public_vectors(vectors_dir: Path, family: str) -> None:
    cases = _public(vectors_dir / "merkle" / family)
    assert len(cases) == 98
    assert sum(not case["wantErr"] for case in cases.values()) == 6
    twins = _twins(family)
    for name, case in cases.items():
        if name == NOT_OUR_LENGTH:
            assert not case["wantErr"]
            with pytest.raises(ProofError) as caught:
                CHECKS[family](SHA256, case)
            assert caught.value.reason == "tlog.proof.hash_length"
        elif case["wantErr"]:
            with pytest.raises(ProofError) as caught:
                CHECKS[family](SHA256, case)
            # A few public cases have roots like "don't care 1", whose length is looked at first.
            fields = [case[key] for key in ("root", "leafHash", "root1", "root2") if key in case]
            odd = any(len(_bytes(value)) != 32 for value in fields)
            expected = "tlog.proof.hash_length" if odd else twins[name]["reason"]
            assert caught.value.reason == expected, name
        else:
            CHECKS[family](SHA256, case)


@pytest.mark.vectors
@pytest.mark.parametrize("family", ["inclusion", "consistency"])
def test_every_public_vector_has_a_twin(vectors_dir: Path, family: str) -> None:
    names = set(_public(vectors_dir / "merkle" / family))
    twins = {name: case for name, case in _twins(family).items() if not name.startswith("more/")}
    assert set(twins) == names
    assert len(twins) == 98
    for name, case in _public(vectors_dir / "merkle" / family).items():
        for field in ("wantErr", "leafIdx", "treeSize", "size1", "size2"):
            assert case.get(field) == twins[name].get(field), name
        assert len(case["proof"] or []) == len(twins[name]["proof"]), name


@pytest.mark.parametrize("family", ["inclusion", "consistency"])
def test_sm3_twins(family: str) -> None:
    cases = _twins(family)
    assert len(cases) >= 101
    assert sum(not case["wantErr"] for case in cases.values()) == 6
    for name, case in cases.items():
        if case["wantErr"]:
            with pytest.raises(ProofError) as caught:
                CHECKS[family](SM3, case)
            assert caught.value.reason == case["reason"], name
        else:
            CHECKS[family](SM3, case)


def test_the_recursive_reference_agrees_with_every_twin() -> None:
    for name, case in _twins("inclusion").items():
        holds = reference.inclusion_holds(
            sm3,
            leaf_hash=_bytes(case["leafHash"]),
            index=case["leafIdx"],
            size=case["treeSize"],
            proof=[_bytes(value) for value in case["proof"]],
            root_=_bytes(case["root"]),
        )
        assert holds is not case["wantErr"], name
    for name, case in _twins("consistency").items():
        holds = reference.consistency_holds(
            sm3,
            size1=case["size1"],
            size2=case["size2"],
            root1=_bytes(case["root1"]),
            root2=_bytes(case["root2"]),
            proof=[_bytes(value) for value in case["proof"]],
        )
        assert holds is not case["wantErr"], name


def test_the_trees_roots_are_those_of_the_twins() -> None:
    tree = MemoryTree(hasher=SM3, leaf_hashes=SM3.leaves(bytes.fromhex(text) for text in LEAVES))
    roots = json.loads((TWINS / "roots.json").read_text())
    assert [row["size"] for row in roots] == list(range(9))
    for row in roots:
        assert tree.root(size=row["size"]) == _bytes(row["root"])


def test_the_trees_roots_are_the_public_ones() -> None:
    tree = MemoryTree(
        hasher=SHA256, leaf_hashes=SHA256.leaves(bytes.fromhex(text) for text in LEAVES)
    )
    first, last = tree.root(size=1).hex(), tree.root().hex()
    assert first.startswith("6e340b9c")
    assert first.endswith("afa01d")
    assert last.startswith("5dc9da79")
    assert last.endswith("604328")


def test_the_twins_are_what_the_script_writes() -> None:
    script = ROOT / "infra" / "scripts" / "vectors_tlog.py"
    done = subprocess.run(
        [sys.executable, str(script), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
