"""What ingest promises a collector, on both engines."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from support.builders import (
    GAUGE,
    ORGANISATION,
    Run,
    device_registration,
    key,
    key_registration,
    meter,
)
from support.plant import Plant, plant
from support.stores import ENGINES, OPAQUE_IDENTITY, new_store

from trace_node.crypto import signed_record
from trace_node.metering.records.context import SeenHead
from trace_node.metering.records.delivery import parse_delivery
from trace_node.metering.records.finding import parse_finding
from trace_node.metering.records.received import parse_received
from trace_node.ports.entries import KnownRecord, Span
from trace_node.services.group_commit import GroupCommit
from trace_node.services.ingest import OpaqueIngest
from trace_node.services.ingest_errors import (
    CollectorKeyError,
    DeliveryError,
    LogStoppedError,
    RecordConflictError,
)
from trace_node.store.entries import SqlEntries
from trace_node.store.sql_store import SqlStore
from trace_node.tlog.compact_range import CompactRange
from trace_node.tlog.hasher import SHA256, SM3
from trace_node.tlog.verify import verify_inclusion


@pytest.fixture(params=ENGINES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    with new_store(request.param, tmp_path) as store:
        yield store


@pytest.fixture
def here(store: SqlStore) -> Iterator[Plant]:
    with plant(store) as here:
        yield here


def kinds(here: Plant, first: int) -> list[str]:
    size = here.writer.snapshot.size
    return [entry.kind for entry in here.store.reader().entries(first, size)]


def require_sound(here: Plant) -> None:
    """The tree of the log is the tree over the bodies, and nothing is out of place."""
    reader = here.store.reader()
    state = reader.state()
    entries = reader.entries(0, state.size)
    assert [entry.index for entry in entries] == list(range(state.size))
    tree = CompactRange(hasher=SM3)
    tree.extend(SM3.leaves(entry.body for entry in entries))
    assert (tree.root(), tree.hashes) == (state.root, state.hashes)
    assert [entry.leaf_hash for entry in entries] == SM3.leaves(entry.body for entry in entries)
    assert here.writer.snapshot == state


def test_a_delivery_is_logged_in_order(here: Plant) -> None:
    run = Run()
    records = [
        run.reading(),
        run.event(),
        run.reading(meter_register=GAUGE, unit="kW", value="7.5"),
    ]
    body = run.deliver(records)
    first = here.writer.snapshot.size
    done = here.deliver(body)
    assert done.spans == (Span(first_index=first + 1, count=3, fresh=True),)
    assert (done.first_index, done.count) == (first + 1, 3)
    assert (done.delivery_index, done.received_index) == (first + 4, first + 5)
    assert kinds(here, first) == [
        *("context@1", "reading@1", "event@1", "reading@1", "delivery@1", "received@1")
    ]
    entries = here.store.reader().entries(first, first + 6)
    assert [entry.body for entry in entries[1:4]] == records
    received = parse_received(entries[5].body)
    signed_record.verify(entries[5].body, key("node").public)
    assert (received.delivery, received.first_index, received.count) == (
        done.delivery,
        first + 1,
        3,
    )
    assert received.received_at == here.clock.now()
    require_sound(here)


def test_the_context_is_logged_once(here: Plant) -> None:
    run = Run()
    here.deliver_records(run, 2)
    first = here.writer.snapshot.size
    here.deliver_records(run, 2)
    assert kinds(here, first) == ["reading@1", "reading@1", "delivery@1", "received@1"]


def test_the_same_bytes_again_give_the_same_acknowledgement(here: Plant, store: SqlStore) -> None:
    run = Run()
    body = run.deliver([run.reading() for _ in range(5)])
    done = here.deliver(body)
    size = here.writer.snapshot.size
    assert here.deliver(body) == done
    here.writer.close()
    with plant(store, enrol=False) as again:
        assert again.deliver(body) == done
        assert again.writer.snapshot.size == size


def test_the_same_bytes_twice_in_one_commit(here: Plant) -> None:
    run = Run()
    body = run.deliver([run.reading() for _ in range(3)])
    with here.held_back():
        waiting = [here.ingest.submit(body) for _ in range(4)]
    assert len({done.result(timeout=30) for done in waiting}) == 1
    require_sound(here)


def test_of_a_partly_known_delivery_only_the_rest_is_logged(here: Plant) -> None:
    run = Run()
    records = [run.reading() for _ in range(6)]
    known = here.deliver(run.deliver(records[2:4]))
    first = here.writer.snapshot.size
    done = here.deliver(run.deliver(records))
    assert done.spans == (
        Span(first_index=first, count=2, fresh=True),
        Span(first_index=known.first_index, count=2, fresh=False),
        Span(first_index=first + 2, count=2, fresh=True),
    )
    reader = here.store.reader()
    assert done.received_index is not None
    received = parse_received(reader.entry(done.received_index).body)
    assert (received.first_index, received.count) == (first, 4)
    delivery = reader.delivery_of(first + 3)
    assert delivery is not None
    assert delivery.position == 5
    assert reader.delivered_hashes(delivery.delivery) == SM3.leaves(records)
    of_known = reader.delivery_of(known.first_index)
    assert of_known is not None
    assert (of_known.delivery.index, of_known.position) == (known.delivery_index, 0)
    require_sound(here)


def test_a_delivery_of_known_records_alone_adds_nothing(here: Plant) -> None:
    run = Run()
    records = [run.reading() for _ in range(3)]
    known = here.deliver(run.deliver(records))
    size = here.writer.snapshot.size
    done = here.deliver(run.deliver(records))  # signed anew, so another delivery
    assert done.delivery != known.delivery
    assert done.spans == (replace(known.spans[0], fresh=False),)
    assert (done.delivery_index, done.received_index) == (None, None)
    assert here.writer.snapshot.size == size


def test_late_records_fill_their_gap(here: Plant) -> None:
    run = Run()
    records = [run.reading() for _ in range(4)]
    here.deliver(run.deliver([records[0], records[3]]))
    late = here.deliver(run.deliver(records[1:3]))
    assert late.spans[0].fresh
    found = here.store.reader().record(device="meter-1", boot=run.boot, seq=2)
    assert (found.body, found.index) == (records[2], late.first_index + 1)
    require_sound(here)


def test_what_another_writer_logged_meanwhile_is_known(here: Plant, store: SqlStore) -> None:
    run = Run()
    records = [run.reading() for _ in range(4)]
    here.deliver(run.deliver(records[:2]))
    with plant(store, enrol=False) as other:
        other.deliver(run.deliver(records[2:]))
    again = here.deliver(run.deliver(records))
    assert again.delivery_index is None
    assert [(span.count, span.fresh) for span in again.spans] == [(2, False), (2, False)]


def test_a_late_record_leaves_the_head_of_its_run(here: Plant) -> None:
    run = Run()
    records = [run.reading() for _ in range(4)]
    newest = here.deliver(run.deliver([records[0], records[3]]))
    here.deliver(run.deliver(records[1:3]))
    with here.store.view() as view:
        head = view.streams.find(device="meter-1", boot=run.boot)
    assert head is not None
    assert (head.seq, head.index) == (3, newest.first_index + 1)
    again = here.deliver(run.deliver([records[3]]))
    assert again.spans == (Span(first_index=newest.first_index + 1, count=1, fresh=False),)


def test_a_delivery_in_any_order_moves_the_head_to_its_largest_number(here: Plant) -> None:
    run = Run()
    records = [run.reading() for _ in range(3)]
    done = here.deliver(run.deliver([records[2], records[0], records[1]]))
    with here.store.view() as view:
        head = view.streams.find(device="meter-1", boot=run.boot)
    assert head is not None
    assert (head.seq, head.index) == (2, done.first_index)
    require_sound(here)


def test_overlapping_deliveries_in_one_commit_log_each_record_once(here: Plant) -> None:
    run = Run()
    records = [run.reading() for _ in range(6)]
    with here.held_back():
        first = here.ingest.submit(run.deliver(records[:4]))
        second = here.ingest.submit(run.deliver(records[2:]))
    before, after = first.result(timeout=30), second.result(timeout=30)
    assert [(span.count, span.fresh) for span in after.spans] == [(2, False), (2, True)]
    assert after.first_index == before.first_index + 2
    require_sound(here)


def test_several_devices_in_one_delivery(here: Plant) -> None:
    here.enrolment.enrol(device_registration(meter("meter-2")))
    run = Run()
    records = [run.reading(device=f"meter-{1 + place % 2}") for place in range(10)]
    done = here.deliver(run.deliver(records))
    for device, place in (("meter-1", 8), ("meter-2", 9)):
        found = here.store.reader().record(device=device, boot=run.boot, seq=4)
        assert found.index == done.first_index + place


def test_a_repeat_with_other_content_is_refused_and_kept(here: Plant) -> None:
    run = Run()
    records = [run.reading() for _ in range(3)]
    done = here.deliver(run.deliver(records))
    twin = Run(boot=run.boot)
    twin.context, twin.context_digest = run.context, run.context_digest
    others = [twin.reading("9.00") for _ in range(4)]
    body = twin.deliver(others)
    with pytest.raises(RecordConflictError) as refusal:
        here.deliver(body)
    assert refusal.value.reason == "ingest.conflict"
    assert refusal.value.params["count"] == 3
    reader = here.store.reader()
    kept = reader.conflicts()
    assert {item.body for item in kept} == set(others[:3])
    for item in kept:
        assert (item.kind, item.boot, item.device) == ("repeat", run.boot, "meter-1")
        assert item.seq is not None
        assert item.known_index == done.first_index + item.seq
        delivery = parse_delivery(item.delivery)
        signed_record.verify(item.delivery, key("collector").public)
        verify_inclusion(
            hasher=SM3,
            index=item.position,
            size=delivery.count,
            leaf_hash=SM3.leaf(item.body),
            proof=list(item.path),
            root=delivery.root,
        )
    findings = reader.findings()
    assert [item.code for item in findings] == ["seq_fork", "seq_rollback"]  # newest first
    for item in findings:
        assert item.index is not None
        assert reader.entry(item.index).body == item.body
        signed_record.verify(item.body, key("node").public)
        assert set(parse_finding(item.body).subjects) <= set(
            range(done.first_index, done.first_index + 3)
        )
    size = here.writer.snapshot.size
    with pytest.raises(RecordConflictError):
        here.deliver(body)
    assert here.writer.snapshot.size == size
    assert len(reader.conflicts()) == 3
    assert reader.record(device="meter-1", boot=run.boot, seq=1).body == records[1]
    require_sound(here)


def test_of_several_clashes_the_first_of_the_delivery_is_named(here: Plant) -> None:
    here.enrolment.enrol(device_registration(meter("meter-2")))
    run = Run()
    known = [run.reading(), run.reading(), run.reading(device="meter-2")]
    here.deliver(run.deliver(known))
    other = run.reading("8.00", seq=1), run.reading("9.00", seq=0, device="meter-2")
    with pytest.raises(RecordConflictError) as refusal:
        here.deliver(run.deliver([known[0], other[1], other[0]]))
    assert (refusal.value.params["device"], refusal.value.params["seq"]) == ("meter-2", 0)
    assert [item.body for item in here.store.reader().conflicts()] == list(other)  # newest first


def test_a_delivery_over_a_wide_gap_reads_no_more_than_it_holds(here: Plant) -> None:
    run = Run()
    between = [run.reading() for _ in range(60)]
    here.deliver(run.deliver(between))
    ends = [between[0], between[59], run.reading()]
    read: list[int] = []
    real = SqlEntries.known

    def known(self: SqlEntries, stream_id: int, seqs: Sequence[int]) -> Sequence[KnownRecord]:
        found = real(self, stream_id, seqs)
        read.append(len(found))
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SqlEntries, "known", known)
        done = here.deliver(run.deliver(ends))
    assert read == [2]
    assert [span.fresh for span in done.spans] == [False, False, True]


def test_a_delivery_that_contradicts_itself_is_refused_and_kept(here: Plant) -> None:
    run = Run()
    records = [run.reading("1.00"), run.reading("2.00", seq=0)]
    size = here.writer.snapshot.size
    with pytest.raises(RecordConflictError):
        here.deliver(run.deliver(records))
    kept = here.store.reader().conflicts()
    assert [(item.body, item.known_index) for item in kept] == [(records[1], None)]
    assert kinds(here, size) == ["finding@1"]
    require_sound(here)


def test_a_record_that_comes_twice_is_refused(here: Plant) -> None:
    run = Run()
    record = run.reading()
    with pytest.raises(DeliveryError) as refusal:
        here.deliver(run.deliver([record, record]))
    assert refusal.value.reason == "ingest.twice"


def test_a_refused_delivery_does_not_spoil_the_others_of_its_commit(here: Plant) -> None:
    run = Run()
    record = run.reading()
    good = run.deliver([run.reading(), run.reading()])
    with here.held_back():
        bad = here.ingest.submit(run.deliver([record, record]))
        fine = here.ingest.submit(good)
    assert fine.result(timeout=30).count == 2
    with pytest.raises(DeliveryError):
        bad.result(timeout=30)
    require_sound(here)


def test_another_collector_may_not_extend_a_run(here: Plant) -> None:
    here.enrolment.enrol(key_registration("other"))
    run = Run()
    here.deliver_records(run, 1)
    intruder = Run(collector="other", boot=run.boot, next_seq={"meter-1": 1})
    with pytest.raises(CollectorKeyError) as refusal:
        here.deliver_records(intruder, 1)
    assert refusal.value.reason == "ingest.stream"


def test_registrations_are_logged_once(here: Plant) -> None:
    raw = key_registration("other", organisation=ORGANISATION)
    index = here.enrolment.enrol(raw)
    assert here.enrolment.enrol(raw) == index
    assert here.store.reader().entry(index).body == raw
    enrolled = here.store.reader().enrolled_key(
        key("other").public.key_id, usage="collector", at=here.clock.now()
    )
    assert enrolled is not None
    assert enrolled.index == index


def test_a_head_that_the_log_has_is_accepted(here: Plant) -> None:
    state = here.writer.snapshot
    seen = SeenHead(origin=here.store.identity.origin, size=state.size, root=state.root)
    here.deliver_records(Run(head=seen), 1)
    later = SeenHead(
        origin=here.store.identity.origin, size=2, root=here.store.history().root_at(2)
    )
    here.deliver_records(Run(head=later), 1)


@pytest.mark.parametrize("ahead", [0, 1000])
def test_a_head_that_the_log_lacks_stops_the_writer(here: Plant, ahead: int) -> None:
    size = here.writer.snapshot.size
    seen = SeenHead(
        origin=here.store.identity.origin, size=size + ahead, root=secrets.token_bytes(32)
    )
    run = Run(head=seen)
    with pytest.raises(LogStoppedError) as refusal:
        here.deliver_records(run, 1)
    assert refusal.value.reason == "ingest.head"
    kept = here.store.reader().conflicts()
    assert [(item.kind, item.body) for item in kept] == [("head", run.context)]
    with pytest.raises(LogStoppedError):
        here.deliver_records(Run(), 1)
    assert here.writer.snapshot.size == size


def test_a_head_that_the_chain_never_held_stops_nothing(store: SqlStore) -> None:
    with plant(store, is_anchored=lambda _head: False) as here:
        seen = SeenHead(origin=store.identity.origin, size=10**6, root=bytes(32))
        with pytest.raises(DeliveryError) as refusal:
            here.deliver_records(Run(head=seen), 1)
        assert refusal.value.reason == "ingest.head_unknown"
        here.deliver_records(Run(), 1)


@pytest.mark.parametrize("engine", ENGINES)
def test_opaque_entries_are_logged_in_order(engine: str, tmp_path: Path) -> None:
    with new_store(engine, tmp_path, identity=OPAQUE_IDENTITY) as store:
        writer = GroupCommit(store)
        opaque = OpaqueIngest(identity=store.identity, writer=writer)
        entries = [secrets.token_bytes(place % 50) for place in range(700)]
        indexes = [done.result(timeout=30) for done in opaque.add_all(entries)]
        writer.close()
        assert indexes == list(range(700))
        assert [entry.body for entry in store.reader().entries(0, 700)] == entries
        tree = CompactRange(hasher=SHA256)
        tree.extend(SHA256.leaves(entries))
        assert store.reader().state().root == tree.root()
