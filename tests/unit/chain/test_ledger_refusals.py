"""Every error of the ledger's contracts has a code, a text with its parameters, a remedy, in both languages."""

import re
import string
from typing import Any

import pytest
from eth_abi import encode
from eth_hash.auto import keccak

from api.i18n import message_of, remedy_of
from api.return_codes import REASONS, answer_to
from chain.artifacts import load
from chain.ledger_refusals import TABLE, LedgerRefusalError, ledger_refusal
from chain.revert import refusal

NAMES = ["AccessRegistry", "RuleBook", "LotBook", "ObligationBook", "AllowanceRegistry"]
ERRORS = {
    f"{item['name']}({','.join(each['type'] for each in item['inputs'])})": [
        each["name"] for each in item["inputs"]
    ]
    for name in NAMES
    for item in load(name).abi
    if item["type"] == "error"
}
RENAMED = {("WrongAccountKind", "kind"): "accountKind"}  # a kind of account, not of order


def revert(signature: str, *values: Any) -> LedgerRefusalError:
    types = [each for each in signature[signature.index("(") + 1 : -1].split(",") if each]
    found = refusal(keccak(signature.encode())[:4] + encode(types, values))
    assert isinstance(found, LedgerRefusalError)
    return found


def test_the_table_has_every_error_of_the_contracts_and_no_other() -> None:
    assert sorted(row.signature for row in TABLE) == sorted(ERRORS)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.error)
def test_each_says_field_rule_and_remedy_in_both_languages(row: Any) -> None:
    named = [RENAMED.get((row.name, each), each) for each in ERRORS[row.signature]]
    assert [name for _, name in row.parameters] == named
    samples = {"address": "0x" + "ab" * 20, "bytes32": b"\xfe" * 32}
    found = revert(row.signature, *(samples.get(kind, 2) for kind, _ in row.parameters))
    assert found.reason == row.code
    assert re.fullmatch(r"ledger\.refused\.[a-z_]+", row.code)
    assert found.field
    assert found.remedy
    used = {name for _, name, _, _ in string.Formatter().parse(row.template) if name}
    assert used <= {"field", *named}
    assert "field" in used
    assert message_of(found, "zh_CN") != found.message
    assert remedy_of(found, "zh_CN") != found.remedy
    assert row.code in REASONS
    assert int(answer_to(found).status) in (403, 404, 409)


def test_values_are_shown_as_people_read_them() -> None:
    lot = revert("InsufficientLot(uint64,uint64,uint256)", 21, 400, 401)
    assert "lot 21 holds 400 t, the order asks for 401 t" in lot.message
    assert "-1" in revert("NegativeAmount(uint256)", 2**256 - 1).message
    assert "2030-03-17T17:46:40Z" in revert("TooEarly(uint64)", 1_900_000_000).message
    assert str(2**64 - 1) in revert("TooEarly(uint64)", 2**64 - 1).message
    assert "CANCELLED" in revert("OrderClosed(bytes32,uint8)", b"\xfe" * 32, 4).message
    rule = revert("RuleIsDraft(bytes32,uint32,uint32)", b"offset-cap-bps".ljust(32, b"\0"), 2025, 1)
    assert "rule offset-cap-bps for 2025" in rule.message
    address = "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1"
    assert address in revert("NotAuthorised(address)", address).message


@pytest.mark.parametrize("data", [b"", b"\x12\x34\x56\x78", keccak(b"TooEarly(uint64)")[:4]])
def test_what_is_no_error_of_the_ledger_is_not_taken_for_one(data: bytes) -> None:
    assert ledger_refusal(data) is None
    assert refusal(data).reason == "chain.refused"


def test_one_reason_has_one_code() -> None:
    codes = [REASONS[code] for code in {row.code for row in TABLE}]
    assert len(codes) == len(set(codes))
