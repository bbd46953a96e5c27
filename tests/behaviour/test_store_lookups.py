"""What is asked for again and again costs the same in a long log as in a short one.

SQLite counts the steps of its machine; a look-up that reads a whole table shows in them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import event, insert, select
from support.builders import NOW, counter, key, meter
from support.stores import ENGINES, new_store

from trace_node.clock import FixedClock
from trace_node.ids import DeviceId, KeyId, OrganisationId
from trace_node.period import to_ms
from trace_node.ports.anchoring import AnchorState
from trace_node.ports.entries import LoggedDelivery, Span, StoredCheckpoint
from trace_node.ports.registry import EnrolledKey, EnrolledMeter
from trace_node.services.enrolled import EnrolmentBook
from trace_node.store import tables
from trace_node.store.anchor_rows import values_of
from trace_node.store.bulk import insert_rows, replace_rows
from trace_node.store.sql_store import SqlStore
from trace_node.store.tables import DEVICE_TAILS
from trace_node.tlog.anchor import Anchor, AnchoredHead

SHORT, LONG = 40, 1200
PER = 4  # leaves a round: a context or registration, two readings, a delivery's record


def digest(kind: int, number: int) -> bytes:
    return bytes([kind]) + number.to_bytes(31, "big")


def anchor(number: int) -> Anchor:
    return Anchor(
        engine="embedded",
        chain_id=1337,
        genesis_hash=bytes(32),
        contract=bytes(20),
        log_id=bytes(32),
        transaction_hash=digest(1, number),
        block_number=number,
        block_hash=digest(2, number),
        block_time=1_795_000_000,
        previous=AnchoredHead(size=number * PER, root=bytes(32)),
        head=AnchoredHead(size=(number + 1) * PER, root=bytes(32)),
    )


def fill(store: SqlStore, rounds: int) -> None:
    """Rows of a log of so many deliveries, each sealed and all but the last one anchored."""
    with store.unit_of_work() as work:
        stream = work.streams.open(device="meter-1", boot=bytes(16), collector=KeyId("c" * 32))
        work.entries.append(
            [
                (
                    index,
                    "reading@1",
                    b"{}",
                    digest(3, index),
                    *((stream.stream_id, index) if index % PER in {1, 2} else (None, None)),
                )
                for index in range(rounds * PER)
            ]
        )
        work.streams.move([replace(stream, seq=rounds * PER - 2, index=rounds * PER - 2)])
        state = work.entries.state()
        hashes = tuple(bytes(32) for _ in range((rounds * PER).bit_count()))
        work.entries.advance(before=state, after=replace(state, size=rounds * PER, hashes=hashes))
        for number in range(rounds):
            add_round(work, number)
        settled = [
            values_of(anchor(n), state=AnchorState.FINAL, seen_at=NOW) for n in range(rounds)
        ]
        work.connection.execute(insert(tables.ANCHORS), settled[:-1])
        carried = (
            tables.ANCHOR_REQUESTS.update()
            .where(tables.ANCHOR_REQUESTS.c.size < rounds * PER)
            .values(state="final", block_hash=digest(2, 0), transaction_hash=digest(1, 0))
        )
        work.connection.execute(carried)
        if store.database.dialect == "sqlite":
            work.connection.exec_driver_sql("ANALYZE")


def add_round(work: object, number: int) -> None:
    first = number * PER
    work.deliveries.add_context(digest=digest(4, number), index=first)
    work.deliveries.add(
        [
            LoggedDelivery(
                index=first + 3,
                digest=digest(5, number),
                collector=KeyId("c" * 32),
                context_index=first,
                root=bytes(32),
                spans=(Span(first_index=first + 1, count=2, fresh=True),),
                received_index=first,
                received_at=NOW,
            )
        ]
    )
    work.checkpoints.add(
        StoredCheckpoint(size=first + PER, root=bytes(32), note=b"note", sealed_at=NOW)
    )
    work.enrolments.add_key(enrolled_key(number))
    described = replace(meter(f"meter-{number}"), valid_from=NOW)
    work.enrolments.add_meter(EnrolledMeter(index=first, digest=digest(6, number), meter=described))


def enrolled_key(number: int) -> EnrolledKey:
    return EnrolledKey(
        index=number * PER,
        digest=digest(7, number),
        key_id=KeyId(f"{number:032}"),
        usage="collector",
        point=key("collector").public.point,
        subject="collector",
        organisation=OrganisationId("plant-a"),
        valid_from=NOW - timedelta(days=1),
        valid_to=NOW + timedelta(days=1),
        address=None,
    )


def view_of(look: Callable[[object], object]) -> Callable[[SqlStore], object]:
    def run(store: SqlStore) -> object:
        with store.view() as view:
            return look(view)

    return run


LOOKS: dict[str, Callable[[SqlStore], object]] = {
    "records_far_apart": view_of(
        lambda view: view.entries.known(1, [1, view.entries.state().size - 2])
    ),
    "stream": view_of(lambda view: view.streams.find(device="meter-1", boot=bytes(16))),
    "delivery_by_digest": view_of(lambda view: view.deliveries.by_digest(digest(5, 7))),
    "delivery_of_an_entry": lambda store: store.reader().delivery_of(29),
    "context": view_of(lambda view: view.deliveries.context_index(digest(4, 7))),
    "registration": view_of(lambda view: view.enrolments.index_of(digest(6, 7))),
    "key": lambda store: store.reader().enrolled_key(KeyId(f"{7:032}"), usage="collector", at=NOW),
    "meter": lambda store: store.reader().enrolled_meters(device="meter-7"),
    "later_registrations": view_of(
        lambda view: view.enrolments.meters(first=view.entries.state().size - PER)
    ),
    "anchor_pending": lambda store: store.anchor_requests().pending(),
    "anchor_newest": lambda store: store.anchor_requests().newest(),
    "anchors_unsettled": lambda store: [store.anchor_requests().unsettled()],
    "anchor_covering": lambda store: store.reader().anchor_covering(9),
    "progress": lambda store: store.reader().progress(),
    "knowledge": lambda store: store.reader().knowledge([5, 6]),
    "checkpoint_covering": lambda store: store.reader().checkpoint_covering(9),
    "findings_pending": view_of(lambda view: [view.evidence.pending_findings(limit=9)]),
}


@contextmanager
def counted(store: SqlStore, steps: list[int]) -> Iterator[None]:
    """Count the steps of SQLite's machine."""

    def checked_out(connection: object, *_: object) -> None:
        def step() -> int:
            steps[0] += 1
            return 0

        connection.set_progress_handler(step, 1)

    event.listen(store.database.reader, "checkout", checked_out)
    try:
        yield
    finally:
        event.remove(store.database.reader, "checkout", checked_out)


