"""Events alone, read by a reader written from the published page, against every getter of the contracts."""

from typing import Any

import pytest
from support.ledger import ADMIN_1, ADMIN_2, REGISTRY_1, REGULATOR_1, Ledger, ready
from support.ledger_campaign import Campaign
from support.ledger_engines import TimedEngine
from support.ledger_orders import Kind, Order, Role, digest
from support.ledger_reader import Reader
from web3.contract import Contract

REASON = digest("reason")


def _asked(contract: Contract, name: str, *args: Any) -> dict[str, Any]:
    """A struct that a getter gives, by the names of the ABI."""
    (item,) = (each for each in contract.abi if each.get("name") == name)
    names = [each["name"] for each in item["outputs"][0]["components"]]
    return dict(zip(names, contract.functions[name](*args).call(), strict=True))


def _compare(ledger: Ledger, reader: Reader) -> None:
    lots, owed, access = ledger.lots, ledger.obligations, ledger.access
    tables: list[tuple[Contract, str, dict[Any, Any]]] = [
        (lots, "lotOf", reader.lots),
        (ledger.orders, "orderOf", reader.orders),
        (owed, "obligationOf", reader.obligations),
        (owed, "recordOf", reader.records),
        (owed, "carryOver", reader.claims),
        (owed, "carryOverLimit", reader.limits),
        (owed, "arrearOf", reader.arrears),
        (access, "accountOf", reader.accounts),
        (access, "roleChange", reader.role_changes),
        (access, "keyChange", reader.key_changes),
    ]
    for contract, name, table in tables:
        for key, content in table.items():
            arguments = key if isinstance(key, tuple) else (key,)
            assert content == _asked(contract, name, *arguments), (name, key)
    for class_id, content in reader.classes.items():
        assert content | reader.totals(class_id) == _asked(lots, "classOf", class_id)
        for account in reader.accounts:
            found = lots.functions.balanceOf(account, class_id).call()
            assert reader.balance(account, class_id) == list(found)
    for (account, counterparty), allowed in reader.allowed.items():
        call = ledger.orders.functions.counterpartyAllowed(account, counterparty)
        assert call.call() == allowed
    for (account, key), rights in reader.rights.items():
        assert access.functions.rightsOf(account, key).call() == rights
    for officer, role in reader.roles.items():
        assert access.functions.roleOf(officer).call() == role
    administrators = sum(role == Role.ADMINISTRATOR for role in reader.roles.values())
    assert access.functions.administratorCount().call() == administrators
    # Nothing is known to the contracts of which no event told.
    assert lots.functions.lotCount().call() == len(reader.lots)
    assert lots.functions.classCount().call() == len(reader.classes)
    assert ledger.orders.functions.finalState().call() == reader.final_state


def _disturb(ledger: Ledger, reader_of: int) -> None:
    """Changes of offices and keys in each of their states, which a campaign does not draw."""
    arguments = (digest(f"officer {reader_of}")[:20], Role.EXCHANGE, True, REASON)
    for last in ("proposed", "approved", "withdrawn"):
        ledger.do(ledger.access, "proposeRole", *arguments, by=ADMIN_1)
        change = len(Reader().read((ledger.access,)).role_changes)
        if last != "proposed":
            ledger.do(ledger.access, "approveRole", change, by=ADMIN_2)
        if last == "withdrawn":
            ledger.do(ledger.access, "withdrawRole", change, by=ADMIN_1)
    key = (1, digest("a key never given")[:20], 3, REASON)
    for withdrawn in (False, True):
        ledger.do(ledger.access, "proposeKey", *key, by=REGISTRY_1)
        change = len(Reader().read((ledger.access,)).key_changes)
        if withdrawn:
            ledger.do(ledger.access, "withdrawKey", change, by=REGULATOR_1)


def _play(engine: TimedEngine, seed: int, steps: int) -> None:
    ledger = ready(engine)
    campaign = Campaign(seed, ledger)
    for _ in range(steps):
        campaign.step()
    _disturb(ledger, seed)
    _compare(ledger, Reader().read(ledger.contracts))
    ledger.run(Order(kind=Kind.CLOSE_LEDGER, registry_number=REASON))
    _compare(ledger, Reader().read(ledger.contracts))


@pytest.mark.soak
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("seed", [101, 102])
def test_a_stranger_rebuilds_everything_from_events(
    timed_embedded_engine: TimedEngine, seed: int
) -> None:
    _play(timed_embedded_engine, seed, 120)


@pytest.mark.anvil
@pytest.mark.timeout(1_800)
def test_a_stranger_rebuilds_everything_from_events_of_anvil(
    timed_anvil_engine: TimedEngine,
) -> None:
    _play(timed_anvil_engine, 103, 60)
