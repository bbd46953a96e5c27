"""The library's numbers on the contract: ids agree, and what the library says is what it checks."""

from datetime import datetime

import pytest
from support.ledger import REGULATOR_1, REGULATOR_2, Ledger, event_args

from chain.rule_ids import admission_rule
from trace_node.quota.chain_rules import LedgerClass, chain_rules
from trace_node.services.allocation import RuleLibrary


@pytest.mark.parametrize("class_id", [1, 2, 255, 2**32 - 1])
def test_the_id_of_an_admission_is_the_contract_s(ledger: Ledger, class_id: int) -> None:
    assert ledger.rules.functions.admissionRule(class_id).call() == admission_rule(class_id)


def test_the_contract_takes_what_the_library_says(ledger: Ledger) -> None:
    classes = [LedgerClass(number=4_000_001, kind="cea24")]
    rules = RuleLibrary.packaged().rules
    found = chain_rules(rules, year=2025, classes=classes, admission_rule=admission_rule)
    day = int(datetime.fromisoformat("2026-06-01T00:00:00+08:00").timestamp())
    for each in found:
        if each.name == "offset-cap-bps":  # the shared ledger may have one of its own already
            continue
        sent = ledger.do(
            ledger.rules,
            "proposeRule",
            *(each.rule_id, each.year, each.number, each.digest),
            *(each.valid_from, each.valid_to, each.draft),
            by=REGULATOR_1,
        )
        proposal = event_args(sent, "RuleProposed")["proposalId"]
        ledger.do(ledger.rules, "approve", proposal, by=REGULATOR_2)
        if not each.draft:
            number, _version = ledger.rules.functions.numberAt(each.rule_id, 2025, day).call()
            assert number == each.number
