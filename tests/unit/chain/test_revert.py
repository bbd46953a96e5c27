"""Reverts as typed errors, against the compiled ABI."""

from typing import Any

import pytest
from eth_abi import encode
from eth_utils import keccak

from chain import revert
from chain.artifacts import load
from chain.errors import ContractRefusalError
from chain.events import event_signatures, event_topics
from trace_node.ports.chain import HeadMovedError

LOG_ID = bytes(range(32))


def signature(item: dict[str, Any]) -> str:
    return f"{item['name']}({','.join(each['type'] for each in item['inputs'])})"


def test_the_table_knows_every_error_of_the_contract() -> None:
    compiled = {signature(item) for item in load().abi if item["type"] == "error"}
    assert revert.error_signatures() == compiled


def test_the_events_are_those_of_the_contract() -> None:
    compiled = {signature(item) for item in load().abi if item["type"] == "event"}
    assert set(event_signatures()) == compiled
    assert set(event_topics()) == {keccak(text=each) for each in compiled}


@pytest.mark.parametrize("item", [i for i in load().abi if i["type"] == "error"], ids=signature)
def test_every_error_has_its_own_class_and_code(item: dict[str, Any]) -> None:
    types = [each["type"] for each in item["inputs"]]
    examples = {"bytes32": LOG_ID, "uint64": 77, "address": "0x" + "ab" * 20}
    values = [examples[kind] for kind in types]
    error = revert.refusal(keccak(text=signature(item))[:4] + encode(types, values))
    assert type(error).__name__ == item["name"] + "Error"
    assert type(error) is not ContractRefusalError
    assert error.reason.startswith("chain.refused.")
    if "uint64" in types:
        assert "77" in error.message
    if "address" in types:
        assert "abab" in error.message


def test_a_moved_head_is_what_the_core_waits_for() -> None:
    data = keccak(text="HeadMismatch(bytes32,uint64,bytes32)")[:4]
    error = revert.refusal(data + encode(["bytes32", "uint64", "bytes32"], [LOG_ID, 4, LOG_ID]))
    assert isinstance(error, HeadMovedError)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no reason given"),
        (bytes.fromhex("4e487b71") + (0x11).to_bytes(32), "panic 0x11"),
        (bytes.fromhex("08c379a0") + encode(["string"], ["because"]), "because"),
        (b"\xde\xad\xbe\xef", "0xdeadbeef"),
        (keccak(text="UnknownLog(bytes32)")[:4] + bytes(31), "0x"),  # cut short
        (bytes.fromhex("08c379a0") + bytes(3), "no reason given"),
    ],
)
def test_other_reverts_say_what_they_can(data: bytes, said: str) -> None:
    error = revert.refusal(data)
    assert type(error) is ContractRefusalError
    assert said in error.message
