"""The ledger's mirror on both engines: equal to the contracts, to the last tonne, by any way there."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update
from support.fake_ledger import IDENTITY, Block, FakeChain, FakeFollower, history
from support.mirror_world import MirrorWorld, MovedClock, mirror_world
from support.stores import ENGINES

from trace_node.errors import ConfigError, NotFoundError, UnavailableError
from trace_node.ports.ledger import LedgerStep
from trace_node.ports.ledger_mirror_head import StopCause
from trace_node.quota.ledger.effect import MirrorEventError
from trace_node.quota.ledger.events import PlacedEvent
from trace_node.quota.ledger.lots_events import LotMoved
from trace_node.quota.ledger.rows import Table
from trace_node.services.mirror import MirrorStoppedError
from trace_node.services.mirror_check import StepError
from trace_node.store.ledger_mirror import SqlLedgerMirror
from trace_node.store.tables import (
    LEDGER_BALANCES,
    LEDGER_HEAD,
    LEDGER_IDENTITY,
    LEDGER_KEYS,
    LEDGER_LOTS,
    LEDGER_OFFICES,
    LEDGER_ORDERS,
    LEDGER_RULES,
)
from trace_node.store.unit_of_work import writing

DEPTH = 6


def newest(block: Block) -> Block:
    """The end of the branch: the first child is the main one."""
    while block.children:
        block = block.children[0]
    return block


def fork_below(block: Block, *, least: int) -> Block:
    """The end of another branch that leaves this one at least ``least`` blocks below it."""
    for each in reversed(block.path()[:-least]):
        if len(each.children) > 1:
            return newest(each.children[1])
    raise AssertionError("no fork")


@pytest.fixture(params=ENGINES)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MirrorWorld]:
    chain = FakeChain(history(1), depth=DEPTH)
    with mirror_world(request.param, tmp_path, chain) as world:
        yield world


def test_the_mirror_is_equal_to_the_contracts(world: MirrorWorld) -> None:
    world.chain.head = newest(world.chain.root)
    world.mirror.follow()
    world.require_equal()
    with world.store.view() as view:
        head = view.head()
    assert head.tip == world.chain.head.mark
    assert (head.lag, head.final) == (0, head.height - DEPTH)
    assert world.store.orders_stopped() is None


def test_block_by_block_and_at_once_come_to_the_same(world: MirrorWorld) -> None:
    for block in newest(world.chain.root).path():
        world.chain.head = block
        world.mirror.follow()
    world.require_equal()
    step_by_step = world.digest()
    world.follower.window = 1_000
    world.mirror.rebuild()
    assert world.digest() == step_by_step
    assert world.store.orders_stopped() is None


@pytest.mark.postgresql
def test_another_order_of_steps_leaves_the_same_bytes_on_both_engines(tmp_path: Path) -> None:
    digests = set()
    for engine, window in (("sqlite", 1), ("sqlite", 7), ("postgresql", 3)):
        chain = FakeChain(history(2), depth=DEPTH)
        chain.head = newest(chain.root)
        folder = tmp_path / f"{engine} {window}"
        folder.mkdir()
        with mirror_world(engine, folder, chain, follower=FakeFollower(chain, window)) as world:
            world.mirror.follow()
            digests.add(world.digest())
    assert len(digests) == 1


def test_replaced_blocks_are_taken_back(world: MirrorWorld) -> None:
    world.chain.depth = 9
    blocks = newest(world.chain.root).path()
    for place in (20, 36, 52):
        world.chain.head = blocks[place]
        world.mirror.follow()
        world.chain.head = fork_below(blocks[place], least=2)
        world.mirror.follow()
        world.require_equal()
        world.chain.head = blocks[place + 6]
        world.mirror.follow()
        world.require_equal()
    incremental = world.digest()
    world.mirror.rebuild()
    assert world.digest() == incremental


def test_what_was_final_is_told_while_later_blocks_come(world: MirrorWorld) -> None:
    blocks = newest(world.chain.root).path()
    world.chain.head = blocks[30]
    world.mirror.follow()
    world.chain.head = blocks[36]
    world.mirror.follow()
    with world.store.view() as view:
        settled = view.head().settled
    assert settled is not None
    assert 20 < settled.number <= blocks[36].number - DEPTH
    report = world.reconcile.run()
    assert report.at == settled
    assert report.differences == ()
    assert report.compared > 60
    lots = world.rows(Table.LOTS, at=settled.number)
    assert lots.keys() == world.chain.at(settled.number).model.lots.keys()  # type: ignore[union-attr]


def deep_world(engine: Any, folder: Path) -> Any:
    """A world whose chain has one fork that is far deeper than what is final."""
    chain = FakeChain(history(3, length=24, fork_every=100, fork_length=30), depth=DEPTH)
    return mirror_world(engine, folder, chain)


@pytest.mark.parametrize("memory", [100, 3], ids=["remembered", "forgotten"])
@pytest.mark.parametrize("engine", ENGINES)
def test_a_chain_put_back_too_deep_stops_the_mirror_with_evidence(
    engine: str, tmp_path: Path, memory: int
) -> None:
    """Whether the follower can still say how deep, or only that it is too deep."""
    with deep_world(engine, tmp_path) as world:
        world.follower.memory = memory
        old, other = newest(world.chain.root), newest(world.chain.root.children[1])
        world.chain.head = old
        world.mirror.follow()
        before = world.digest()
        world.chain.head = other
        with pytest.raises(MirrorStoppedError):
            world.mirror.follow()
        assert world.digest() == before
        stopped = world.store.orders_stopped()
        assert stopped is not None
        assert stopped.cause is StopCause.DEEP_REORG
        told = json.loads(world.evidence.saved[stopped.evidence])
        assert told["mirror"]["tip"]["hash"] == "0x" + old.block_hash.hex()
        assert told["chain"]["head"]["hash"] == "0x" + other.block_hash.hex()
        world.restart()
        with pytest.raises(MirrorStoppedError) as raised:
            world.mirror.step_once()
        assert raised.value.reason == "integrity.ledger_stopped"
        world.mirror.rebuild()
        world.require_equal()
        assert world.store.orders_stopped() is None


def test_a_mirror_belongs_to_one_ledger_for_ever(world: MirrorWorld) -> None:
    other = replace(IDENTITY, chain_id=IDENTITY.chain_id + 1)
    with pytest.raises(ConfigError) as raised:
        world.store.adopt(other, cursor=b"")
    assert raised.value.reason == "ledger.other_mirror"
    assert world.store.identity() == IDENTITY


def test_nothing_is_told_before_a_ledger_is_joined(world: MirrorWorld) -> None:
    with writing(world.database) as work:
        work.connection.execute(delete(LEDGER_HEAD))
        work.connection.execute(delete(LEDGER_IDENTITY))
    fresh = SqlLedgerMirror(world.database)
    assert fresh.identity() is None
    with pytest.raises(NotFoundError) as raised, fresh.view():
        pass
    assert raised.value.reason == "not_found.ledger"


Spoil = Callable[[list[PlacedEvent]], list[PlacedEvent]]
SPOILED: dict[str, Spoil] = {
    "one left out": lambda events: events[:3] + events[4:],
    "one twice": lambda events: events[:4] + events[3:],
    "two exchanged": lambda events: [events[1], events[0], *events[2:]],
    "the first missing": lambda events: events[1:],
    "of another block": lambda events: [
        replace(each, block_hash=bytes(32)) if place == 5 else each
        for place, each in enumerate(events)
    ],
}


@pytest.mark.parametrize("name", SPOILED)
def test_an_answer_that_does_not_go_on_is_refused_whole(world: MirrorWorld, name: str) -> None:
    world.chain.head = newest(world.chain.root)
    follower = world.follower
    follower.count = lambda *_: None  # type: ignore[method-assign]  # a follower that checks nothing
    follower.answer = SPOILED[name]  # type: ignore[method-assign]
    before = world.digest()
    with pytest.raises(StepError):
        world.mirror.follow()
    assert world.digest() == before
    follower.answer = lambda events: events  # type: ignore[method-assign]
    world.mirror.follow()
    world.require_equal()


def test_a_lagging_endpoint_changes_nothing(world: MirrorWorld) -> None:
    blocks = newest(world.chain.root).path()
    world.chain.head = blocks[30]
    world.mirror.follow()
    before = world.digest()
    world.chain.head = blocks[20]
    world.mirror.follow()
    assert world.digest() == before
    world.chain.head = blocks[-1]
    world.mirror.follow()
    world.require_equal()


def test_two_processes_never_write_one_step_twice(world: MirrorWorld) -> None:
    world.chain.head = newest(world.chain.root)
    second = MirrorWorld(world.database, world.chain, FakeFollower(world.chain))
    taking = world.follower.step

    def overtaken(cursor: bytes) -> LedgerStep:
        step = taking(cursor)
        world.follower.step = taking  # type: ignore[method-assign]
        second.mirror.step_once()
        return step

    world.follower.step = overtaken  # type: ignore[method-assign]
    with pytest.raises(UnavailableError) as raised:
        world.mirror.step_once()
    assert raised.value.reason == "ledger.moved"
    world.mirror.follow()
    world.require_equal()


@contextmanager
def tampered(world: MirrorWorld, statement: Any) -> Iterator[None]:
    """Change a row behind the mirror's back, and let it be built anew at the end."""
    with writing(world.database) as work:
        work.connection.execute(statement)
    yield
    world.mirror.rebuild()
    assert world.reconcile.run().differences == ()


