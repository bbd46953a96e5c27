"""Gas and sizes of the ledger's contracts against the figures kept in gas.json.

``TN_UPDATE_GAS=1`` writes the new ones, so that a difference is seen in review.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from support.evm import sender
from support.ledger import REGISTRY_1, Ledger, Parties, ready
from support.ledger_engines import TimedEngine
from support.ledger_orders import (
    ZERO,
    AccountKind,
    Admission,
    Instrument,
    Kind,
    Order,
    Place,
    digest,
)

from chain.artifacts import load

KEPT = Path(__file__).with_name("gas.json")
CODE_LIMIT, INITCODE_LIMIT = 24_576, 49_152  # EIP-170, EIP-3860
TRANSACTION_LIMIT = 2**24  # EIP-7825, on engines with the Osaka rules
NAMES = ["AccessRegistry", "RuleBook", "LotBook", "ObligationBook", "AllowanceRegistry"]


class Meter:
    """Orders with ids that are the same in every run: signatures are call data, and cost by the byte."""

    def __init__(self, engine: TimedEngine) -> None:
        self.ledger = ready(engine, deployer=sender("deployer of the gas figures"))
        self.figures: dict[str, int] = {}

    def measure(self, name: str, **fields: Any) -> list[int]:
        """Gas of the three steps; gives the lots that the order reserved."""
        order = Order(order_id=digest(f"gas of {name}"), **fields)
        self.figures[f"{name}, propose"] = self.ledger.propose(order).gas
        lots = self.ledger.split_of(order)
        self.figures[f"{name}, approve"] = self.ledger.approve(order).gas
        self.figures[f"{name}, execute"] = self.ledger.execute(order).gas
        return lots


def _deploy(ledger: Ledger) -> int:
    """Gas of the contract that makes its two books."""
    engine, artifact = ledger.engine, load("AllowanceRegistry")
    addresses = (ledger.access.address, ledger.rules.address, ZERO)
    arguments = engine.web3.codec.encode(["address"] * 3, addresses)
    raw = engine.sign(ledger.deployer, data=artifact.bytecode + arguments)
    return int(engine.receipt(engine.web3.eth.send_raw_transaction(raw))["gasUsed"])


def _measure(engine: TimedEngine) -> dict[str, int]:
    meter = Meter(engine)
    ledger = meter.ledger
    meter.figures["AllowanceRegistry, deploy"] = _deploy(ledger)
    parties = Parties(ledger)
    seller, class_id = parties.seller, parties.class_id
    meter.measure("issue", kind=Kind.ISSUE, to=seller, subject=class_id, quantity=100_000)
    lot = ledger.lots.functions.lotCount().call()
    move = {"kind": Kind.MOVE, "source": seller, "to": seller, "subject": Place.TRADING}
    lots = meter.measure("move to trading", **move, parts=((lot, 60_000),))
    trade = {"kind": Kind.LISTED, "source": seller, "to": parties.buyer}
    meter.measure("first sale to a buyer", **trade, parts=((lots[0], 100),))
    meter.measure("sale", **trade, parts=((lots[0], 100),))
    sale = Order(order_id=digest("gas of a submission"), **trade, parts=((lots[0], 100),))
    meter.figures["sale, submit"] = ledger.run(sale).gas
    many = [lots[0], *(parties.lot(1_000, trading=True) for _ in range(9))]
    meter.measure("sale from 10 lots", **trade, parts=tuple((each, 10) for each in many))
    _measure_compliance(meter, parties, lot)
    return meter.figures


def _measure_compliance(meter: Meter, parties: Parties, lot: int) -> None:
    ledger, organisation = meter.ledger, parties.seller_organisation
    ledger.common_rules(2025)
    ledger.admit(parties.class_id, 2025, Admission.ALLOWANCE)
    obligation = ledger.oblige(organisation, 2025, 20_000)
    common = {"source": parties.seller, "subject": obligation}
    meter.measure("surrender", kind=Kind.SURRENDER, parts=((lot, 10_000),), **common)
    ccer = ledger.open(organisation, AccountKind.CCER)
    ledger.do(ledger.access, "bindAccount", ccer, parties.seller, by=REGISTRY_1)
    class_id = ledger.register("CCER of the gas figures", Instrument.CCER, 2024)
    ledger.admit(class_id, 2025, Admission.OFFSET)
    units = ledger.issue(ccer, class_id, 1_000)
    for kind in (Kind.OFFSET_FREEZE, Kind.OFFSET_PENDING, Kind.OFFSET_USE, Kind.OFFSET_CANCEL):
        fields = {"source": ccer, "subject": obligation, "parts": ((units, 1_000),)}
        meter.measure(kind.name.lower().replace("_", " "), kind=kind, **fields)


def test_figures_are_the_kept_ones(timed_engine: TimedEngine) -> None:
    figures = {f"{name}, bytes": len(load(name).runtime_code) for name in NAMES}
    figures |= _measure(timed_engine)
    if os.environ.get("TN_UPDATE_GAS") == "1":
        KEPT.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
        pytest.skip("wrote gas.json")
    assert max(figures.values()) < TRANSACTION_LIMIT
    assert figures == json.loads(KEPT.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_code_fits_the_limits_of_every_engine(name: str) -> None:
    artifact = load(name)
    assert len(artifact.runtime_code) <= CODE_LIMIT
    assert len(artifact.bytecode) + 3 * 32 <= INITCODE_LIMIT


def test_the_code_at_each_address_is_the_built_one(ledger: Ledger) -> None:
    """Nothing is written into the code when it is deployed, so that its hash can be compared."""
    for name, contract in zip(NAMES, ledger.contracts, strict=True):
        code = ledger.engine.web3.eth.get_code(contract.address)
        assert bytes(code) == load(name).runtime_code
