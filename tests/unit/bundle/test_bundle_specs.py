"""The pages of docs/spec for bundles, trust roots and verdicts say what the code does."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from support import bundles, reference
from support.bundle_defects import VECTORS
from support.bundle_spec import (
    SPEC,
    canonical,
    example_world,
    examples,
    period_example,
    proof_example,
    tables,
    trust_root_example,
)

from trace_node.crypto.sm3 import sm3
from trace_node.ids import to_base64url
from trace_node.services.verify import verify_file
from trace_node.services.verify_against import Against
from trace_node.tlog.verdict import Status

ROOT = Path(__file__).resolve().parents[3]


def _verified(raw: str) -> Status:
    root = examples("trust-root")["trust-root"].encode()
    return verify_file(
        raw.encode(), against=Against(trust_root=root, now=bundles.NOW)
    ).verdict.signed


class TestBundlePage:
    def test_the_example_is_that_of_the_vectors_and_verifies(self) -> None:
        example = examples("bundle")["carbon-proof"]
        assert example == proof_example()
        assert example == canonical(json.loads(example))
        assert _verified(example) is Status.PASSED

    def test_the_digest_follows_from_the_definition(self) -> None:
        page = examples("bundle")
        members = json.loads(page["carbon-proof"])
        stated = members.pop("digest")
        computed = sm3(b"carbon-proof@v1\n" + canonical(members).encode())
        assert stated == page["digest"] == to_base64url(computed)

    def test_every_member_is_described(self) -> None:
        text = (SPEC / "bundle.md").read_text(encoding="utf-8")
        for member in json.loads(examples("bundle")["carbon-proof"]):
            assert f"| `{member}` |" in text, member


class TestTrustRootPage:
    def test_the_example_is_that_of_the_vectors(self) -> None:
        assert examples("trust-root")["trust-root"] == trust_root_example()

    def test_the_fingerprint_follows_from_the_definition(self) -> None:
        page = examples("trust-root")
        assert page["fingerprint"] == "sm3:" + sm3(b"\x00" + page["trust-root"].encode()).hex()

    def test_every_member_is_described(self) -> None:
        text = (SPEC / "trust-root.md").read_text(encoding="utf-8")
        for member in json.loads(examples("trust-root")["trust-root"]).keys() - {"signature"}:
            assert f"`{member}`" in text, member


@dataclass
class _Fold:
    """The batch proof as the page defines it, by recursion over the parts of the tree."""

    leaves: dict[int, bytes]
    proof: list[bytes]

    def fold(self, first: int, size: int) -> bytes:
        inside = [index for index in self.leaves if first <= index < first + size]
        if not inside:
            return self.proof.pop(0)
        if size == 1:
            return self.leaves[first]
        left = 1
        while left * 2 < size:
            left *= 2
        below = self.fold(first, left)
        return sm3(b"\x01" + below + self.fold(first + left, size - left))


def _decoded(hashes: Sequence[str]) -> list[bytes]:
    import base64  # noqa: PLC0415

    return [base64.urlsafe_b64decode(text + "=") for text in hashes]


class TestPeriodPage:
    def test_the_example_is_derived_again_and_verifies(self) -> None:
        example = examples("period-bundle")["period-proof"]
        assert example == period_example()
        assert example == canonical(json.loads(example))
        assert _verified(example) is Status.PASSED

    def test_the_batch_proofs_follow_from_the_definition(self) -> None:
        members = json.loads(examples("period-bundle")["period-proof"])
        leaves: dict[int, bytes] = {}
        for item in members["deliveries"]:
            named = {
                item["index"]: item["record"],
                item["received_index"]: item["received"],
                **{each["index"]: each["record"] for each in item["records"]},
            }
            leaves |= {
                index: reference.leaf(sm3, canonical(record).encode())
                for index, record in named.items()
            }
            positions = {
                each["position"]: reference.leaf(sm3, canonical(each["record"]).encode())
                for each in item["records"]
            }
            path = _Fold(leaves=positions, proof=_decoded(item["path"]))
            root = path.fold(0, item["record"]["count"])
            assert (to_base64url(root), path.proof) == (item["record"]["root"], [])
        world = example_world()
        whole = _Fold(leaves=leaves, proof=_decoded(members["proof"]))
        assert whole.fold(0, world.tree.size) == reference.root(sm3, world.entries)
        assert whole.proof == []

    def test_every_member_is_described(self) -> None:
        text = (SPEC / "period-bundle.md").read_text(encoding="utf-8")
        for member in json.loads(examples("period-bundle")["period-proof"]).keys() - {"digest"}:
            assert f"`{member}`" in text, member


class TestVerdictPage:
    def test_the_lists_of_checks_are_those_of_the_code(self) -> None:
        text = (SPEC / "verdict.md").read_text(encoding="utf-8")
        for table in tables():
            assert table in text

    def test_every_reason_of_the_vectors_stands_by_its_check(self) -> None:
        text = (SPEC / "verdict.md").read_text(encoding="utf-8")
        for case in json.loads((VECTORS / "index.json").read_text())["cases"]:
            if "defect" in case:
                row = re.search(rf"^\| \d+ `{re.escape(case['check'])}` \|.*$", text, re.MULTILINE)
                assert row is not None
                assert f"`{case['reason']}`" in row[0], case

    def test_every_reason_that_the_code_can_give_is_listed(self) -> None:
        text = (SPEC / "verdict.md").read_text(encoding="utf-8")
        files = [
            *(ROOT / "trace_node" / "services").glob("verify_*.py"),
            *(ROOT / "trace_node" / "services").glob("period*.py"),
        ]
        pattern = re.compile(
            r'code="([a-z_.]+)"|"((?:period|single_operator|history|device|anchor|collector)\.[a-z_]+)"'
        )
        own = {kind.strip() for kind in re.findall(r"`([a-z_.]+)`", text)}
        for path in files:
            if path.name == "period_totals.py":
                continue
            for found in pattern.findall(path.read_text(encoding="utf-8")):
                reason = found[0] or found[1]
                assert reason in own or reason in {
                    "single_operator.chain",
                    "single_operator.log",
                }, (
                    path.name,
                    reason,
                )

    @pytest.mark.parametrize(
        "steps", [("verify_proof", range(1, 16)), ("verify_period", (1, 2, 7))]
    )
    def test_the_code_labels_every_step(self, steps: tuple[str, Sequence[int]]) -> None:
        name, numbers = steps
        files = (
            ["verify_proof", "verify_log", "verify_anchor"] if name == "verify_proof" else [name]
        )
        text = "".join(
            (ROOT / "trace_node" / "services" / f"{file}.py").read_text(encoding="utf-8")
            for file in files
        )
        for number in numbers:
            assert f"# ({number})" in text, number