TAMPERED = {
    "lots": (update(LEDGER_LOTS).where(LEDGER_LOTS.c.lot == 1).values(subject=7), "subject", "7"),
    "orders": (
        update(LEDGER_ORDERS).where(LEDGER_ORDERS.c.number == 1).values(state=5),
        "state",
        "5",
    ),
    "balances": (
        update(LEDGER_BALANCES)
        .where(LEDGER_BALANCES.c.account > 0)
        .values(tonnes=LEDGER_BALANCES.c.tonnes + 1),
        "",
        "",
    ),
    "offices": (update(LEDGER_OFFICES).values(role=(LEDGER_OFFICES.c.role + 1) % 6), "", ""),
    "keys": (update(LEDGER_KEYS).values(rights=LEDGER_KEYS.c.rights + 1), "", ""),
    "rules": (update(LEDGER_RULES).values(digest=b"\x05" * 32), "digest", "0x" + "05" * 32),
}


@pytest.mark.parametrize("table", TAMPERED)
def test_a_difference_stops_orders_and_leaves_evidence(world: MirrorWorld, table: str) -> None:
    world.chain.depth = 0
    world.chain.head = newest(world.chain.root)
    world.mirror.follow()
    assert world.reconcile.run().evidence == ""
    statement, name, value = TAMPERED[table]
    with tampered(world, statement):
        report = world.reconcile.run()
        found = [each for each in report.differences if each.table == table]
        assert found
        assert not name or (found[0].field, found[0].mirror) == (name, value)
        stopped = world.store.orders_stopped()
        assert stopped is not None
        assert stopped.cause is StopCause.DIFFERENCE
        told = json.loads(world.evidence.saved[stopped.evidence])
        assert told["found"] == len(report.differences)
        assert told["block"]["number"] == world.chain.head.number
        assert {"table", "key", "mirror", "chain"} <= told["differences"][0].keys()
    assert world.store.orders_stopped() is None


