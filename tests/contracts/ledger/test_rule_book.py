"""RuleBook: two regulators set a number, versions are added, drafts need a release."""

from typing import Any

import pytest
from eth_account.signers.local import LocalAccount
from support.evm import Sent
from support.ledger import (
    ADMIN_1,
    FOR_EVER,
    REGISTRY_1,
    REGULATOR_1,
    REGULATOR_2,
    VERIFIER,
    Ledger,
    event_args,
)
from support.ledger_orders import NONE, Role, digest
from web3 import Web3

RECORD = digest("rule record")


class Rules:
    """Short ways to call the book, for a rule of the test's own."""

    def __init__(self, ledger: Ledger, name: str) -> None:
        self.ledger = ledger
        self.contract = ledger.rules
        self.id = digest(f"{name} on {ledger.engine.name}")

    def do(self, name: str, *args: Any, by: LocalAccount = REGULATOR_1) -> Sent:
        return self.ledger.do(self.contract, name, *args, by=by)

    def refused(
        self, name: str, *args: Any, by: LocalAccount = REGULATOR_1
    ) -> tuple[str, tuple[Any, ...]]:
        return self.ledger.refused(self.contract, name, *args, by=by)

    def propose(
        self, number: int, *, valid: tuple[int, int] = (0, FOR_EVER), draft: bool = False
    ) -> int:
        sent = self.do("proposeRule", self.id, 2025, number, RECORD, *valid, draft)
        return event_args(sent, "RuleProposed")["proposalId"]

    def add(self, number: int, **how: Any) -> None:
        self.do("approve", self.propose(number, **how), by=REGULATOR_2)

    def at(self, time: int) -> tuple[int, int]:
        return tuple(self.contract.functions.numberAt(self.id, 2025, time).call())

    def refusal_at(self, time: int) -> tuple[str, tuple[Any, ...]]:
        return self.ledger.engine.refusal(
            self.contract, "numberAt", self.id, 2025, time, account=VERIFIER
        )


@pytest.fixture
def rules(ledger: Ledger, request: pytest.FixtureRequest) -> Rules:
    return Rules(ledger, request.node.name)


def test_a_number_takes_two_regulators(rules: Rules) -> None:
    proposal = rules.propose(500)
    assert rules.refusal_at(1) == ("UnknownRule", (rules.id, 2025))
    expected = ("ApproverIsProposer", (REGULATOR_1.address,))
    assert rules.refused("approve", proposal) == expected
    for caller in (ADMIN_1, REGISTRY_1, VERIFIER):
        assert rules.refused("approve", proposal, by=caller) == ("NotOfficer", (caller.address,))
    sent = rules.do("approve", proposal, by=REGULATOR_2)
    assert event_args(sent, "RuleAdded")["version"] == 1
    assert rules.at(1) == (500, 1)
    refusal = rules.refused("approve", proposal, by=REGULATOR_2)
    assert refusal == ("ProposalNotOpen", (proposal,))


def test_only_regulators_propose(rules: Rules) -> None:
    arguments = (rules.id, 2025, 1, RECORD, 0, FOR_EVER, False)
    for caller in (ADMIN_1, REGISTRY_1, VERIFIER):
        assert rules.refused("proposeRule", *arguments, by=caller)[0] == "NotOfficer"


def test_a_new_version_leaves_the_old_one(rules: Rules) -> None:
    rules.add(500)
    rules.add(700)
    assert rules.at(1) == (700, 2)
    versions = [
        rules.contract.functions.versionOf(rules.id, 2025, version).call()[0]
        for version in (0, 1, 2, 3)
    ]
    assert versions == [0, 500, 700, 0]
    assert rules.contract.functions.versionCount(rules.id, 2025).call() == 2


def test_validity_is_from_the_first_second_to_before_the_last(rules: Rules) -> None:
    rules.add(500, valid=(1_000, 2_000))
    assert rules.refusal_at(999) == ("RuleNotYetValid", (rules.id, 2025, 1_000))
    assert rules.at(1_000) == rules.at(1_999) == (500, 1)
    assert rules.refusal_at(2_000) == ("RuleExpired", (rules.id, 2025, 2_000))


