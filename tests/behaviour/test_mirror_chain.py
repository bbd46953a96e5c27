"""The mirror over the real chain side: contracts on the embedded chain, followed, mirrored, compared.

The same random history is told by the ``Teller`` of the simulator too: what it makes up of the model
is what the contracts emit, so that the simulator plays with true events.

S0-8-c1 in part: what is shown of the market is a copy that anybody can hold against the chain; the view
for the public is not built yet.
"""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from support.evm import CHAIN_ID
from support.ledger import Ledger, ready
from support.ledger_campaign import Campaign
from support.ledger_ends import addresses_of, product_client
from support.ledger_engines import TimedEngine, timed_embedded
from support.ledger_teller import Teller
from support.mirror_world import KeptEvidence
from support.stores import ENGINES, migrated_url

from chain.client import EvmClient
from chain.ledger_follower import ChainLedgerFollower
from chain.ledger_reader import ChainLedgerReader
from trace_node.clock import SystemClock
from trace_node.ports.ledger import LedgerIdentity
from trace_node.ports.ledger_mirror_head import StopCause
from trace_node.quota.ledger.kinds import Book
from trace_node.quota.ledger.state import Balance
from trace_node.services.mirror import Mirror
from trace_node.services.reconcile import Reconcile
from trace_node.store.database import Database
from trace_node.store.ledger_mirror import SqlLedgerMirror
from trace_node.store.tables import LEDGER_LOTS
from trace_node.store.unit_of_work import writing

STEPS = 60
SEED = 11
PLACES = ("registry", "trading", "frozen", "pending")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TimedEngine]:
    with timed_embedded(tmp_path_factory.mktemp("chain")) as engine:
        yield engine


@pytest.fixture(scope="module")
def campaign(engine: TimedEngine) -> Campaign:
    return Campaign(SEED, ready(engine))


@pytest.fixture(scope="module")
def told(campaign: Campaign) -> list[tuple[Book, Any]]:
    """The history as the teller tells it, act by act."""
    teller = Teller(campaign.model)
    found = teller.tell()
    for _ in range(STEPS):
        campaign.step()
        found = found + teller.tell()
    return found


@pytest.fixture(scope="module")
def client(engine: TimedEngine) -> Iterator[EvmClient]:
    with product_client(engine) as client:
        yield client


def identity_of(ledger: Ledger, client: EvmClient) -> LedgerIdentity:
    return LedgerIdentity(
        chain_id=CHAIN_ID,
        genesis_hash=client.genesis_hash,
        contracts=addresses_of(ledger),
        first_block=1,
    )


@pytest.mark.parametrize("database_engine", ENGINES)
def test_a_real_ledger_is_mirrored_and_reconciled(
    database_engine: str,
    tmp_path: Path,
    campaign: Campaign,
    client: EvmClient,
    told: list[tuple[Book, Any]],
) -> None:
    assert told
    ledger = campaign.ledger
    assert ledger is not None
    reader = ChainLedgerReader(client, addresses_of(ledger))
    with migrated_url(database_engine, tmp_path) as url:
        database = Database(url)
        try:
            store = SqlLedgerMirror(database)
            parts: dict[str, Any] = {"reader": reader, "evidence": KeptEvidence()}
            parts |= {"mirror": store, "clock": SystemClock()}
            follower = ChainLedgerFollower(client, identity_of(ledger, client))
            mirror = Mirror(follower=follower, **parts)
            reconcile = Reconcile(audits=store, **parts)
            mirror.join()
            mirror.follow()
            report = reconcile.run()
            assert report.differences == ()
            assert report.at == reader.head()
            _require_model(campaign, store)
            incremental = store.digest()
            mirror.rebuild()
            assert store.digest() == incremental
            assert store.orders_stopped() is None
            _act_again(campaign)
            mirror.follow()
            assert reconcile.run().differences == ()
            _require_model(campaign, store)
        finally:
            database.close()


def _act_again(campaign: Campaign) -> None:
    for _ in range(5):
        campaign.step()


def _require_model(campaign: Campaign, store: SqlLedgerMirror) -> None:
    """Balances of every account in every class are those of the slow model."""
    model = campaign.model
    with store.view() as view:
        for account in model.accounts:
            held = {each.class_id: each.balance for each in view.balances(account)}
            for class_id in model.classes:
                tonnes = dict(zip(PLACES, model.balance(account, class_id), strict=True))
                assert held.get(class_id, Balance()) == Balance(**tonnes)


def test_the_teller_of_the_simulator_tells_what_contracts_emit(
    campaign: Campaign, client: EvmClient, told: list[tuple[Book, Any]]
) -> None:
    """Kind by kind, and for what moves tonnes field by field; rules and offices are the engine's."""
    ledger = campaign.ledger
    assert ledger is not None
    follower = ChainLedgerFollower(client, identity_of(ledger, client))
    cursor, emitted = follower.begin(), []
    while True:
        step = follower.step(cursor)
        emitted += step.events
        cursor = step.cursor
        if step.tip.number >= step.height:
            break
    theirs = [each.content for each in emitted]
    for name in ("LotIssued", "LotSplit", "LotMoved", "OrderApproved"):
        said = [_plain(content) for _, content in told if type(content).__name__ == name]
        found = [_plain(content) for content in theirs if type(content).__name__ == name]
        assert said == found[: len(said)], name
        assert said or name == "LotSplit"


def _plain(content: Any) -> dict[str, Any]:
    assert is_dataclass(content)
    return {each.name: getattr(content, each.name) for each in fields(content)}


def test_a_difference_on_a_real_ledger_stops_orders(
    tmp_path: Path, campaign: Campaign, client: EvmClient, told: list[tuple[Book, Any]]
) -> None:
    assert told
    ledger = campaign.ledger
    assert ledger is not None
    reader = ChainLedgerReader(client, addresses_of(ledger))
    with migrated_url("sqlite", tmp_path) as url:
        database = Database(url)
        store = SqlLedgerMirror(database)
        parts: dict[str, Any] = {"reader": reader, "evidence": KeptEvidence()}
        parts |= {"mirror": store, "clock": SystemClock()}
        follower = ChainLedgerFollower(client, identity_of(ledger, client))
        mirror = Mirror(follower=follower, **parts)
        mirror.join()
        mirror.follow()
        with writing(database) as work:
            more = update(LEDGER_LOTS).values(quantity=LEDGER_LOTS.c.quantity + 1)
            work.connection.execute(more.where(LEDGER_LOTS.c.lot == 1))
        report = Reconcile(audits=store, **parts).run()
        assert [(each.table, each.key, each.field) for each in report.differences] == [
            ("lots", "1", "quantity")
        ]
        stopped = store.orders_stopped()
        assert stopped is not None
        assert stopped.cause is StopCause.DIFFERENCE
        database.close()
