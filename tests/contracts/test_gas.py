"""Gas and size of the registry against the figures kept in gas.json.

A change of the contracts changes the figures; ``TN_UPDATE_GAS=1`` writes the new ones, so that the
difference is seen in review.
"""

import json
import os
from pathlib import Path

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

from chain.artifacts import load

KEPT = Path(__file__).with_name("gas.json")
OWNER = sender("owner of the gas figures")
CODE_LIMIT = 24_576  # EIP-170
STEPS = {
    "anchor, first": (0, 1_000),
    "anchor, 1 proof element": (1, 2),
    "anchor, 1000000 to 1000060": (1_000_000, 1_000_060),
    "anchor, 999983 to 1000003": (999_983, 1_000_003),
    "anchor, 700001 to 700061": (700_001, 700_061),
    "anchor, 2**20 - 1 to 2**20": (2**20 - 1, 2**20),
}


def _measure(engine: Engine) -> dict[str, int]:
    artifact, registry = load(), registry_on(engine)
    figures = {"runtime code, bytes": len(artifact.runtime_code)}
    code = engine.sign(OWNER, data=artifact.bytecode)
    figures["deploy"] = engine.receipt(engine.web3.eth.send_raw_transaction(code))["gasUsed"]
    for name, (first, second) in STEPS.items():
        origin = Web3.keccak(text=name)
        log_id = Web3.solidity_keccak(["address", "bytes32"], [OWNER.address, origin])
        opened = engine.send(registry, "openLog", origin, OWNER.address, account=OWNER)
        figures["openLog"] = opened.gas
        old, new = equal_root(first), equal_root(second)
        if first:
            start = (log_id, 0, EMPTY_ROOT, first, old, [])
            assert engine.send(registry, "anchor", *start, account=OWNER).status == 1
        step = (log_id, first, old, second, new, equal_consistency(first, second))
        sent = engine.send(registry, "anchor", *step, account=OWNER)
        assert sent.status == 1
        figures[name] = sent.gas
        again = engine.send(registry, "anchor", *step, account=OWNER)
        figures["anchor, duplicate"] = max(again.gas, figures.get("anchor, duplicate", 0))
        rotated = engine.send(registry, "rotateSigner", log_id, OWNER.address, account=OWNER)
        figures["rotateSigner"] = rotated.gas
    leaf = (2**20, 777_777, equal_root(1), equal_inclusion(777_777, 2**20))
    sent = engine.send(registry, "verifyInclusion", log_id, *leaf, account=OWNER)
    figures["verifyInclusion, 20 levels"] = sent.gas
    inner = harness_on(engine).functions.innerGas(b"\x01" * 32, b"\x02" * 32)
    figures["inner hash of 65 bytes, without the call"] = inner.call()
    return figures


def test_figures_are_the_kept_ones(engine: Engine) -> None:
    figures = _measure(engine)
    if os.environ.get("TN_UPDATE_GAS") == "1":
        KEPT.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
        pytest.skip("wrote gas.json")
    assert figures == json.loads(KEPT.read_text(encoding="utf-8"))


def test_code_fits_the_limit_of_every_engine() -> None:
    assert len(load().runtime_code) <= CODE_LIMIT
