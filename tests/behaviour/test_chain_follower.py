"""Events read forward and taken back, over sockets, from endpoints that leave things out."""

import contextlib
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.anchoring import AnchorWorld, anchoring
from support.fake_chain import FakeChain
from support.fake_rpc import FakeRpc, Fault, serving_chain

from chain.cursor import BlockRef, Cursor
from chain.errors import (
    ChainUnavailableError,
    DeepReorgError,
    LogsIncompleteError,
    StaleEndpointError,
)
from chain.events import Anchored, LogOpened, LogSucceeded, RegistryEvent, SignerRotated
from chain.follower import Follower, FollowStep
from chain.log_owner import LogOwner
from chain.registry_feed import registry_follower
from trace_node.errors import InputError, UnavailableError
from trace_node.ids import Origin


class Mirror:
    """What a caller of the follower stores: events by block, and the cursor, together."""

    def __init__(self, follower: Follower[RegistryEvent]) -> None:
        self.follower = follower
        self.cursor = follower.begin(0)
        self.events: list[RegistryEvent] = []

    def step(self) -> FollowStep[RegistryEvent]:
        step = self.follower.step(self.cursor)
        if step.undo_above is not None:
            self.events = [e for e in self.events if e.raw.block_number <= step.undo_above]
        self.events.extend(step.events)
        self.cursor = Cursor.decode(step.cursor.encode())
        return step

    def catch_up(self) -> None:
        for _ in range(200):
            if self.step().idle:
                return
        raise AssertionError("the follower does not come to an end")

    def sizes(self) -> list[int]:
        return [event.head.size for event in self.events if isinstance(event, Anchored)]


@pytest.fixture
def rpc() -> Iterator[FakeRpc]:
    with serving_chain(FakeChain()) as rpc:
        yield rpc


@pytest.fixture
def world(rpc: FakeRpc, tmp_path: Path) -> Iterator[AnchorWorld]:
    with anchoring(tmp_path, rpc.url) as world:
        yield world


def follow(world: AnchorWorld, **options: int) -> Mirror:
    return Mirror(registry_follower(world.live, address=world.deployment.contract, **options))


def anchor(world: AnchorWorld, count: int = 1) -> None:
    for _ in range(count):
        world.checkpoint(1)
        world.service.anchor_once()


def test_every_event_is_typed(world: AnchorWorld) -> None:
    owner = LogOwner(world.contract, world.sender(world.live, world.owner, "owner.db"))
    anchor(world, 2)
    owner.rotate_signer(world.log_id, signer=b"n" * 20)
    new = owner.open_successor(
        Origin("trace-node.local/plant-b/sm3"), signer=b"n" * 20, old_log_id=world.log_id
    )
    mirror = follow(world)
    mirror.catch_up()
    opened, first, second, rotated, opened_again, succeeded = mirror.events
    assert isinstance(opened, LogOpened)
    assert (opened.owner, opened.signer) == (world.owner.address, world.key.address)
    assert isinstance(first, Anchored)
    assert (first.previous.size, first.head.size) == (0, 1)
    assert second.previous == first.head
    assert second.head == world.history.head()
    assert isinstance(rotated, SignerRotated)
    assert (rotated.old_signer, rotated.new_signer) == (world.key.address, b"n" * 20)
    assert isinstance(opened_again, LogOpened)
    assert isinstance(succeeded, LogSucceeded)
    assert (succeeded.old_log_id, succeeded.new_log_id) == (world.log_id, new)
    assert succeeded.last == second.head


def test_a_cursor_carries_on_where_it_stopped(world: AnchorWorld) -> None:
    mirror = follow(world)
    for size in range(1, 5):
        anchor(world)
        mirror.catch_up()
        assert mirror.sizes() == list(range(1, size + 1))
    assert mirror.step().idle


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_replaced_blocks_are_taken_back(world: AnchorWorld, rpc: FakeRpc, depth: int) -> None:
    mirror = follow(world)
    anchor(world, 6)
    mirror.catch_up()
    rpc.chain.reorg(depth, drop=True)
    step = mirror.step()
    assert step.undo_above == rpc.chain.blocks[-1].number - depth - 1
    assert not step.events
    assert mirror.sizes() == list(range(1, 7 - depth))
    rpc.chain.pool.clear()
    mirror.catch_up()
    assert mirror.sizes() == list(range(1, 7 - depth))


