"""Sealing on both engines: archive, checkpoint, tiles and the request to anchor; and the way back."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.builders import Run, key
from support.plant import Plant, plant
from support.stores import ENGINES, IDENTITY, OPAQUE_IDENTITY, new_store

from trace_node.clock import FixedClock
from trace_node.crypto import ed25519
from trace_node.errors import NotFoundError
from trace_node.ports.anchoring import AnchorState
from trace_node.ports.archive import ArchivedEntries, ArchivedEvidence
from trace_node.ports.entries import StoredCheckpoint
from trace_node.services.group_commit import GroupCommit
from trace_node.services.ingest import OpaqueIngest
from trace_node.services.restore import Restore, RestoreError
from trace_node.services.seal import RolledBackError, Seal
from trace_node.store.archive_file import FileArchive
from trace_node.store.sql_store import SqlStore
from trace_node.tlog import checkpoint as checkpoints
from trace_node.tlog import proof
from trace_node.tlog.anchor import AnchoredHead
from trace_node.tlog.hasher import SHA256, SM3
from trace_node.tlog.note_keys import Ed25519NoteSigner, Sm2NoteSigner, log_verifier
from trace_node.tlog.tiles import TileId, decode_entries, split_hashes, tiles_of
from trace_node.tlog.tree import MemoryTree
from trace_node.tlog.verify import verify_consistency, verify_inclusion

SIGNER = Sm2NoteSigner(name=IDENTITY.origin, signer=key("log"))


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def store(engine: str, tmp_path: Path) -> Iterator[SqlStore]:
    with new_store(engine, tmp_path) as store:
        yield store


@pytest.fixture
def here(store: SqlStore) -> Iterator[Plant]:
    with plant(store) as here:
        yield here


@contextmanager
def sealing(here: Plant, folder: Path) -> Iterator[Seal]:
    archive = FileArchive(folder / "archive")
    try:
        yield Seal(store=here.store, archive=archive, signers=[SIGNER], clock=here.clock)
    finally:
        archive.close()


@pytest.fixture
def seal(here: Plant, tmp_path: Path) -> Iterator[Seal]:
    with sealing(here, tmp_path) as seal:
        yield seal


def archived(folder: Path) -> tuple[list[bytes], list[StoredCheckpoint]]:
    bodies: list[bytes] = []
    notes: list[StoredCheckpoint] = []
    for item in FileArchive(folder / "archive").read():
        if isinstance(item, ArchivedEvidence):
            continue
        if isinstance(item, ArchivedEntries):
            assert item.first_index == len(bodies)
            bodies += item.bodies
        else:
            notes.append(item)
    return bodies, notes


def test_an_empty_log_has_no_checkpoint(store: SqlStore, tmp_path: Path) -> None:
    with plant(store, enrol=False) as here, sealing(here, tmp_path) as seal:
        assert seal.seal_once() is None
        assert store.reader().checkpoint() is None


def test_a_checkpoint_covers_what_is_committed(here: Plant, seal: Seal, tmp_path: Path) -> None:
    here.deliver_records(Run(), 10)
    made = seal.seal_once()
    assert made is not None
    state = here.writer.snapshot
    assert (made.size, made.root) == (state.size, state.root)
    opened, _ = checkpoints.open_signed(made.note, verifiers=[log_verifier(SIGNER.vkey)])
    assert (opened.origin, opened.size, opened.root) == (IDENTITY.origin, state.size, state.root)
    assert here.store.reader().checkpoint() == made
    bodies, notes = archived(tmp_path)
    entries = here.store.reader().entries(0, state.size)
    assert bodies == [entry.body for entry in entries]
    assert notes == [made]


def test_the_request_to_anchor_is_stored_with_the_checkpoint(here: Plant, seal: Seal) -> None:
    made = seal.seal_once()
    assert made is not None
    request = here.store.anchor_requests().pending()
    assert request is not None
    assert (request.size, request.root, request.checkpoint, request.state) == (
        *(made.size, made.root, made.note, AnchorState.CHECKPOINTED),
    )


def test_nothing_new_gives_the_same_checkpoint(here: Plant, seal: Seal) -> None:
    assert seal.seal_once() == seal.seal_once()
    assert here.store.reader().checkpoint_covering(10**9) is None


def test_proofs_from_tiles_hold_for_every_checkpoint(here: Plant, seal: Seal) -> None:
    run = Run()
    made: list[StoredCheckpoint] = []
    for count in (1, 250, 3, 600, 256):
        here.deliver_records(run, count)
        sealed = seal.seal_once()
        assert sealed is not None
        made.append(sealed)
    reader = here.store.reader()
    size = made[-1].size
    hashes = [entry.leaf_hash for entry in reader.entries(0, size)]
    tree = MemoryTree(hasher=SM3, leaf_hashes=hashes)
    for place, checkpoint in enumerate(made):
        assert checkpoint.root == proof.root(size=checkpoint.size, reader=tree)
        for index in {0, 255, 256, checkpoint.size - 1}:
            if index < checkpoint.size:
                verify_inclusion(
                    hasher=SM3,
                    index=index,
                    size=checkpoint.size,
                    leaf_hash=hashes[index],
                    proof=proof.inclusion(
                        index=index, size=checkpoint.size, reader=reader.subtrees()
                    ),
                    root=checkpoint.root,
                )
        for newer in made[place:]:
            verify_consistency(
                hasher=SM3,
                size1=checkpoint.size,
                size2=newer.size,
                root1=checkpoint.root,
                root2=newer.root,
                proof=list(
                    here.store.history().consistency(old_size=checkpoint.size, new_size=newer.size)
                ),
            )
        covering = reader.checkpoint_covering(checkpoint.size - 1)
        assert covering == checkpoint


def test_tiles_are_those_of_the_tree(here: Plant, seal: Seal) -> None:
    here.deliver_records(Run(), 700)
    made = seal.seal_once()
    assert made is not None
    reader = here.store.reader()
    entries = reader.entries(0, made.size)
    tree = MemoryTree(hasher=SM3, leaf_hashes=[entry.leaf_hash for entry in entries])
    for tile in tiles_of(size=made.size):
        hashes = split_hashes(tile, reader.read_tile(tile))
        first = tile.index * 256
        assert hashes == [tree.node(8 * tile.level, first + place) for place in range(tile.width)]
    bundle = TileId(level=0, index=1, entries=True)
    assert decode_entries(bundle, reader.read_tile(bundle)) == [
        entry.body for entry in entries[256:512]
    ]
    with pytest.raises(NotFoundError) as refusal:
        reader.tile(0, made.size // 256, width=made.size % 256 + 1)
    assert refusal.value.reason == "log.no_tile"


def test_roots_between_checkpoints_come_from_the_entries(here: Plant, seal: Seal) -> None:
    seal.seal_once()
    here.deliver_records(Run(), 300)
    history = here.store.history()
    size = here.writer.snapshot.size
    hashes = here.store.reader().leaf_hashes(0, size)
    tree = MemoryTree(hasher=SM3, leaf_hashes=hashes)
    for some in (0, 1, 5, 100, 257, size):
        assert history.root_at(some) == proof.root(size=some, reader=tree)
    assert history.head() == AnchoredHead(size=size, root=here.writer.snapshot.root)


def test_a_large_log_is_sealed_in_several_checkpoints(
    here: Plant, seal: Seal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trace_node.services.seal.MOST_PER_CHECKPOINT", 100)
    monkeypatch.setattr("trace_node.services.seal.PIECE", 33)
    here.deliver_records(Run(), 250)
    made = seal.seal_once()
    assert made is not None
    assert made.size == here.writer.snapshot.size
    assert here.store.reader().checkpoint_of(100) is not None


def test_an_older_copy_of_the_database_is_not_sealed(
    here: Plant, seal: Seal, engine: str, tmp_path: Path
) -> None:
    here.deliver_records(Run(), 5)
    seal.seal_once()
    seal._archive.close()
    older = tmp_path / "older"
    older.mkdir()
    with new_store(engine, older) as copy, plant(copy, enrol=False) as there:
        archive = FileArchive(tmp_path / "archive")
        with pytest.raises(RolledBackError) as refusal:
            Seal(store=copy, archive=archive, signers=[SIGNER], clock=there.clock)
        archive.close()
    assert refusal.value.reason == "seal.rolled_back"
    assert "trace-node restore" in refusal.value.remedy


@pytest.mark.parametrize("more", [0, 5])
def test_a_new_archive_is_filled_from_the_beginning(
    here: Plant, seal: Seal, engine: str, tmp_path: Path, more: int
) -> None:
    busy_log(here, seal)
    new = tmp_path / "new"
    if more:
        here.deliver_records(Run(), more)
    with sealing(here, new) as again:
        again.seal_once()
    empty = tmp_path / "empty"
    empty.mkdir()
    with new_store(engine, empty) as copy:
        restored(here, copy, new)


def restored(here: Plant, copy: SqlStore, folder: Path, **run: object) -> None:
    """Restore into ``copy`` and require it to hold the same log."""
    seen: list[tuple[int, int]] = []
    archive = FileArchive(folder / "archive")
    state = Restore(
        store=copy, archive=archive, progress=lambda done, of: seen.append((done, of))
    ).run(**run)
    assert state == here.store.reader().state()
    for first in range(0, state.size, 1000):
        end = min(first + 1000, state.size)
        assert copy.reader().entries(first, end) == here.store.reader().entries(first, end)
    with copy.view() as ours, here.store.view() as theirs:
        assert ours.deliveries.read(0, state.size) == theirs.deliveries.read(0, state.size)
        assert ours.enrolments.keys() == theirs.enrolments.keys()
        assert ours.enrolments.meters() == theirs.enrolments.meters()
        assert ours.evidence.conflicts(limit=99) == theirs.evidence.conflicts(limit=99) != []
        assert ours.checkpoints.read(above=0, limit=99) == theirs.checkpoints.read(
            above=0, limit=99
        )
        for level in range(3):
            assert ours.checkpoints.tiles(level, 0, 99) == theirs.checkpoints.tiles(level, 0, 99)
        ours_found = {item.key: item for item in ours.evidence.findings(device=None, limit=99)}
        theirs_found = {item.key: item for item in theirs.evidence.findings(device=None, limit=99)}
        assert ours_found == theirs_found
        for entry in ours.entries.read(0, state.size):
            if entry.stream_id is not None:
                assert ours.streams.get(entry.stream_id) == theirs.streams.get(entry.stream_id)


def busy_log(here: Plant, seal: Seal) -> None:
    """Everything that can be in a log, over several checkpoints."""
    run = Run()
    here.deliver_records(run, 300)
    seal.seal_once()
    records = [run.reading() for _ in range(20)]
    here.deliver(run.deliver(records[5:10]))
    here.deliver(run.deliver(records))
    seal.seal_once()
    clash = run.deliver([run.reading("5.00", seq=3)])
    with pytest.raises(Exception, match="contradict"):
        here.deliver(clash)
    here.deliver_records(run, 400)
    seal.seal_once()


def test_the_archive_alone_restores_the_log(
    here: Plant, seal: Seal, engine: str, tmp_path: Path
) -> None:
    busy_log(here, seal)
    state = here.writer.snapshot
    anchored = AnchoredHead(size=state.size, root=state.root)
    empty = tmp_path / "empty"
    empty.mkdir()
    with new_store(engine, empty) as copy:
        restored(here, copy, tmp_path, anchored=anchored)
        seal._archive.close()
        with plant(copy, enrol=False) as there, sealing(there, tmp_path) as again:
            there.deliver_records(Run(), 3)
            made = again.seal_once()
            assert made is not None
            assert made.size == there.writer.snapshot.size


def test_a_broken_off_restore_goes_on(
    here: Plant, seal: Seal, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trace_node.services.restore.PIECE", 7)
    busy_log(here, seal)

    class BrokenOffError(Exception):
        pass

    breaks = [5, 350, 700]

    def break_off(done: int, _of: int) -> None:
        if breaks and done >= breaks[0]:
            breaks.pop(0)
            raise BrokenOffError

    empty = tmp_path / "empty"
    empty.mkdir()
    with new_store(engine, empty) as copy:
        for _ in range(3):
            with pytest.raises(BrokenOffError):
                Restore(
                    store=copy, archive=FileArchive(tmp_path / "archive"), progress=break_off
                ).run()
        restored(here, copy, tmp_path)


def test_a_restore_that_misses_the_head_on_the_chain_says_so(
    here: Plant, seal: Seal, engine: str, tmp_path: Path
) -> None:
    here.deliver_records(Run(), 3)
    seal.seal_once()
    size = here.writer.snapshot.size
    empty = tmp_path / "empty"
    empty.mkdir()
    with new_store(engine, empty) as copy:
        for anchored in (size, size + 1):
            with pytest.raises(RestoreError) as refusal:
                Restore(store=copy, archive=FileArchive(tmp_path / "archive")).run(
                    anchored=AnchoredHead(size=anchored, root=bytes(32))
                )
            assert refusal.value.reason == "restore.anchored"


def test_a_database_with_another_history_is_not_restored_over(
    here: Plant, seal: Seal, engine: str, tmp_path: Path
) -> None:
    here.deliver_records(Run(), 30)
    seal.seal_once()
    other = tmp_path / "other"
    other.mkdir()
    with new_store(engine, other) as copy:
        with plant(copy) as there:
            there.deliver_records(Run(), 3)
        with pytest.raises(RestoreError) as refusal:
            Restore(store=copy, archive=FileArchive(tmp_path / "archive")).run()
        assert refusal.value.reason == "restore.history"


def test_an_opaque_log_is_sealed_and_restored(engine: str, tmp_path: Path) -> None:
    signer = Ed25519NoteSigner(name=OPAQUE_IDENTITY.origin, private=ed25519.generate())
    with new_store(engine, tmp_path, identity=OPAQUE_IDENTITY) as store:
        writer = GroupCommit(store)
        opaque = OpaqueIngest(identity=store.identity, writer=writer)
        for done in opaque.add_all([b"%d" % place for place in range(600)]):
            done.result(timeout=30)
        writer.close()
        archive = FileArchive(tmp_path / "archive")
        seal = Seal(store=store, archive=archive, signers=[signer], clock=FixedClock(Run().now))
        made = seal.seal_once()
        archive.close()
        assert made is not None
        tree = MemoryTree(hasher=SHA256, leaf_hashes=store.reader().leaf_hashes(0, 600))
        assert made.root == tree.root()
        empty = tmp_path / "empty"
        empty.mkdir()
        with new_store(engine, empty, identity=OPAQUE_IDENTITY) as copy:
            state = Restore(store=copy, archive=FileArchive(tmp_path / "archive")).run()
            assert state == store.reader().state()
            assert copy.reader().checkpoint() == made
