"""Every bundle of the vectors is judged as its entry in the index says, and for that reason."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from support.bundle_defects import VECTORS, all_defects, good_file

from trace_node.services.verify_against import Against
from trace_node.services.verify_checks import PROOF_CHECKS
from trace_node.services.verify_proof import verify_proof
from trace_node.tlog.verdict import Anchored, Status, Verdict

CASES = json.loads((VECTORS / "index.json").read_text())["cases"]
BAD = [case for case in CASES if "defect" in case]


def _verdict(case: dict[str, str | None]) -> Verdict:
    def read(name: str | None) -> bytes | None:
        return None if name is None else (VECTORS / Path(name).name).read_bytes()

    trust_root = read(case["trust_root"])
    assert trust_root is not None
    against = Against(
        trust_root=trust_root,
        now=datetime.fromisoformat(case["now"]),
        predecessor=read(case.get("predecessor")),
    )
    raw = read(case["file"])
    assert raw is not None
    return verify_proof(raw, against=against).verdict


def test_the_vectors_are_complete() -> None:
    assert len(CASES) == 1 + len(all_defects())
    assert len(BAD) >= 40
    assert len({case["defect"] for case in BAD}) == len(BAD)
    named = {case["file"] for case in CASES} | {case["trust_root"] for case in CASES}
    named |= {case["predecessor"] for case in CASES if case.get("predecessor")}
    assert {path.name for path in VECTORS.iterdir()} == {*named, "index.json"}


def test_the_vectors_are_those_that_the_code_makes_now() -> None:
    assert (VECTORS / "valid.tnproof").read_bytes() == good_file()
    files = {case["defect"]: case["file"] for case in BAD}
    for defect in all_defects():
        assert (VECTORS / files[defect.name]).read_bytes() == defect.file, defect.name


def test_the_right_bundle_passes() -> None:
    (case,) = (case for case in CASES if "defect" not in case)
    verdict = _verdict(case)
    assert verdict.signed is Status.PASSED
    assert verdict.anchored is Anchored.NOT_DONE
    assert verdict.exit_code == case["exit_code"] == 3
    assert verdict.first_failure is None


@pytest.mark.parametrize("case", BAD, ids=lambda case: case["defect"])
def test_each_defect_fails_its_own_check(case: dict[str, str | None]) -> None:
    verdict = _verdict(case)
    failure = verdict.first_failure
    assert failure is not None
    assert (failure.kind.name, failure.reason) == (case["check"], case["reason"])
    assert failure.text
    assert verdict.exit_code == case["exit_code"] == 1
    assert [check.kind.number for check in verdict.checks] == [k.number for k in PROOF_CHECKS]


def test_every_check_that_a_file_can_fail_is_failed_by_one() -> None:
    failed = {case["check"] for case in BAD}
    never = {"anchor.live", "anchor.sealed"}  # these ask others; see test_verify_proof
    assert failed == {kind.name for kind in PROOF_CHECKS} - never
