"""What is asked at every pass of anchoring, and for every proof, costs the same after years."""

from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, insert
from support.builders import NOW
from support.stores import new_store

from trace_node.ports.anchoring import AnchorState
from trace_node.ports.entries import StoredCheckpoint
from trace_node.store.anchor_rows import values_of
from trace_node.store.database import SQLITE
from trace_node.store.sql_store import SqlStore
from trace_node.store.tables import ANCHOR_REQUESTS, ANCHORS
from trace_node.tlog.anchor import Anchor, AnchoredHead

FEW, MANY = 20, 2_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with new_store(SQLITE, tmp_path) as store:
        yield store


def anchor(size: int) -> Anchor:
    return Anchor(
        engine="besu",
        chain_id=1337,
        genesis_hash=b"g" * 32,
        contract=b"c" * 20,
        log_id=b"l" * 32,
        transaction_hash=size.to_bytes(32, "big"),
        block_number=size,
        block_hash=size.to_bytes(32, "big"),
        block_time=1_795_230_000 + size,
        previous=AnchoredHead(size=size - 1, root=bytes(32)),
        head=AnchoredHead(size=size, root=bytes(32)),
    )


def grow(store: SqlStore, first: int, last: int) -> None:
    """Checkpoints of the sizes first to last, all anchored."""
    sizes = range(first, last + 1)
    final = {"state": AnchorState.FINAL.value, "changed_at": 0}
    with store.unit_of_work() as work:
        for size in sizes:
            checkpoint = StoredCheckpoint(size=size, root=bytes(32), note=b"note", sealed_at=NOW)
            work.checkpoints.add(checkpoint)
        rows = [values_of(anchor(size), state=AnchorState.FINAL, seen_at=NOW) for size in sizes]
        work.connection.execute(insert(ANCHORS), rows)
        for size in sizes:
            carried = ANCHOR_REQUESTS.update().where(ANCHOR_REQUESTS.c.size == size)
            hashes = {name: size.to_bytes(32, "big") for name in ("transaction_hash", "block_hash")}
            work.connection.execute(carried.values(**final, **hashes))


ASKED: dict[str, Callable[[SqlStore], Any]] = {
    "pending": lambda store: store.anchor_requests().pending(),
    "newest": lambda store: store.anchor_requests().newest(),
    "unsettled": lambda store: store.anchor_requests().unsettled(),
    "submitted": lambda store: store.anchor_requests().mark(size=FEW, state=AnchorState.SUBMITTED),
    "final": lambda store: store.anchor_requests().mark(
        size=FEW, state=AnchorState.FINAL, anchor=anchor(FEW)
    ),
    "anchor covering": lambda store: store.reader().anchor_covering(FEW // 2),
    "checkpoint covering": lambda store: store.reader().checkpoint_covering(FEW // 2),
    "checkpoint": lambda store: store.reader().checkpoint(),
    "progress": lambda store: store.reader().progress(),
    "knowledge": lambda store: store.reader().knowledge([3, 5]),
}


@pytest.mark.parametrize("name", ASKED)
def test_the_work_does_not_grow_with_the_anchors(store: SqlStore, name: str) -> None:
    grow(store, 1, FEW)
    before = steps_of(store, lambda: ASKED[name](store))
    grow(store, FEW + 1, MANY)
    after = steps_of(store, lambda: ASKED[name](store))
    assert 0 < after < 2 * before


def steps_of(store: SqlStore, act: Callable[[], Any]) -> int:
    """How many instructions SQLite carries out for ``act``."""
    act()  # so that nothing is counted that happens once
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    def count(connection: Any, *_: Any) -> None:
        connection.connection.driver_connection.set_progress_handler(step, 1)

    def stop(connection: Any, *_: Any) -> None:
        connection.connection.driver_connection.set_progress_handler(None, 0)

    engines = (store.database.reader, store.database.writer)
    hooks = (("before_cursor_execute", count), ("commit", stop), ("rollback", stop))
    for engine, (name, hook) in product(engines, hooks):
        event.listen(engine, name, hook)
    try:
        act()
    finally:
        for engine, (name, hook) in product(engines, hooks):
            event.remove(engine, name, hook)
    return steps