def test_the_newest_valid_version_holds(rules: Rules) -> None:
    rules.add(1, valid=(1_000, 9_000))
    rules.add(2, valid=(3_000, 5_000))
    assert [rules.at(time) for time in (1_000, 3_000, 5_000)] == [(1, 1), (2, 2), (1, 1)]


def test_a_draft_is_unusable_until_released_by_two(rules: Rules) -> None:
    rules.add(500, draft=True)
    assert rules.refusal_at(1) == ("RuleIsDraft", (rules.id, 2025, 1))
    sent = rules.do("proposeRelease", rules.id, 2025, 1, RECORD)
    proposal = event_args(sent, "DraftReleaseProposed")["proposalId"]
    assert rules.refused("approve", proposal)[0] == "ApproverIsProposer"
    rules.do("approve", proposal, by=REGULATOR_2)
    assert rules.at(1) == (500, 1)
    assert rules.refused("proposeRelease", rules.id, 2025, 1, RECORD)[0] == "NothingToRelease"


def test_a_draft_is_released_once(rules: Rules) -> None:
    rules.add(500, draft=True)
    proposals = []
    for _ in range(2):
        sent = rules.do("proposeRelease", rules.id, 2025, 1, RECORD)
        proposals.append(event_args(sent, "DraftReleaseProposed")["proposalId"])
    rules.do("approve", proposals[0], by=REGULATOR_2)
    assert rules.refused("approve", proposals[1], by=REGULATOR_2)[0] == "NothingToRelease"


def test_a_draft_does_not_hide_behind_an_older_number(rules: Rules) -> None:
    """A draft that would hold is a refusal, not a silent return to the version before it."""
    rules.add(500)
    rules.add(700, draft=True)
    assert rules.refusal_at(1)[0] == "RuleIsDraft"


def test_nonsense_is_refused(rules: Rules) -> None:
    empty = (rules.id, 2025, 1, RECORD, 2_000, 2_000, False)
    assert rules.refused("proposeRule", *empty) == ("EmptyValidity", (2_000, 2_000))
    assert rules.refused("proposeRule", rules.id, 2025, 1, NONE, 0, 1, False) == ("NoDigest", ())
    assert rules.refused("proposeRelease", rules.id, 2025, 1, NONE) == ("NoDigest", ())
    for version in (0, 1):
        arguments = (rules.id, 2025, version, RECORD)
        expected = ("UnknownVersion", (rules.id, 2025, version))
        assert rules.refused("proposeRelease", *arguments) == expected
    rules.add(500)
    assert rules.refused("proposeRelease", rules.id, 2025, 1, RECORD)[0] == "NothingToRelease"


def test_a_proposal_is_withdrawn(rules: Rules) -> None:
    proposal = rules.propose(500)
    rules.do("withdraw", proposal, by=REGULATOR_2)
    for name in ("approve", "withdraw"):
        assert rules.refused(name, proposal, by=REGULATOR_2) == ("ProposalNotOpen", (proposal,))


def test_a_proposal_dies_with_the_office_of_its_proposer(own_ledger: Ledger) -> None:
    rules = Rules(own_ledger, "orphaned")
    proposal = rules.propose(500)
    own_ledger.appoint({REGULATOR_1: Role.REGULATOR}, grant=False)
    expected = ("NotOfficer", (REGULATOR_1.address,))
    assert rules.refused("approve", proposal, by=REGULATOR_2) == expected


def test_admission_is_a_rule_by_class(rules: Rules) -> None:
    encoded = Web3().codec.encode(["string", "uint32"], ["admissible", 7])
    assert rules.contract.functions.admissionRule(7).call() == bytes(Web3.keccak(encoded))
    rules.ledger.admit(70_001, 2025, 2)
    assert rules.contract.functions.admissionAt(70_001, 2025, 5).call() == [2, 1]


def test_nothing_is_written_while_paused(own_ledger: Ledger) -> None:
    rules = Rules(own_ledger, "paused")
    proposal = rules.propose(500)
    own_ledger.do(own_ledger.access, "pause", RECORD, by=ADMIN_1)
    assert rules.refused("approve", proposal, by=REGULATOR_2) == ("LedgerPaused", ())
    assert rules.refused("withdraw", proposal) == ("LedgerPaused", ())
