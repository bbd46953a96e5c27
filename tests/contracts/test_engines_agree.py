"""The same transactions on the embedded chain and on anvil come to the same results and the same gas."""

from itertools import pairwise
from typing import Any

import pytest
from support.evm import (
    EMPTY_ROOT,
    Engine,
    equal_consistency,
    equal_inclusion,
    equal_root,
    harness_on,
    registry_on,
    sender,
)
from web3 import Web3
from web3.contract import Contract

pytestmark = pytest.mark.anvil

OWNER, SIGNER = sender("owner of both"), sender("signer of both")
ORIGIN = Web3.keccak(text="trace-node.local/differential/sm3")
STEPS = [0, 1, 2, 3, 64, 65, 1000, 4095, 4096, 1_000_000]


def _anchor_arguments(log_id: bytes, first: int, second: int) -> list[Any]:
    roots = [equal_root(first), second, equal_root(second)]
    return [log_id, first, *roots, equal_consistency(first, second)]


def _story(engine: Engine) -> list[Any]:
    """Everything that can be told of a log's life, without times and block numbers."""
    registry = registry_on(engine)
    log_id = Web3.solidity_keccak(["address", "bytes32"], [OWNER.address, ORIGIN])
    sent = [engine.send(registry, "openLog", ORIGIN, SIGNER.address, account=OWNER)]
    for first, second in pairwise(STEPS):
        arguments = _anchor_arguments(log_id, first, second)
        wrong = [*arguments[:-1], [*arguments[-1], EMPTY_ROOT]]
        sent.append(engine.send(registry, "anchor", *wrong, account=SIGNER))
        sent.append(engine.send(registry, "anchor", *arguments, account=SIGNER))
        sent.append(engine.send(registry, "anchor", *arguments, account=SIGNER))
    sent.append(engine.send(registry, "rotateSigner", log_id, OWNER.address, account=OWNER))
    heir = (Web3.keccak(text="heir"), SIGNER.address, log_id)
    sent.append(engine.send(registry, "openSuccessor", *heir, account=OWNER))
    told: list[Any] = [(each.status, each.gas, _timeless(each.events)) for each in sent]
    return told + _views(registry, log_id)


def _timeless(events: list[tuple[str, dict[str, Any]]]) -> list[Any]:
    return [(name, {k: v for k, v in args.items() if k != "time"}) for name, args in events]


def _views(registry: Contract, log_id: bytes) -> list[Any]:
    calls = registry.functions
    size = STEPS[-1]
    inclusion = (log_id, size, 77_777, equal_root(1), equal_inclusion(77_777, size))
    told = [calls.head(log_id).call()[:2], calls.logInfo(log_id).call()]
    told += [calls.anchoredAt(log_id, each).call()[0] for each in STEPS]
    told.append(calls.verifyInclusion(*inclusion).call())
    told.append(registry.w3.eth.get_code(registry.address))
    return told


def test_a_whole_life_of_a_log(embedded_engine: Engine, anvil_engine: Engine) -> None:
    assert _story(embedded_engine) == _story(anvil_engine)


def test_gas_estimates_are_enough_on_both(embedded_engine: Engine, anvil_engine: Engine) -> None:
    for engine in (embedded_engine, anvil_engine):
        registry = registry_on(engine)
        fields = {"to": registry.address, "from": OWNER.address}
        data = registry.encode_abi("openLog", args=[Web3.keccak(text="estimate"), SIGNER.address])
        guess = engine.web3.eth.estimate_gas({**fields, "data": data})
        raw = engine.sign(OWNER, to=registry.address, data=data, gas=guess)
        receipt = engine.receipt(engine.web3.eth.send_raw_transaction(raw))
        assert receipt["status"] == 1
        assert receipt["gasUsed"] <= guess <= receipt["gasUsed"] * 1.02


def test_readable_sm3_uses_the_same_gas(embedded_engine: Engine, anvil_engine: Engine) -> None:
    told = []
    for engine in (embedded_engine, anvil_engine):
        contract = harness_on(engine)
        sent = engine.send(contract, "slow", b"x" * 65, account=OWNER)
        told.append((sent.status, sent.gas))
    assert told[0] == told[1]
