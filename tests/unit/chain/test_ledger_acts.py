"""Officers' acts by the compiled contracts: which there are, and how their arguments are read."""

from typing import Any

import pytest
from eth_abi import encode
from eth_hash.auto import keccak

from chain.artifacts import load
from chain.ledger_act_arguments import read_arguments
from chain.ledger_acts import acts, find_act
from trace_node.crypto.sm3 import sm3
from trace_node.errors import InputError, NotFoundError

RULE = {
    "ruleId": "offset-cap-bps",
    "year": "2026",
    "number": "500",
    "digest": "plan 2026, article 12",
    "validFrom": "2026-01-01T00:00:00+08:00",
    "validTo": "1900000000",
    "draft": "False",
}
ACCOUNT = {"organisation": "1", "kind": "Holding", "delay": "0", "registryNumber": "none"}
KEY = {"account": "7", "key": "0x" + "ab" * 20, "rights": "both", "binding": "0x" + "CD" * 32}


def values(name: str, given: dict[str, str]) -> list[Any]:
    return [each.value for each in read_arguments(find_act(name), given)]


def test_every_function_that_officers_may_call_and_no_other() -> None:
    offered = {act.shown for act in acts()}
    for name in ("AccessRegistry", "RuleBook"):  # officers alone write these two
        for item in load(name).abi:
            if item["type"] == "function" and item["stateMutability"] not in ("view", "pure"):
                assert f"{name}.{item['name']}" in offered
    assert {each for each in offered if each.startswith(("Lot", "Allow", "Oblig"))} == {
        "LotBook.numberLot",
        "AllowanceRegistry.confirm",
        "ObligationBook.closePeriod",
        "ObligationBook.confirmCarryOver",
        "ObligationBook.confirmRecord",
        "ObligationBook.proposeCarryOver",
        "ObligationBook.proposeRecord",
    }


def test_arguments_are_read_by_name_in_the_contracts_order() -> None:
    assert values("RuleBook.proposeRule", dict(reversed(RULE.items()))) == [
        b"offset-cap-bps".ljust(32, b"\0"),
        2026,
        500,
        sm3(b"plan 2026, article 12"),
        1_767_196_800,
        1_900_000_000,
        False,
    ]
    assert values("AccessRegistry.openAccount", ACCOUNT) == [1, 1, 0, bytes(32)]
    address = "0x" + "aB" * 20
    found = values("AccessRegistry.proposeKey", KEY)
    assert (found[1].lower(), found[2], found[3]) == (address.lower(), 3, b"\xcd" * 32)
    role = {"officer": address.lower(), "role": "verifier", "grant": "true", "reason": "x"}
    assert values("AccessRegistry.proposeRole", role)[1:3] == [5, True]


def test_the_rule_that_admits_a_class_has_its_own_spelling() -> None:
    given = RULE | {"ruleId": "admissible:4"}
    assert values("RuleBook.proposeRule", given)[0] == keccak(
        encode(["string", "uint32"], ["admissible", 4])
    )


def test_a_text_is_told_with_its_digest() -> None:
    given = {"orderId": "0x" + "01" * 32, "registryNumber": "T-1"}
    order, number = read_arguments(find_act("AllowanceRegistry.confirm"), given)
    assert (order.text, number.text) == ("", "T-1")
    assert number.shown == "0x" + sm3(b"T-1").hex()


FIGURE = {"organisation": "1", "year": "2026", "sector": "1", "tonnes": "5", "leaf": "x"}


@pytest.mark.parametrize(
    ("name", "given", "code", "field"),
    [
        ("RuleBook.proposeRule", RULE | {"year": "-1"}, "ledger.act.value", "year"),
        ("RuleBook.proposeRule", RULE | {"year": "4294967296"}, "ledger.act.value", "year"),
        ("RuleBook.proposeRule", RULE | {"year": "2026.0"}, "ledger.act.value", "year"),
        ("RuleBook.proposeRule", RULE | {"validTo": "soon"}, "ledger.act.value", "validTo"),
        ("RuleBook.proposeRule", RULE | {"validTo": "2026-01-01"}, "ledger.act.value", "validTo"),
        ("RuleBook.proposeRule", RULE | {"draft": "maybe"}, "ledger.act.value", "draft"),
        ("RuleBook.proposeRule", RULE | {"ruleId": "x" * 33}, "order.name", "ruleId"),
        ("RuleBook.proposeRule", RULE | {"digest": ""}, "order.text", "digest"),
        ("RuleBook.proposeRule", RULE | {"more": "1"}, "ledger.act.argument", "more"),
        ("RuleBook.approve", {}, "ledger.act.argument", "proposalId"),
        ("AccessRegistry.openAccount", ACCOUNT | {"kind": "none"}, "ledger.act.value", "kind"),
        ("AccessRegistry.proposeKey", KEY | {"rights": "all"}, "ledger.act.value", "rights"),
        ("AccessRegistry.proposeKey", KEY | {"key": "0x12"}, "ledger.act.value", "key"),
        ("AccessRegistry.proposeKey", KEY | {"binding": "0x12"}, "ledger.act.value", "binding"),
        *(
            (
                "AllowanceRegistry.confirm",
                {"orderId": mistyped, "registryNumber": "T-1"},
                "ledger.act.value",
                "orderId",
            )
            for mistyped in ("0x" + "01" * 31, "01" * 32, "sale")
        ),
        ("ObligationBook.proposeRecord", FIGURE | {"tonnes": "-5"}, "order.amount.negative", "tonnes"),
        ("ObligationBook.proposeRecord", FIGURE | {"tonnes": "0.5"}, "order.amount.fractional", "tonnes"),
    ],
)  # fmt: skip
def test_bad_arguments_are_named(name: str, given: dict[str, str], code: str, field: str) -> None:
    with pytest.raises(InputError) as refusal:
        read_arguments(find_act(name), given)
    assert (refusal.value.reason, refusal.value.field) == (code, field)
    assert refusal.value.remedy


@pytest.mark.parametrize("name", ["", "LotBook.issue", "RuleBook.rules", "ruleBook.approve", "x"])
def test_there_is_no_other_act(name: str) -> None:
    with pytest.raises(NotFoundError) as refusal:
        find_act(name)
    assert refusal.value.reason == "ledger.act.unknown"