def test_it_is_built_anew_beside_a_node_that_follows(world: MirrorWorld) -> None:
    """Whoever is first with a step wins; nobody's step is written twice or over another's."""
    world.chain.head = newest(world.chain.root)
    world.mirror.follow()
    before = world.digest()
    node = MirrorWorld(world.database, world.chain, FakeFollower(world.chain))
    taking, turns = world.follower.step, []

    def between(cursor: bytes) -> LedgerStep:
        step = taking(cursor)
        turns.append(step)
        if len(turns) % 2:
            node.mirror.step_once()
        return step

    world.follower.step = between  # type: ignore[method-assign]
    world.mirror.rebuild()
    assert len(turns) > 10
    assert world.digest() == before
    assert world.store.orders_stopped() is None


def test_an_event_that_cannot_be_stops_orders(world: MirrorWorld) -> None:
    """The numbers are right and the content is not: mirror and contracts differ."""
    world.chain.head = newest(world.chain.root)

    def other_lot(events: list[PlacedEvent]) -> list[PlacedEvent]:
        return [
            replace(each, content=replace(each.content, lot_id=each.content.lot_id + 90))
            if isinstance(each.content, LotMoved)
            else each
            for each in events
        ]

    world.follower.answer = other_lot  # type: ignore[method-assign]
    with pytest.raises(MirrorEventError):
        world.mirror.follow()
    with world.store.view() as view:
        tip = view.head().tip
    stopped = world.store.orders_stopped()
    assert stopped is not None
    assert stopped.cause is StopCause.DIFFERENCE
    told = json.loads(world.evidence.saved[stopped.evidence])
    assert told["differences"][0]["table"] == "events"
    assert told["block"]["number"] > tip.number  # what could not be was not applied
    world.follower.answer = lambda events: events  # type: ignore[method-assign]
    world.mirror.follow()
    world.require_equal()
    assert world.store.orders_stopped() is not None  # until it was compared
    world.chain.depth = 0
    world.mirror.follow()
    assert world.reconcile.run().differences == ()
    assert world.store.orders_stopped() is None


def test_a_level_mirror_writes_now_and_then_only(world: MirrorWorld) -> None:
    clock = MovedClock()
    quiet = MirrorWorld(world.database, world.chain, world.follower, clock=clock)
    quiet.chain.head = newest(quiet.chain.root)
    quiet.mirror.follow()

    def revision() -> int:
        with quiet.store.view() as view:
            return view.head().revision

    first = revision()
    for _ in range(3):
        quiet.mirror.follow()
    assert revision() == first
    clock.time += timedelta(seconds=6)
    quiet.mirror.follow()
    assert revision() == first + 1
