"""An anchor interrupted at every point where it touches the world, and carried on afterwards.

Whatever happens, and wherever: the head advances exactly once, by one transaction, without a gap in
the nonces, and nobody has to help.
"""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from support.anchoring import AnchorWorld, CrashError, Tripwire, anchoring
from support.fake_chain import FakeChain
from support.fake_rpc import FakeRpc, serving_chain
from support.soak_size import soak

from trace_node.errors import UnavailableError
from trace_node.services.anchor import AnchorReport

POINTS = 300  # more than one anchor has: the last of them must not be reached
CALLS = (
    *("registry.settle", "registry.head", "registry.submit", "registry.anchored_at"),
    *("outbox.next_nonce", "outbox.add", "outbox.update"),
    *("client.nonces", "client.send_raw", "client.tx_receipt"),
    *("requests.pending", "requests.newest", "requests.mark"),
)


def refuse() -> BaseException:
    return UnavailableError("injected")


def anchor_one(
    world: AnchorWorld, *, wire: Tripwire, restart: bool, make_block: Callable[[], None]
) -> AnchorReport:
    """Anchor one more checkpoint as a timer would, interrupted once on the way."""
    world.wrap = lambda _, part: part
    world.restart()
    world.service.anchor_once()  # every anchor begins with an outbox that is at rest
    head = world.checkpoint(1)
    world.wrap = wire.wrap
    world.restart()
    for _ in range(12):
        try:
            report = world.service.anchor_once()
        except (CrashError, UnavailableError):
            assert wire.place, "it failed by itself"
            wire.disarm()
            if restart:
                world.restart()
            continue
        if report.settled:
            assert report.chain == head, wire.place
            assert report.anchor.head == head, wire.place
            return report
        world.clock.move(seconds=30)
        make_block()
    raise AssertionError("anchoring did not come to an end by itself")


def mined(rpc: FakeRpc, world: AnchorWorld) -> list[tuple[int, int]]:
    receipts = [r for block in rpc.chain.blocks for r in block.receipts]
    ours = [r for r in receipts if r.transaction.sender == world.key.address]
    return [(r.transaction.nonce, r.status) for r in ours]


def heads(rpc: FakeRpc, world: AnchorWorld) -> list[int]:
    state = rpc.chain.blocks[-1].state.contracts[world.deployment.contract].logs[world.log_id]
    return list(state.anchors)


def interrupt_at(
    folder: Path,
    points: range,
    *,
    automine: bool,
    raises: Callable[[], BaseException],
    restart: bool,
) -> set[str]:
    """Interrupt one anchor at each of ``points``, until one lies beyond its end."""
    places = set()
    with serving_chain(FakeChain()) as rpc, anchoring(folder, rpc.url) as world:
        rpc.chain.automine = automine
        anchor_one(world, wire=Tripwire(-1), restart=False, make_block=rpc.chain.mine)
        for count, at in enumerate(points, start=2):
            wire = Tripwire(at, raises)
            anchor_one(world, wire=wire, restart=restart, make_block=rpc.chain.mine)
            assert mined(rpc, world) == [(nonce, 1) for nonce in range(count)], wire.place
            assert heads(rpc, world) == [size + 1 for size in range(count)], wire.place
            if not wire.place:
                return places
            places.add(wire.place)
    raise AssertionError("more points than were tried")


def test_killed_at_every_point(tmp_path: Path) -> None:
    places = interrupt_at(tmp_path, range(POINTS), automine=True, raises=CrashError, restart=True)
    assert {f"{side} {call}" for side in ("before", "after") for call in CALLS} <= places


OTHER_WAYS = pytest.mark.parametrize(
    ("automine", "raises", "restart"),
    [(True, refuse, False), (False, CrashError, True), (False, refuse, False)],
    ids=["failed-mined-at-once", "killed-mined-later", "failed-mined-later"],
)


@OTHER_WAYS
def test_in_other_ways(
    tmp_path: Path, automine: bool, raises: Callable[[], BaseException], restart: bool
) -> None:
    points = range(random.randrange(5), POINTS, 5)
    interrupt_at(tmp_path, points, automine=automine, raises=raises, restart=restart)


@pytest.mark.soak
@OTHER_WAYS
def test_in_other_ways_at_every_point(
    tmp_path: Path, automine: bool, raises: Callable[[], BaseException], restart: bool
) -> None:
    points = range(0, POINTS, soak(full=1, short=9))
    interrupt_at(tmp_path, points, automine=automine, raises=raises, restart=restart)


def test_on_the_embedded_chain(tmp_path: Path) -> None:
    """The same with real EVM blocks in this process, killed at every seventh point."""
    url = f"embedded:{tmp_path / 'chain.db'}"
    with anchoring(tmp_path, url, engine="embedded", finality_depth=None) as world:
        for at in range(0, POINTS, 7):
            wire = Tripwire(at)
            anchor_one(world, wire=wire, restart=True, make_block=lambda: None)
            assert world.live.nonce(world.key.address, pending=False) == at // 7 + 1, wire.place
            if not wire.place:
                break
        assert not wire.place
        blocks = [
            world.contract.anchored_block(world.log_id, size)
            for size in range(1, world.history.head().size + 1)
        ]
        assert blocks == sorted(set(blocks))