def test_below_the_limit_nothing_is_taken_back(world: AnchorWorld, rpc: FakeRpc) -> None:
    mirror = follow(world, undo_limit=3)
    anchor(world, 6)
    mirror.catch_up()
    before = mirror.cursor
    rpc.chain.reorg(4, drop=True)
    with pytest.raises(DeepReorgError) as caught:
        mirror.step()
    assert caught.value.reason == "chain.deep_reorg"
    assert mirror.cursor == before
    assert len(mirror.sizes()) == 6


def test_an_endpoint_that_lags_takes_nothing_back(world: AnchorWorld, rpc: FakeRpc) -> None:
    mirror = follow(world)
    anchor(world, 4)
    mirror.catch_up()
    rpc.faults.append(Fault("*", "stale", lag=3, times=20))
    step = mirror.step()
    assert step.lagging
    assert step.undo_above is None
    assert mirror.sizes() == [1, 2, 3, 4]


def test_hosts_of_which_one_lags_are_read_to_the_end(world: AnchorWorld, rpc: FakeRpc) -> None:
    mirror = follow(world)
    anchor(world, 8)
    rpc.alternate_lag = 2
    for _ in range(60):
        try:
            mirror.step()
        except ChainUnavailableError:
            continue
        assert mirror.sizes() == list(range(1, len(mirror.sizes()) + 1))
    rpc.alternate_lag = 0
    mirror.catch_up()
    assert mirror.sizes() == list(range(1, 9))


def test_logs_cut_off_without_an_error_are_completed(world: AnchorWorld, rpc: FakeRpc) -> None:
    """FISCO BCOS answers only the first blocks of a range."""
    rpc.chain.log_window = 3
    anchor(world, 10)
    mirror = follow(world)
    mirror.catch_up()
    assert mirror.sizes() == list(range(1, 11))


@pytest.mark.parametrize("window", [1, 4, 10])
def test_the_same_without_a_bloom(tmp_path: Path, window: int) -> None:
    chain = FakeChain(client="FISCO-BCOS/3.16.4", fisco=True, log_window=window)
    with serving_chain(chain) as rpc, anchoring(tmp_path, rpc.url, engine="fisco") as world:
        anchor(world, 6)
        chain.mine(25)
        anchor(world, 6)
        mirror = follow(world)
        mirror.catch_up()
        assert mirror.sizes() == list(range(1, 13))
        widths = [
            int(params[0]["toBlock"], 16) - int(params[0]["fromBlock"], 16) + 1
            for name, params in rpc.requests
            if name == "eth_getLogs"
        ]
        assert max(widths) == 10
        assert all(event.time < 10**11 for event in mirror.events if isinstance(event, Anchored))


@pytest.mark.parametrize("engine", ["evm", "fisco"])
def test_events_that_are_never_answered_stop_it(tmp_path: Path, engine: str) -> None:
    client = "FISCO-BCOS/3.16.4" if engine == "fisco" else "fake"
    chain = FakeChain(client=client, fisco=engine == "fisco")
    with serving_chain(chain) as rpc, anchoring(tmp_path, rpc.url, engine=engine) as world:
        anchor(world, 3)
        rpc.chain.hide_logs_of = {rpc.chain.blocks[-2].number}
        with pytest.raises(LogsIncompleteError) as caught:
            follow(world).catch_up()
        assert caught.value.reason == "chain.logs_incomplete"


