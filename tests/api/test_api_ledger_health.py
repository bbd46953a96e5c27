"""/readyz/ledger and the figures of the mirror; /readyz speaks of readings, whatever the ledger does."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from support.fake_ledger import Block, FakeChain, history
from support.mirror_world import MirrorWorld, MovedClock, mirror_world
from support.node_app import make_app, node_app
from support.servers import serving

from api.schemas.ledger_rows import mirror_state
from api.services import LedgerFaces
from trace_node.ports.ledger_mirror_head import Stop, StopCause
from trace_node.ports.orders import OrderFigures, OrderPhase
from trace_node.services.ledger_health import LedgerHealth
from trace_node.services.ledger_queries import LEGAL_RECORD, LedgerQueries

ORDERS = OrderFigures(
    open={OrderPhase.PROPOSED: 2, OrderPhase.REFUSED: 1}, ended=7, oldest_open_ms=0
)


def newest(block: Block) -> Block:
    return newest(block.children[0]) if block.children else block


@contextmanager
def served(folder: Path, world: MirrorWorld, *, joined: bool = True) -> Iterator[httpx.Client]:
    """A node whose mirror may be 30 s behind."""
    health = LedgerHealth(mirror=world.store, clock=world.clock, allowed=timedelta(seconds=30))
    faces = LedgerFaces(
        queries=LedgerQueries(mirror=world.store),
        health=health,
        joined=lambda: joined,
        orders_stopped=world.store.orders_stopped,
        order_figures=lambda: ORDERS,
        note=str,
    )
    with (
        node_app(folder, ledger=faces) as node,
        serving(make_app(node)) as url,
        httpx.Client(base_url=url, trust_env=False, timeout=30) as client,
    ):
        yield client


@pytest.fixture
def world(tmp_path: Path) -> Iterator[MirrorWorld]:
    chain = FakeChain(history(5, length=12, fork_every=100), depth=2)
    (tmp_path / "ledger").mkdir()
    with mirror_world("sqlite", tmp_path / "ledger", chain, clock=MovedClock()) as world:
        yield world


def test_a_level_mirror_is_ready_and_says_what_it_is(tmp_path: Path, world: MirrorWorld) -> None:
    world.chain.head = newest(world.chain.root)
    world.mirror.follow()
    with served(tmp_path, world) as client:
        answer = client.get("/readyz/ledger")
    assert answer.status_code == 200
    told = answer.json()
    assert (told["status"], told["stopped"], told["behind_seconds"]) == ("ready", "", 0)
    head = world.chain.head
    assert told["standing"]["mirror"]["number"] == head.number
    assert told["standing"]["mirror"]["hash"] == "0x" + head.block_hash.hex()
    assert told["standing"]["final"] == head.number - 2
    assert told["standing"]["legal_record"] == LEGAL_RECORD


def test_a_mirror_that_hears_nothing_is_not_ready_and_readings_are_taken(
    tmp_path: Path, world: MirrorWorld
) -> None:
    world.chain.head = newest(world.chain.root)
    world.mirror.follow()
    clock = world.clock
    assert isinstance(clock, MovedClock)
    with served(tmp_path, world) as client:
        clock.time += timedelta(seconds=30)
        assert client.get("/readyz/ledger").status_code == 200
        clock.time += timedelta(seconds=1)
        late = client.get("/readyz/ledger")
        assert client.get("/readyz").json()["status"] == "ready"
    assert late.status_code == 503
    assert late.json()["behind_seconds"] == 31
    assert late.json()["detail"] == "the mirror is behind the chain for too long"


def test_a_mirror_that_never_was_level_is_not_ready(tmp_path: Path, world: MirrorWorld) -> None:
    with served(tmp_path, world) as client:
        answer = client.get("/readyz/ledger")
    assert (answer.status_code, answer.json()["behind_seconds"]) == (503, None)


def test_stopped_orders_are_told_without_what_is_secret(tmp_path: Path, world: MirrorWorld) -> None:
    world.chain.head = newest(world.chain.root)
    world.mirror.follow()
    stop = Stop(
        cause=StopCause.DIFFERENCE,
        detail="lots 3 quantity: mirror 17, contracts 18",
        evidence="/secret/evidence.json",
        block=9,
        since_ms=1,
    )
    with world.store.work() as work:
        work.stop(stop)
    with world.store.view() as view:  # with every answer to whoever holds a token
        assert mirror_state(view, stop, language="en").orders_stopped == "difference"
    with served(tmp_path, world) as client:
        answer = client.get("/readyz/ledger")
        metrics = client.get("/metrics").text
        assert client.get("/readyz").status_code == 200
    assert answer.status_code == 503
    assert answer.json()["stopped"] == "difference"
    assert "17" not in answer.json()["detail"]
    assert "secret" not in answer.text
    assert 'tracenode_ledger_orders_stopped{cause="difference"} 1.0' in metrics
    assert "tracenode_ledger_ready 0.0" in metrics


def test_figures_of_a_level_mirror(tmp_path: Path, world: MirrorWorld) -> None:
    world.chain.head = newest(world.chain.root)
    world.mirror.follow()
    world.reconcile.run()
    with served(tmp_path, world) as client:
        metrics = client.get("/metrics").text
    number = world.chain.head.number
    assert f'tracenode_ledger_block{{of="mirror"}} {number}.0' in metrics
    assert f'tracenode_ledger_block{{of="final"}} {number - 2}.0' in metrics
    assert 'tracenode_ledger_block{of="reconciled"}' in metrics
    assert "tracenode_ledger_ready 1.0" in metrics
    assert 'tracenode_ledger_orders_open{phase="proposed"} 2.0' in metrics
    assert 'tracenode_ledger_orders_open{phase="signed"} 0.0' in metrics
    assert "tracenode_ledger_orders_ended 7.0" in metrics
    assert "tracenode_ledger_oldest_open_order_seconds" in metrics


def test_where_no_ledger_is_joined_there_is_none(tmp_path: Path, world: MirrorWorld) -> None:
    with served(tmp_path, world, joined=False) as client:
        answer = client.get("/readyz/ledger")
        assert "tracenode_ledger" not in client.get("/metrics").text
    assert answer.status_code == 404
