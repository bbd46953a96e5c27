"""Sealing when the archive is new, an older copy, away for a while, or cut at a bad place."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.builders import Run, key
from support.plant import Plant, plant
from support.stores import IDENTITY, new_store

from trace_node.errors import UnavailableError
from trace_node.ports.archive import ArchivedEntries
from trace_node.services import seal as seal_module
from trace_node.services.restore import Restore
from trace_node.services.seal import RolledBackError, Seal
from trace_node.store.archive_file import FileArchive
from trace_node.store.sql_store import create_store
from trace_node.tlog.note_keys import Sm2NoteSigner

SIGNER = Sm2NoteSigner(name=IDENTITY.origin, signer=key("log"))


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Plant]:
    with new_store("sqlite", tmp_path) as store, plant(store) as here:
        yield here


def sealed(here: Plant, archive: FileArchive) -> int:
    """Seal once with an archive, and give the size of the newest checkpoint."""
    try:
        seal = Seal(store=here.store, archive=archive, signers=[SIGNER], clock=here.clock)
        made = seal.seal_once()
        assert made is not None
        return made.size
    finally:
        archive.close()


def require_whole(here: Plant, archive: FileArchive, tmp_path: Path) -> None:
    """Require the archive alone to give the same log, deliveries included."""
    url = f"sqlite:///{tmp_path / 'restored.db'}"
    restored = create_store(url, identity=IDENTITY)
    try:
        Restore(store=restored, archive=archive).run()
        size = here.store.reader().state().size
        assert restored.reader().state() == here.store.reader().state()
        assert restored.reader().checkpoint() == here.store.reader().checkpoint()
        with here.store.view() as ours, restored.view() as theirs:
            assert theirs.deliveries.read(0, size) == ours.deliveries.read(0, size)
    finally:
        restored.close()


def test_a_new_archive_gets_what_was_sealed_before(here: Plant, tmp_path: Path) -> None:
    run = Run()
    here.deliver_records(run, 5)
    sealed(here, FileArchive(tmp_path / "first"))
    here.deliver_records(run, 5)
    sealed(here, FileArchive(tmp_path / "first"))
    here.deliver_records(run, 5)
    second = FileArchive(tmp_path / "second")
    assert sealed(here, second) == here.store.reader().state().size
    assert [type(item).__name__ for item in second.read()] == 3 * [
        "ArchivedEntries",
        "StoredCheckpoint",
    ]
    require_whole(here, second, tmp_path)


def test_a_new_archive_is_filled_also_when_there_is_nothing_to_seal(
    here: Plant, tmp_path: Path
) -> None:
    here.deliver_records(Run(), 5)
    sealed(here, FileArchive(tmp_path / "first"))
    second = FileArchive(tmp_path / "second")
    sealed(here, second)
    require_whole(here, second, tmp_path)


def test_an_older_copy_of_the_archive_is_brought_up_to_date(here: Plant, tmp_path: Path) -> None:
    run = Run()
    here.deliver_records(run, 5)
    old, new = FileArchive(tmp_path / "old"), FileArchive(tmp_path / "new")
    sealed(here, old)
    for _ in range(3):
        here.deliver_records(run, 2)
        sealed(here, new)
    sealed(here, old)
    require_whole(here, old, tmp_path)


def test_a_delivery_cut_off_from_its_received_record_keeps_its_spans(
    here: Plant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run()
    records = [run.reading() for _ in range(4)]
    here.deliver(run.deliver(records[:2]))
    partly_known = here.deliver(run.deliver(records))
    monkeypatch.setattr(seal_module, "PIECE", partly_known.received_index)
    archive = FileArchive(tmp_path / "archive")
    sealed(here, archive)
    pieces = [item for item in archive.read() if isinstance(item, ArchivedEntries)]
    assert pieces[1].first_index == partly_known.received_index
    require_whole(here, archive, tmp_path)


def test_a_checkpoint_is_not_signed_before_the_archive_has_its_entries(
    here: Plant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.deliver_records(Run(), 5)
    archive = FileArchive(tmp_path / "archive")

    def full(*_: object) -> None:
        raise UnavailableError("no space")

    with monkeypatch.context() as patched:
        patched.setattr(archive, "append", full)
        with pytest.raises(UnavailableError):
            sealed(here, archive)
        assert here.store.reader().checkpoint() is None
    sealed(here, archive)
    require_whole(here, archive, tmp_path)


def test_a_checkpoint_that_could_not_be_archived_is_archived_next_time(
    here: Plant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.deliver_records(Run(), 5)
    archive = FileArchive(tmp_path / "archive")

    def full(*_: object) -> None:
        raise UnavailableError("no space")

    with monkeypatch.context() as patched:
        patched.setattr(archive, "append_checkpoint", full)
        with pytest.raises(UnavailableError):
            sealed(here, archive)
    assert here.store.reader().checkpoint() is not None
    assert archive.checkpoint_size() == 0
    sealed(here, archive)
    require_whole(here, archive, tmp_path)


def test_an_archive_ahead_of_the_database_stops_the_node(here: Plant, tmp_path: Path) -> None:
    here.deliver_records(Run(), 5)
    archive = FileArchive(tmp_path / "archive")
    sealed(here, archive)
    with (
        new_store("sqlite", tmp_path / "older") as older,
        plant(older, enrol=False) as behind,
        pytest.raises(RolledBackError, match="older copy"),
    ):
        sealed(behind, archive)