def cost(store: SqlStore, look: Callable[[SqlStore], object]) -> int:
    look(store)  # statements are prepared, caches are filled
    steps = [0]
    with counted(store, steps):
        assert look(store) is not None
    return steps[0]


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[SqlStore]]:
    with (
        new_store("sqlite", tmp_path_factory.mktemp("short")) as short,
        new_store("sqlite", tmp_path_factory.mktemp("long")) as long,
    ):
        fill(short, SHORT)
        fill(long, LONG)
        yield [short, long]


@pytest.mark.parametrize("name", LOOKS)
def test_a_look_up_costs_the_same_in_a_long_log(stores: list[SqlStore], name: str) -> None:
    few, many = (cost(store, LOOKS[name]) for store in stores)
    assert 0 < many <= few * 1.2 + 50, (few, many)


@pytest.mark.parametrize(
    "state", [AnchorState.SUBMITTED, AnchorState.MINED, AnchorState.FINAL, AnchorState.REORGED]
)
def test_marking_the_newest_anchor_costs_the_same(tmp_path: Path, state: AnchorState) -> None:
    costs = []
    for rounds in (SHORT, LONG):
        with new_store("sqlite", tmp_path / str(rounds)) as store:
            fill(store, rounds)
            made = anchor(rounds - 1)
            if state is not AnchorState.SUBMITTED:
                store.anchor_requests().mark(
                    size=made.head.size, state=AnchorState.MINED, anchor=made
                )

            def mark(store: SqlStore = store, made: Anchor = made) -> bool:
                store.anchor_requests().mark(size=made.head.size, state=state, anchor=made)
                return True

            costs.append(cost(store, lambda _store, mark=mark: mark()))
    few, many = costs
    assert many <= few * 1.2 + 50, (few, many)


