"""Anchoring with the node's own database behind it, on both engines, interrupted and reorganised."""

import random
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from support.anchoring import AnchorWorld, CrashError, Tripwire, anchoring
from support.fake_chain import FakeChain
from support.fake_rpc import FakeRpc, mining, serving_chain
from support.stores import ENGINES, new_store

from trace_node.ports.entries import StoredCheckpoint
from trace_node.services.anchor import AnchorReport
from trace_node.store.sql_store import SqlStore
from trace_node.tlog.anchor import AnchoredHead


class StoredRequests:
    """The rows of a real store, and the adding of a checkpoint that sealing would do."""

    def __init__(self, store: SqlStore) -> None:
        self._store, self._rows = store, store.anchor_requests()

    def add(self, head: AnchoredHead) -> None:
        checkpoint = StoredCheckpoint(
            size=head.size,
            root=head.root,
            note=b"checkpoint %d" % head.size,
            sealed_at=datetime(2026, 11, 21, 3, 10, tzinfo=UTC),
        )
        with self._store.unit_of_work() as work:
            work.checkpoints.add(checkpoint)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._rows, name)


@pytest.fixture
def rpc() -> Iterator[FakeRpc]:
    with serving_chain(FakeChain()) as rpc:
        yield rpc


@pytest.fixture(params=ENGINES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    with new_store(request.param, tmp_path) as store:
        yield store


def until_settled(world: AnchorWorld, rpc: FakeRpc) -> AnchorReport:
    for _ in range(12):
        report = world.service.anchor_once()
        if report.settled:
            return report
        world.clock.move(seconds=30)
        rpc.chain.mine()
    raise AssertionError("anchoring did not come to an end")


def test_every_checkpoint_ends_with_the_anchor_that_covers_it(
    store: SqlStore, rpc: FakeRpc, tmp_path: Path
) -> None:
    with anchoring(tmp_path, rpc.url, requests=StoredRequests(store)) as world:
        for batch in (1, 3, 1):
            for _ in range(batch):
                world.checkpoint(2)
            assert until_settled(world, rpc).anchor.head == world.history.head()
    with store.view() as work:
        assert [anchor.head.size for anchor in work.checkpoints.anchors(0, 10**9)] == [2, 8, 10]
    reader = store.reader()
    assert [reader.anchor_covering(size).head.size for size in (1, 2, 3, 8, 9)] == [2, 2, 8, 8, 10]
    assert reader.progress().final == 10


def test_interrupted_anywhere_the_rows_agree_with_the_chain(
    store: SqlStore, rpc: FakeRpc, tmp_path: Path
) -> None:
    with anchoring(tmp_path, rpc.url, requests=StoredRequests(store)) as world:
        for at in range(random.randrange(6), 90, 6):
            world.checkpoint(1)
            world.wrap = Tripwire(at).wrap
            world.restart()
            with suppress(CrashError):
                world.service.anchor_once()
            world.wrap = lambda _, part: part
            world.restart()
            assert until_settled(world, rpc).chain == world.history.head()
    state = rpc.chain.blocks[-1].state.contracts[world.deployment.contract].logs[world.log_id]
    with store.view() as work:
        assert [anchor.head.size for anchor in work.checkpoints.anchors(0, 10**9)] == sorted(
            state.anchors
        )


def test_an_anchor_that_lost_its_block_is_replaced_in_the_rows(
    store: SqlStore, rpc: FakeRpc, tmp_path: Path
) -> None:
    with anchoring(
        tmp_path, rpc.url, finality_depth=4, requests=StoredRequests(store), pause=mining(rpc)
    ) as world:
        world.checkpoint(5)
        first = world.service.anchor_once().anchor
        rpc.chain.reorg(1, drop=True)
        world.service.anchor_once()
        assert store.anchor_requests().newest() is None
        second = until_settled(world, rpc).anchor
        assert second.head == first.head
        assert second.block_hash != first.block_hash
        assert store.anchor_requests().newest() == second
        assert store.anchor_requests().pending() is None
