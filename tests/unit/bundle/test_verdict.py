"""How checks add up: nothing is rounded up."""

from itertools import product

import pytest

from trace_node.services.verify_examination import Examination
from trace_node.tlog.errors import ProofError
from trace_node.tlog.verdict import Anchored, Check, CheckKind, Scope, Status, Verdict

SIGNED = CheckKind(number=1, name="a", title="A", scope=Scope.SIGNED)
OPTIONAL = CheckKind(number=2, name="b", title="B", scope=Scope.SIGNED, needed=False)
BINDING = CheckKind(number=3, name="anchor.binding", title="C", scope=Scope.ANCHORED)
LIVE = CheckKind(number=4, name="anchor.live", title="D", scope=Scope.ANCHORED, needed=False)
SEALED = CheckKind(number=5, name="anchor.sealed", title="E", scope=Scope.ANCHORED, needed=False)
KINDS = (SIGNED, OPTIONAL, BINDING, LIVE, SEALED)
PASSED, FAILED, NOT_DONE = Status.PASSED, Status.FAILED, Status.NOT_DONE


def _verdict(*statuses: Status, unreachable: bool = False) -> Verdict:
    return Verdict(
        checks=tuple(
            Check(kind=kind, status=status, reason="x", unreachable=unreachable and kind is LIVE)
            for kind, status in zip(KINDS, statuses, strict=True)
        )
    )


def test_every_combination_follows_the_rules() -> None:
    for statuses in product(Status, repeat=5):
        a, b, binding, live, sealed = statuses
        verdict = _verdict(*statuses)
        if FAILED in (a, b):
            assert verdict.signed is FAILED
        else:
            assert verdict.signed is (PASSED if a is PASSED else NOT_DONE)
        if FAILED in (binding, live, sealed):
            assert verdict.anchored is Anchored.FAILED
        elif binding is PASSED and live is PASSED:
            assert verdict.anchored is Anchored.LIVE_CHAIN
        elif binding is PASSED and sealed is PASSED:
            assert verdict.anchored is Anchored.SEALED_HEADER
        else:
            assert verdict.anchored is Anchored.NOT_DONE
        both = verdict.signed is PASSED and verdict.anchored in (
            Anchored.LIVE_CHAIN,
            Anchored.SEALED_HEADER,
        )
        assert (verdict.exit_code == 0) is both
        assert (verdict.exit_code == 1) is (FAILED in statuses)


@pytest.mark.parametrize(
    ("statuses", "code"),
    [
        ((PASSED, PASSED, PASSED, NOT_DONE, NOT_DONE), 4),
        ((NOT_DONE, PASSED, PASSED, NOT_DONE, NOT_DONE), 4),
        ((PASSED, PASSED, PASSED, NOT_DONE, PASSED), 0),
        ((FAILED, PASSED, PASSED, NOT_DONE, NOT_DONE), 1),
    ],
)
def test_silence_of_the_chain_has_its_own_code(statuses: tuple[Status, ...], code: int) -> None:
    assert _verdict(*statuses, unreachable=True).exit_code == code


def test_no_checks_are_no_pass() -> None:
    assert Verdict(checks=()).exit_code == 3


def test_the_json_form_lists_every_check() -> None:
    written = _verdict(PASSED, NOT_DONE, PASSED, PASSED, NOT_DONE).to_json()
    assert written["exit_code"] == 0
    assert written["outcome"] == {"signed": "passed", "anchored": "live_chain"}
    assert [check["number"] for check in written["checks"]] == [1, 2, 3, 4, 5]


class TestExamination:
    def test_a_check_that_is_never_reached_is_blocked(self) -> None:
        verdict = Examination(KINDS).verdict()
        assert {check.reason for check in verdict.checks} == {"blocked"}
        assert {check.status for check in verdict.checks} == {NOT_DONE}

    def test_an_error_becomes_a_failure_with_its_reason_and_words(self) -> None:
        examination = Examination(KINDS)

        def step() -> bool:
            raise ProofError("{field}: off by {count}", field="proof", count=1, code="tlog.x")

        assert examination.attempt("a", step) is None
        check = examination.verdict().checks[0]
        assert (check.status, check.reason, check.text) == (FAILED, "tlog.x", "proof: off by 1")

    def test_an_error_that_is_not_ours_is_not_swallowed(self) -> None:
        examination = Examination(KINDS)
        with pytest.raises(ZeroDivisionError):
            examination.attempt("a", lambda: 1 // 0)

    def test_a_check_is_recorded_once(self) -> None:
        examination = Examination(KINDS)
        examination.passed("a", "")
        with pytest.raises(ValueError, match="twice"):
            examination.failed("a", "x", "")
        assert examination.has_passed("a")
        assert not examination.has_passed("b")