@pytest.mark.parametrize("engine", ENGINES)
def test_keyed_look_ups_find_what_is_there(engine: str, tmp_path: Path) -> None:
    with new_store(engine, tmp_path) as store:
        fill(store, SHORT)
        reader, requests = store.reader(), store.anchor_requests()
        with store.view() as view:
            known = view.entries.known(1, [1, 2, 3, 29, 10**9])
            some = view.checkpoints.anchors(8, 17)
        assert sorted((item.seq, item.index) for item in known) == [(1, 1), (2, 2), (29, 29)]
        assert [item.head.size for item in some] == [8, 12, 16]
        covering = reader.anchor_covering(9)
        assert covering is not None
        assert covering.head.size == 12
        assert reader.anchor_covering(SHORT * PER) is None
        newest, pending = requests.newest(), requests.pending()
        assert newest is not None
        assert newest.head.size == (SHORT - 1) * PER
        assert pending is not None
        assert pending.size == SHORT * PER
        assert requests.unsettled() == []
        found = reader.enrolled_key(KeyId(f"{7:032}"), usage="collector", at=NOW)
        assert found == enrolled_key(7)
        assert [item.index for item in reader.enrolled_meters(device="meter-7")] == [7 * PER]
        (one, other) = reader.knowledge([5, SHORT * PER - 1])
        assert one.anchor == anchor(1)
        assert (one.checkpoint_size, other.checkpoint_size) == (8, SHORT * PER)
        assert other.anchor is None


@pytest.mark.parametrize("engine", ENGINES)
def test_the_book_takes_in_what_was_enrolled_later(engine: str, tmp_path: Path) -> None:
    with new_store(engine, tmp_path) as store:
        fill(store, 3)
        book = EnrolmentBook(store, clock=FixedClock(NOW))
        before, at_ms = book.current, to_ms(NOW)
        assert before.has_device("meter-2", at_ms=at_ms)
        other = replace(
            meter("meter-2", meter_registers=[counter(maximum=Decimal("7.00"))]), valid_from=NOW
        )
        with store.unit_of_work() as work:
            state = work.entries.state()
            work.entries.append([(state.size, "x", b"{}", digest(3, 10**6), None, None)])
            work.entries.advance(before=state, after=replace(state, size=state.size + 1, hashes=()))
            work.enrolments.add_meter(
                EnrolledMeter(index=state.size, digest=digest(8, 1), meter=other)
            )
            again = replace(enrolled_key(1), index=state.size, digest=digest(8, 2), usage="node")
            work.enrolments.add_key(again)
        now = book.renew()
        found = now.meter_register(DeviceId("meter-2"), "energy", at_ms=at_ms)
        assert found is not None
        assert found.maximum == Decimal("7.00")
        assert now.key(again.key_id, usage="node", at=NOW) == again
        assert now.key(again.key_id, usage="collector", at=NOW) == enrolled_key(1)
        assert before.key(again.key_id, usage="node", at=NOW) is None
        assert book.renew() is now


@pytest.mark.parametrize("count", [0, 1, 7, 143, 1025])
@pytest.mark.parametrize("engine", ENGINES)
def test_rows_that_are_there_are_changed_and_others_added(
    engine: str, tmp_path: Path, count: int
) -> None:
    """Only the named columns change; every second row was there before."""

    def row(place: int, digest: bytes) -> tuple[object, ...]:
        return (f"device-{place:04d}", bytes(16), digest)

    with new_store(engine, tmp_path) as store:
        with store.unit_of_work() as work:
            there = [row(place, bytes(32)) for place in range(0, count, 2)]
            insert_rows(work.connection, DEVICE_TAILS, there)
        with store.unit_of_work() as work:
            given = [
                (name, b"x" * 16, b"\1" * 32) for name, *_ in (row(n, b"") for n in range(count))
            ]
            replace_rows(work.connection, DEVICE_TAILS, given, changed=("digest",))
        with store.view() as view:
            found = view.connection.execute(select(DEVICE_TAILS).order_by(DEVICE_TAILS.c.device))
            kept = [tuple(item) for item in found]
    assert kept == [
        (f"device-{place:04d}", bytes(16) if place % 2 == 0 else b"x" * 16, b"\1" * 32)
        for place in range(count)
    ]
