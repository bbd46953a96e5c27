"""What boards take from the mirror of a real ledger, and that it is what the contracts say."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.evm import CHAIN_ID
from support.ledger import REGISTRY_1, Ledger, Parties, ready
from support.ledger_engines import timed_embedded
from support.ledger_orders import START, AccountKind, Admission, Instrument, Kind, Order
from support.stores import ENGINES, new_store

from chain.client import EvmClient
from chain.config import ChainConfig
from chain.ledger_follower import ChainLedgerFollower
from chain.ledger_join import describe_ledger, find_contracts, first_block_of
from chain.ledger_reader import ChainLedgerReader
from chain.ledger_rule_ids import admission_rule
from chain.provider import BoundedProvider
from trace_node.clock import FixedClock
from trace_node.quota.board.position import LedgerPosition
from trace_node.quota.ledger.kinds import Kind as ProductKind
from trace_node.services.mirror import Mirror
from trace_node.store.board_positions import SqlPositions
from trace_node.store.ledger_mirror import SqlLedgerMirror
from trace_node.store.sql_store import SqlStore

YEAR = datetime.fromtimestamp(START, UTC).year  # the year that runs on the engine


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    with timed_embedded(tmp_path_factory.mktemp("chain")) as engine:
        yield ready(engine)


@pytest.fixture(params=ENGINES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    with new_store(request.param, tmp_path) as store:
        yield store


class World:
    """A mirror that follows the ledger of the engine, and the positions over it."""

    def __init__(self, ledger: Ledger, store: SqlStore) -> None:
        config = ChainConfig(url="http://127.0.0.1:1", engine="embedded", chain_id=CHAIN_ID)
        provider = BoundedProvider(config, engine=ledger.engine.web3.provider)
        client = EvmClient(config, provider)
        contracts = find_contracts(client, bytes.fromhex(ledger.orders.address[2:]))
        found = describe_ledger(client, contracts, first_block=first_block_of(client, contracts))
        self.clock = FixedClock(datetime.fromtimestamp(START, UTC))
        self.mirror = Mirror(
            mirror=SqlLedgerMirror(store.database),
            follower=ChainLedgerFollower(client, found.identity),
            reader=ChainLedgerReader(client, found.contracts),
            evidence=None,  # type: ignore[arg-type]  # nothing contradicts here
            clock=self.clock,
        )
        self.mirror.join()
        self.positions = SqlPositions(
            store.database, admission_rule=admission_rule, clock=self.clock
        )

    def position(self, organisation: int) -> LedgerPosition:
        self.mirror.follow()
        found = self.positions.position(organisation, year=YEAR)
        assert found is not None
        return found


def test_the_id_of_a_rule_of_admission_is_the_contracts(ledger: Ledger) -> None:
    for class_id in (1, 7, 2**32 - 1):
        expected = ledger.rules.functions.admissionRule(class_id).call()
        assert admission_rule(class_id) == expected


def test_no_mirror_and_no_such_organisation(store: SqlStore, ledger: Ledger) -> None:
    alone = SqlPositions(
        store.database, admission_rule=admission_rule, clock=FixedClock(datetime.now(UTC))
    )
    assert alone.position(1, year=YEAR) is None
    assert alone.movements(1) == (None, ())
    world = World(ledger, store)
    world.mirror.follow()
    assert world.positions.position(10**9, year=YEAR) is None


def test_a_year_of_two_enterprises(store: SqlStore, ledger: Ledger) -> None:
    """Issued 600 + 400, 300 of the 600 sold, 400 of 500 owed surrendered: 300 are left."""
    here = Parties(ledger)
    ledger.common_rules(YEAR - 1)
    ledger.admit(here.class_id, YEAR - 1, Admission.ALLOWANCE)
    obligation = ledger.oblige(here.seller_organisation, YEAR - 1, 500)
    trading = here.lot(600, trading=True)
    registry = ledger.issue(here.seller, here.class_id, 400)
    ledger.run(here.sale((trading, 300)))
    ledger.run(
        Order(
            kind=Kind.SURRENDER,
            source=here.seller,
            subject=obligation,
            parts=((registry, 400),),
        )
    )
    world = World(ledger, store)
    found = world.position(here.seller_organisation)
    (holding,) = found.holdings
    there = ledger.balance(here.seller, here.class_id)
    assert (
        holding.balance.registry,
        holding.balance.trading,
        holding.balance.frozen,
        holding.balance.pending,
    ) == there
    assert (holding.free, holding.vintage) == (300, 2025)
    (line,) = found.obligations
    assert line.number == obligation
    assert (line.content.tonnes, line.content.surrendered, line.content.cap) == (500, 400, 25)
    assert line.leaf == ledger.obligations.functions.recordOf(line.content.record).call()[-1]
    assert found.issued == {here.class_id: 1_000}
    assert found.caps[YEAR - 1].number == 500
    assert found.deadlines[YEAR - 1].rule == "surrender-deadline"
    assert found.admission(here.class_id, YEAR - 1) == Admission.ALLOWANCE
    assert found.admission(here.class_id, YEAR) is None
    assert len(found.unconfirmed) == 5  # two issues, a move, a sale, a surrender
    _, moved = world.positions.movements(here.seller_organisation)
    told = {each.kind: (each.received, each.given, each.unconfirmed) for each in moved}
    assert told == {
        ProductKind.ISSUE: (1_000, 0, 1_000),
        ProductKind.LISTED: (0, 300, 300),
        ProductKind.SURRENDER: (0, 400, 400),
    }
    assert sum(each.received - each.given for each in moved) == sum(there)
    buyer, bought = world.positions.movements(here.buyer_organisation)
    assert buyer is not None
    assert [(each.kind, each.received, each.given) for each in bought] == [
        (ProductKind.LISTED, 300, 0)
    ]


def test_a_released_draft_holds_and_an_open_one_hides_what_it_replaces(
    store: SqlStore, ledger: Ledger
) -> None:
    here = Parties(ledger)
    rule_id = ledger.rules.functions.admissionRule(here.class_id).call()
    world = World(ledger, store)
    ledger.rule(rule_id, YEAR, Admission.ALLOWANCE)
    rule = world.position(here.seller_organisation).admissions[here.class_id, YEAR]
    assert (rule.number, rule.version, rule.draft) == (1, 1, False)
    ledger.rule(rule_id, YEAR, Admission.NO, draft=True)
    assert (here.class_id, YEAR) not in world.position(here.seller_organisation).admissions


def test_offsets_and_the_provincial_account(store: SqlStore, ledger: Ledger) -> None:
    """CCER 30 frozen for an obligation of 1,000; 200 allowances on the provincial account."""
    here = Parties(ledger)
    ccer = ledger.register(f"CCER {here.class_id}", Instrument.CCER, 2024)
    bound = ledger.open(here.seller_organisation, AccountKind.CCER)
    ledger.do(ledger.access, "bindAccount", bound, here.seller, by=REGISTRY_1)
    provincial = ledger.open(here.seller_organisation, AccountKind.PROVINCIAL)
    ledger.common_rules(YEAR - 1)
    ledger.admit(ccer, YEAR - 1, Admission.OFFSET)
    obligation = ledger.oblige(here.seller_organisation, YEAR - 1, 1_000)
    lot = ledger.issue(bound, ccer, 100)
    ledger.issue(provincial, here.class_id, 200)
    ledger.run(Order(kind=Kind.OFFSET_FREEZE, source=bound, subject=obligation, parts=((lot, 30),)))
    found = World(ledger, store).position(here.seller_organisation)
    by_class = {each.class_id: each for each in found.holdings}
    assert (by_class[ccer].balance.registry, by_class[ccer].balance.frozen) == (70, 30)
    assert by_class[here.class_id].free == 200
    assert found.provincial == 200
    assert found.obligations[0].content.offset_reserved == 30
