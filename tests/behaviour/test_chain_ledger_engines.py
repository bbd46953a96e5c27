"""A ledger with a random history, found, followed and read on real EVMs; web3 says what is right."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from eth_utils import to_canonical_address
from support.evm import anvil_program
from support.ledger import ADMIN_1, ADMIN_2, Ledger, ready
from support.ledger_campaign import Campaign
from support.ledger_ends import addresses_of, product_client
from support.ledger_engines import TimedEngine, timed_anvil, timed_embedded
from support.ledger_orders import ROLE_DELAY, ZERO

from chain.client import EvmClient
from chain.errors import ChainConfigError, StaleEndpointError
from chain.ledger_follower import ChainLedgerFollower
from chain.ledger_join import find_contracts, join_ledger
from chain.ledger_reader import ChainLedgerReader
from chain.ledger_record import LedgerDeployment, check_ledger, read_ledger
from trace_node.ports.ledger import BlockMark
from trace_node.quota.ledger.events import PlacedEvent
from trace_node.quota.ledger.kinds import Book

NO_ANVIL = "no anvil: run infra/scripts/contracts --install, or set TN_ANVIL to the program"
RENAMED = {"from": "source", "to": "target"}


@pytest.fixture(scope="module", params=["embedded", pytest.param("anvil", marks=pytest.mark.anvil)])
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TimedEngine]:
    if request.param == "embedded":
        with timed_embedded(tmp_path_factory.mktemp("chain")) as engine:
            yield engine
        return
    if anvil_program() is None:
        pytest.skip(NO_ANVIL)
    with timed_anvil() as engine:
        yield engine


@pytest.fixture(scope="module")
def ledger(engine: TimedEngine) -> Ledger:
    """After 40 random acts of everybody."""
    ledger = ready(engine)
    campaign = Campaign(20_261, ledger)
    for _ in range(40):
        campaign.step()
    return ledger


@pytest.fixture(scope="module")
def client(engine: TimedEngine) -> Iterator[EvmClient]:
    with product_client(engine) as client:
        yield client


@pytest.fixture(scope="module")
def joined(
    client: EvmClient, ledger: Ledger, tmp_path_factory: pytest.TempPathFactory
) -> LedgerDeployment:
    record = tmp_path_factory.mktemp("record") / "ledger.json"
    return join_ledger(client, addresses_of(ledger)[Book.ORDERS], record)


def snake(name: str) -> str:
    return RENAMED.get(name) or "".join(f"_{c.lower()}" if c.isupper() else c for c in name)


def plain(found: Any) -> Any:
    """Our value as web3 shows it: no classes, enums as numbers."""
    if is_dataclass(found):
        return {each.name: plain(getattr(found, each.name)) for each in fields(found)}
    if isinstance(found, tuple):
        return [plain(each) for each in found]
    return found.value if isinstance(found, Enum) else found


def shown(value: Any) -> Any:
    """A value of web3's in the same form; addresses as bytes."""
    if hasattr(value, "items"):
        return {snake(name): shown(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [shown(each) for each in value]
    return to_canonical_address(value) if isinstance(value, str) else value


def all_events(ledger: Ledger) -> list[tuple[Any, ...]]:
    found = []
    for book, contract in zip(Book, ledger.contracts, strict=True):
        by_topic = {event.topic: event for event in contract.events}
        wanted: Any = {"address": contract.address, "fromBlock": 0}
        for log in ledger.engine.web3.eth.get_logs(wanted):
            event = by_topic["0x" + log["topics"][0].hex()]
            time = ledger.engine.web3.eth.get_block(log["blockNumber"])["timestamp"]
            args = shown(event.process_log(log)["args"])
            place = (log["blockNumber"], log["logIndex"], bytes(log["blockHash"]), time)
            found.append((*place, bytes(log["transactionHash"]), book, event.event_name, args))
    return sorted(found, key=lambda each: each[:2])


def follow(client: EvmClient, deployment: LedgerDeployment) -> list[PlacedEvent]:
    follower = ChainLedgerFollower(client, deployment.identity)
    cursor, events = follower.begin(), []
    while True:
        step = follower.step(cursor)
        cursor = step.cursor
        events += step.events
        if step.tip.number >= step.height:
            return events


def test_the_events_are_those_that_web3_reads(
    ledger: Ledger, client: EvmClient, joined: LedgerDeployment
) -> None:
    found = [
        (
            each.block,
            each.index,
            each.block_hash,
            each.time,
            each.transaction,
            each.book,
            type(each.content).__name__,
            plain(each.content),
        )
        for each in follow(client, joined)
    ]
    assert found == all_events(ledger)
    assert len(found) > 100
    assert {each[5] for each in found} == set(Book)


def test_the_ledger_is_found_from_one_address(
    ledger: Ledger, client: EvmClient, joined: LedgerDeployment
) -> None:
    assert joined.identity.contracts == addresses_of(ledger)
    assert joined.engine == client.config.engine
    assert (joined.chain_id, joined.genesis_hash) == (client.chain_id, client.genesis_hash)
    first = joined.first_block
    code = [
        ledger.engine.web3.eth.get_code(ledger.access.address, block_identifier=number)
        for number in (first - 1, first)
    ]
    assert [bool(each) for each in code] == [False, True]
    check_ledger(client, joined)


def ids_of(events: list[PlacedEvent], name: str, member: str) -> list[Any]:
    return [getattr(each.content, member) for each in events if type(each.content).__name__ == name]


def test_the_state_is_what_web3_reads_now_and_in_the_past(
    ledger: Ledger, client: EvmClient, joined: LedgerDeployment
) -> None:
    reader = ChainLedgerReader(client, joined.identity.contracts)
    events = follow(client, joined)
    lots = ids_of(events, "LotIssued", "lot_id") + ids_of(events, "LotSplit", "new_lot_id")
    accounts = ids_of(events, "AccountOpened", "account")
    classes = ids_of(events, "ClassRegistered", "class_id")
    pairs = [(account, each) for account in accounts for each in classes]
    orders = ids_of(events, "OrderProposed", "order_id")
    owed = sorted(set(ids_of(events, "RecordConfirmed", "obligation")))
    arrears = [*ids_of(events, "ArrearOpened", "arrear"), 77]
    years = [(organisation, 2025) for organisation in (1, 2, 3)]
    head = reader.head()
    past = events[len(events) * 2 // 3]
    then = BlockMark(number=past.block, block_hash=past.block_hash, time=past.time)
    for at in (head, then):
        asked = [
            (reader.lots, lots, ledger.lots, "lotOf"),
            (reader.accounts, accounts, ledger.access, "accountOf"),
            (reader.classes, classes, ledger.lots, "classOf"),
            (reader.balances, pairs, ledger.lots, "balanceOf"),
            (reader.orders, orders, ledger.orders, "orderOf"),
            (reader.obligations, owed, ledger.obligations, "obligationOf"),
            (reader.arrears, arrears, ledger.obligations, "arrearOf"),
            (reader.carry_overs, years, ledger.obligations, "carryOverLimit"),
        ]
        for read, wanted, contract, function in asked:
            names = [
                snake(each["name"])
                for item in contract.abi
                if item.get("name") == function
                for each in item["outputs"][0]["components"]
            ]
            found = [plain(each) for each in read(wanted, at)]
            assert len(found) == len(wanted) > 0
            for key, content in zip(wanted, found, strict=True):
                arguments = key if isinstance(key, tuple) else (key,)
                call = contract.functions[function](*arguments)
                expected = shown(call.call(block_identifier=at.number))
                assert content == dict(zip(names, expected, strict=True)), (function, key)
        counts = reader.event_counts(at)
        for book, contract in zip(Book, ledger.contracts, strict=True):
            call = contract.functions.eventCount()
            assert counts[book] == call.call(block_identifier=at.number)
        assert reader.paused(at) is False
        assert reader.lots([], at) == []


def test_a_block_that_is_not_there_is_not_answered_for(
    client: EvmClient, joined: LedgerDeployment
) -> None:
    reader = ChainLedgerReader(client, joined.identity.contracts)
    head = reader.head()
    for at in (
        BlockMark(number=head.number, block_hash=b"x" * 32, time=head.time),
        BlockMark(number=head.number + 9, block_hash=b"x" * 32, time=head.time),
        BlockMark(number=head.number - 1, block_hash=head.block_hash, time=head.time),
    ):
        with pytest.raises(StaleEndpointError):
            reader.lots([1], at)


def test_before_a_contract_was_made_it_has_emitted_nothing(
    client: EvmClient, joined: LedgerDeployment
) -> None:
    reader = ChainLedgerReader(client, joined.identity.contracts)
    header = client.block(joined.first_block)
    assert header is not None
    at = BlockMark(number=header.number, block_hash=header.block_hash, time=header.time)
    counts = reader.event_counts(at)
    assert counts[Book.ACCESS] == 3  # its administrators
    assert sum(counts.values()) == 3
    with pytest.raises(ChainConfigError) as caught:
        reader.lots([1], at)
    assert caught.value.reason == "chain.no_contract"


@pytest.mark.parametrize("book", [Book.ACCESS, Book.RULES, Book.LOTS, Book.OBLIGATIONS, None])
def test_another_contract_is_not_joined(
    ledger: Ledger, client: EvmClient, book: Book | None, tmp_path: Path
) -> None:
    address = addresses_of(ledger)[book] if book else b"n" * 20
    with pytest.raises(ChainConfigError) as caught:
        join_ledger(client, address, tmp_path / "ledger.json")
    assert caught.value.reason == "chain.ledger.code"
    assert caught.value.field == "AllowanceRegistry"
    assert not (tmp_path / "ledger.json").exists()


def test_contracts_that_do_not_belong_together_are_not_joined(
    ledger: Ledger, client: EvmClient
) -> None:
    """The right code everywhere, but a RuleBook in which other officers have a say."""
    administrators = [ADMIN_1.address, ADMIN_2.address]
    access = ledger.deploy("AccessRegistry", administrators, ROLE_DELAY)
    rules = ledger.deploy("RuleBook", access.address)
    orders = ledger.deploy_orders(ledger.access.address, rules.address, ZERO)
    with pytest.raises(ChainConfigError) as caught:
        find_contracts(client, to_canonical_address(orders.address))
    assert caught.value.reason == "chain.ledger.relation"
    assert caught.value.field == "RuleBook"
    assert caught.value.params["function"] == "access"


def test_a_ledger_is_not_recorded_twice(ledger: Ledger, client: EvmClient, tmp_path: Path) -> None:
    record, address = tmp_path / "ledger.json", addresses_of(ledger)[Book.ORDERS]
    joined = join_ledger(client, address, record)
    assert read_ledger(record) == joined
    with pytest.raises(ChainConfigError) as caught:
        join_ledger(client, address, record)
    assert caught.value.reason == "chain.ledger.recorded"
