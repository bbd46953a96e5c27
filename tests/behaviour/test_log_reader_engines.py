"""The log as its readers see it, and the rows that wait to be anchored, on both engines."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from support.builders import NOW, Run, key
from support.plant import Plant, plant
from support.stores import ENGINES, IDENTITY, new_store

from trace_node.errors import InputError, NotFoundError, StateError
from trace_node.ports.anchoring import AnchorState
from trace_node.ports.entries import StoredCheckpoint
from trace_node.services.project import Projector
from trace_node.services.seal import Seal
from trace_node.store.archive_file import FileArchive
from trace_node.tlog.anchor import Anchor, AnchoredHead
from trace_node.tlog.note_keys import Sm2NoteSigner

SIGNER = Sm2NoteSigner(name=IDENTITY.origin, signer=key("log"))


@pytest.fixture(params=ENGINES)
def here(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Plant]:
    from trace_node.clock import FixedClock  # noqa: PLC0415

    clock = FixedClock(NOW)
    with (
        new_store(request.param, tmp_path, clock=clock) as store,
        plant(store, clock=clock) as here,
    ):
        yield here


@pytest.fixture
def seal(here: Plant, tmp_path: Path) -> Iterator[Seal]:
    archive = FileArchive(tmp_path / "archive")
    yield Seal(store=here.store, archive=archive, signers=[SIGNER], clock=here.clock)
    archive.close()


def anchor_of(made: StoredCheckpoint, *, block: int = 7, previous: int = 0) -> Anchor:
    return Anchor(
        engine="besu",
        chain_id=1337,
        genesis_hash=b"g" * 32,
        contract=b"c" * 20,
        log_id=b"l" * 32,
        transaction_hash=made.size.to_bytes(32, "big"),
        block_number=block,
        block_hash=block.to_bytes(32, "big"),
        block_time=1_795_230_000 + block,
        previous=AnchoredHead(size=previous, root=b"p" * 32),
        head=AnchoredHead(size=made.size, root=made.root),
    )


def seal_more(here: Plant, seal: Seal, run: Run, count: int = 3) -> StoredCheckpoint:
    here.clock.move(seconds=60)
    here.deliver_records(run, count)
    made = seal.seal_once()
    assert made is not None
    return made


class TestAnchorRequests:
    def test_only_the_newest_is_pending(self, here: Plant, seal: Seal) -> None:
        requests, run = here.store.anchor_requests(), Run()
        assert requests.pending() is None
        seal_more(here, seal, run)
        newest = seal_more(here, seal, run)
        pending = requests.pending()
        assert pending is not None
        assert (pending.size, pending.state) == (newest.size, AnchorState.CHECKPOINTED)
        assert pending.checkpoint == newest.note

    def test_the_way_of_a_request(self, here: Plant, seal: Seal) -> None:
        requests, reader, run = here.store.anchor_requests(), here.store.reader(), Run()
        first, second = seal_more(here, seal, run), seal_more(here, seal, run)
        requests.mark(size=second.size, state=AnchorState.SUBMITTED)
        assert reader.progress().submitted == second.size
        anchor = anchor_of(second)
        for _ in range(2):  # repeating it changes nothing
            requests.mark(size=second.size, state=AnchorState.MINED, anchor=anchor)
            assert requests.pending() is None
            assert (requests.newest(), list(requests.unsettled())) == (anchor, [anchor])
        progress = reader.progress()
        assert (progress.mined, progress.final) == (second.size, 0)
        assert progress.state_of(first.size - 1) is AnchorState.MINED
        requests.mark(size=second.size, state=AnchorState.FINAL, anchor=anchor)
        assert (requests.newest(), list(requests.unsettled())) == (anchor, [])
        assert reader.progress().final == second.size
        third = seal_more(here, seal, run)
        pending = requests.pending()
        assert pending is not None
        assert pending.size == third.size
        assert reader.progress().state_of(third.size - 1) is AnchorState.CHECKPOINTED
        assert reader.progress().state_of(third.size) is None

    def test_a_reorganisation_makes_it_pending_again(self, here: Plant, seal: Seal) -> None:
        requests, reader, run = here.store.anchor_requests(), here.store.reader(), Run()
        made = seal_more(here, seal, run)
        lost, found = anchor_of(made, block=7), anchor_of(made, block=9)
        requests.mark(size=made.size, state=AnchorState.SUBMITTED)
        requests.mark(size=made.size, state=AnchorState.MINED, anchor=lost)
        requests.mark(size=made.size, state=AnchorState.REORGED, anchor=lost)
        pending = requests.pending()
        assert pending is not None
        assert pending.state is AnchorState.REORGED
        assert (requests.newest(), list(requests.unsettled())) == (None, [])
        assert reader.anchor_covering(1) is None
        assert reader.progress().state_of(0) is AnchorState.REORGED
        requests.mark(size=made.size, state=AnchorState.RESUBMITTED)
        assert reader.progress().state_of(0) is AnchorState.RESUBMITTED
        requests.mark(size=made.size, state=AnchorState.MINED, anchor=found)
        assert requests.newest() == found
        assert reader.progress().state_of(0) is AnchorState.MINED

    def test_what_lost_its_block_is_resubmitted_by_a_larger_checkpoint_too(
        self, here: Plant, seal: Seal
    ) -> None:
        requests, reader, run = here.store.anchor_requests(), here.store.reader(), Run()
        first = seal_more(here, seal, run)
        for state in (AnchorState.MINED, AnchorState.REORGED):
            requests.mark(size=first.size, state=state, anchor=anchor_of(first))
        second = seal_more(here, seal, run)
        requests.mark(size=second.size, state=AnchorState.SUBMITTED)
        assert reader.progress().state_of(0) is AnchorState.RESUBMITTED
        assert reader.progress().state_of(first.size) is AnchorState.SUBMITTED

    def test_what_is_final_is_not_mined_again(self, here: Plant, seal: Seal) -> None:
        requests, reader, run = here.store.anchor_requests(), here.store.reader(), Run()
        made = seal_more(here, seal, run)
        for state in (AnchorState.FINAL, AnchorState.MINED):
            requests.mark(size=made.size, state=state, anchor=anchor_of(made))
        assert requests.unsettled() == []
        assert reader.progress().final == made.size

    def test_an_anchor_is_needed_to_mark_it_mined(self, here: Plant, seal: Seal) -> None:
        made = seal_more(here, seal, Run())
        with pytest.raises(InputError) as refusal:
            here.store.anchor_requests().mark(size=made.size, state=AnchorState.MINED)
        assert refusal.value.params["field"] == "anchor"


class TestReader:
    def test_an_entry_that_is_not_there(self, here: Plant) -> None:
        size = here.writer.snapshot.size
        for ask in (
            lambda reader: reader.entry(size),
            lambda reader: reader.record(device="meter-1", boot=bytes(16), seq=0),
            lambda reader: reader.tile(0, 0, width=1),
        ):
            with pytest.raises(NotFoundError):
                ask(here.store.reader())

    def test_ranges_are_bounded(self, here: Plant) -> None:
        reader = here.store.reader()
        for ask in (
            lambda: reader.entries(0, 5000),
            lambda: reader.entries(3, 2),
            lambda: reader.entries(-1, 2),
            lambda: reader.leaf_hashes(0, 70_000),
            lambda: reader.knowledge(range(5000)),
        ):
            with pytest.raises(InputError) as refusal:
                ask()
            assert refusal.value.reason == "log.range"

    def test_what_no_delivery_brought(self, here: Plant) -> None:
        done = here.deliver_records(Run(), 2)
        reader = here.store.reader()
        assert reader.delivery_of(0) is None
        assert done.delivery_index is not None
        assert reader.delivery_of(done.delivery_index) is None
        assert reader.delivery_of(done.first_index - 1) is None  # the context
        assert reader.delivery_of(10**9) is None

    def test_the_smallest_cover_is_found(self, here: Plant, seal: Seal) -> None:
        requests, reader, run = here.store.anchor_requests(), here.store.reader(), Run()
        made = [seal_more(here, seal, run) for _ in range(4)]
        for place in (1, 3):
            anchor = anchor_of(made[place], block=place)
            requests.mark(size=made[place].size, state=AnchorState.MINED, anchor=anchor)
        assert reader.anchor_covering(made[0].size) == anchor_of(made[1], block=1)
        assert reader.anchor_covering(made[1].size) == anchor_of(made[1], block=1)
        assert reader.anchor_covering(made[1].size + 1) == anchor_of(made[3], block=3)
        assert reader.anchor_covering(made[3].size + 1) is None
        assert reader.checkpoint_covering(made[1].size) == made[2]
        assert reader.checkpoint_of(made[2].size) == made[2]
        assert reader.checkpoint_of(made[2].size + 1) is None

    def test_the_times_of_knowledge(self, here: Plant, seal: Seal) -> None:
        run, requests = Run(), here.store.anchor_requests()
        first = here.clock.now()
        done = here.deliver_records(run, 3)
        made = seal_more(here, seal, run, 2)
        here.clock.move(seconds=30)
        anchor = anchor_of(made)
        requests.mark(size=made.size, state=AnchorState.MINED, anchor=anchor)
        late = here.deliver_records(run, 1)
        Projector(
            store=here.store, writer=here.writer, signer=key("node"), clock=here.clock
        ).project_once()
        sealed, unsealed, other = here.store.reader().knowledge(
            [done.first_index + 1, late.first_index, 0]
        )
        assert (sealed.observed_at, sealed.collected_at) == (NOW, NOW)
        assert sealed.received_at == first
        assert (sealed.checkpoint_size, sealed.sealed_at) == (made.size, made.sealed_at)
        assert made.sealed_at == NOW + timedelta(seconds=60)
        assert (sealed.anchor, sealed.anchored_at) == (anchor, NOW + timedelta(seconds=90))
        assert unsealed.received_at == NOW + timedelta(seconds=90)
        assert (unsealed.checkpoint_size, unsealed.anchor) == (None, None)
        assert (other.index, other.observed_at, other.received_at) == (0, None, None)
        assert other.checkpoint_size == made.size
        assert here.store.reader().knowledge([]) == []

    def test_cosignatures_are_added_to_the_same_text(self, here: Plant, seal: Seal) -> None:
        made = seal_more(here, seal, Run())
        more = made.note + b"\xe2\x80\x94 witness.example AAAA\n"
        with here.store.unit_of_work() as work:
            work.checkpoints.set_note(size=made.size, note=more)
        assert here.store.reader().checkpoint_of(made.size).note == more
        for size, note in ((made.size, more.replace(b"\n3", b"\n4")), (10**6, more)):
            with pytest.raises(StateError), here.store.unit_of_work() as work:
                work.checkpoints.set_note(size=size, note=b"other\n" + note)

    def test_a_view_cannot_write(self, here: Plant) -> None:
        from trace_node.errors import TraceNodeError  # noqa: PLC0415

        with pytest.raises(TraceNodeError), here.store.view() as view:
            view.projections.move_cursor("x", before=0, after=1)

    def test_a_view_sees_one_snapshot(self, here: Plant) -> None:
        with here.store.view() as view:
            before = view.entries.state()
            here.deliver_records(Run(), 1)
            assert view.entries.state() == before
        assert here.store.reader().state() != before