def test_a_range_that_is_too_wide_is_halved(world: AnchorWorld, rpc: FakeRpc) -> None:
    rpc.chain.log_limit = 5
    anchor(world, 4)
    rpc.chain.mine(40)
    anchor(world, 4)
    mirror = follow(world)
    mirror.catch_up()
    assert mirror.sizes() == list(range(1, 9))


def test_an_endpoint_that_refuses_single_blocks_is_an_error(
    world: AnchorWorld, rpc: FakeRpc
) -> None:
    rpc.chain.log_limit = 0
    with pytest.raises(ChainUnavailableError):
        follow(world).catch_up()


def test_a_block_that_is_not_there_cannot_be_begun_with(world: AnchorWorld) -> None:
    follower = registry_follower(world.live, address=world.deployment.contract)
    with pytest.raises(StaleEndpointError):
        follower.begin(10_000)


@pytest.mark.parametrize(
    "raw",
    [
        b"{}",
        b'{"blocks":[],"type":"chain-cursor@1"}',
        b'{"blocks":[[1,"0x00",7]],"type":"chain-cursor@1"}',
        b'{"blocks":[[1,"%s",7]],"type":"chain-cursor@1"}' % (b"0x" + b"zz" * 32),
        b'{"blocks":[["1","%s",7]],"type":"chain-cursor@1"}' % (b"0x" + b"00" * 32),
        b'{"blocks":[[1,"%s"]],"type":"chain-cursor@1"}' % (b"0x" + b"00" * 32),
        b'{"blocks":[[1,"%s",7,0]],"type":"chain-cursor@1"}' % (b"0x" + b"00" * 32),
        b'{"blocks":7,"type":"chain-cursor@1"}',
        b'{"blocks":[],"type":"chain-cursor@2"}',
        b"not json",
    ],
)
def test_a_damaged_cursor(raw: bytes) -> None:
    with pytest.raises(InputError):
        Cursor.decode(raw)


def test_a_cursor_with_a_hole() -> None:
    refs = tuple(BlockRef(number=number, block_hash=bytes(32), time=7) for number in (4, 6))
    with pytest.raises(InputError):
        Cursor.decode(Cursor(blocks=refs).encode())
    good = Cursor(blocks=(refs[0], replace(refs[1], number=5)))
    assert Cursor.decode(good.encode()) == good


@pytest.mark.parametrize("seed", range(12))
def test_whatever_happens_the_mirror_equals_a_rebuild(
    world: AnchorWorld, rpc: FakeRpc, seed: int
) -> None:
    """Anchors, reorganisations, lagging hosts, lost answers and cut-off logs in random order."""
    rng = random.Random(seed)
    mirror = follow(world)
    for _ in range(25):
        move = rng.choice(["anchor", "anchor", "mine", "reorg", "stale", "drop", "cut", "step"])
        if move == "anchor":
            world.checkpoint(rng.randrange(1, 4))
            try:
                world.service.anchor_once()
            except UnavailableError:
                world.clock.move(seconds=30)
        elif move == "mine":
            rpc.chain.mine(rng.randrange(1, 6))
        elif move == "reorg" and len(rpc.chain.blocks) > 8:
            rpc.chain.reorg(rng.randrange(1, 6), drop=rng.random() < 0.3)
        elif move == "stale":
            rpc.faults.append(Fault("*", "stale", lag=rng.randrange(1, 4), times=3))
        elif move == "drop":
            rpc.faults.append(Fault("*", "drop_before", skip=rng.randrange(6), times=2))
        elif move == "cut":
            rpc.chain.log_window = rng.choice([None, 1, 2, 5])
        with contextlib.suppress(ChainUnavailableError):
            mirror.step()
    rpc.faults.clear()
    mirror.catch_up()
    rebuilt = follow(world)
    rebuilt.catch_up()
    assert mirror.events == rebuilt.events
    assert mirror.cursor.tip == rebuilt.cursor.tip
    state = rpc.chain.blocks[-1].state.contracts[world.deployment.contract]
    log = state.logs.get(world.log_id)
    assert mirror.sizes() == (sorted(log.anchors) if log else [])
