"""Each outside call of sealing fails, with and without effect; then it is done again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import update
from support.builders import Run, key
from support.plant import Plant, plant
from support.stores import IDENTITY, new_store

from trace_node.errors import IntegrityError, UnavailableError
from trace_node.services.fsck import Fsck
from trace_node.services.publish_tiles import PublishedTreeError
from trace_node.services.restore import Restore
from trace_node.services.seal import Seal
from trace_node.store import tables
from trace_node.store.archive_file import FileArchive
from trace_node.store.sql_store import SqlStore
from trace_node.tlog.note_keys import Sm2NoteSigner, log_verifier

SIGNER = Sm2NoteSigner(name=IDENTITY.origin, signer=key("log"))


class FaultError(UnavailableError):
    """The fault that was put in."""


class Faulty:
    """An object one method of which fails once, with or without effect."""

    def __init__(self, real: object, method: str, *, takes_effect: bool) -> None:
        self._real, self._method, self._takes_effect = real, method, takes_effect
        self.armed = False

    def __getattr__(self, name: str) -> object:
        found = getattr(self._real, name)
        return self._failing(found) if name == self._method and self.armed else found

    def _failing(self, real: Callable[..., object]) -> Callable[..., object]:
        def failing(*args: object, **kwargs: object) -> object:
            self.armed = False
            if self._takes_effect:
                real(*args, **kwargs)
            raise FaultError("put in on purpose")

        return failing


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Plant]:
    with new_store("sqlite", tmp_path) as store, plant(store) as here:
        yield here


@contextmanager
def sealing(here: Plant, folder: Path, **parts: object) -> Iterator[Seal]:
    archive = FileArchive(folder / "archive")
    values = {
        "store": here.store,
        "archive": archive,
        "signers": [SIGNER],
        "clock": here.clock,
    }
    for name, wrapped in parts.items():
        values[name] = wrapped(values[name])
    try:
        yield Seal(**values)
    finally:
        archive.close()


def require_sound(here: Plant, folder: Path) -> None:
    report = Fsck(
        store=here.store,
        archive=FileArchive(folder / "archive"),
        verifiers=[log_verifier(SIGNER.vkey)],
    ).run()
    assert report.is_sound, report.problems
    with new_store("sqlite", folder / "copy") as copy:
        Restore(store=copy, archive=FileArchive(folder / "archive")).run()
        assert copy.reader().checkpoint() == here.store.reader().checkpoint()


@pytest.mark.parametrize("takes_effect", [False, True])
@pytest.mark.parametrize("method", ["append", "append_checkpoint", "append_evidence"])
def test_a_failed_archive(here: Plant, tmp_path: Path, method: str, takes_effect: bool) -> None:
    run = Run()
    here.deliver_records(run, 5)
    with pytest.raises(Exception, match="contradict"):
        here.deliver(run.deliver([run.reading("9.00", seq=2)]))
    wrapped: list[Faulty] = []

    def wrap(archive: FileArchive) -> Faulty:
        wrapped.append(Faulty(archive, method, takes_effect=takes_effect))
        return wrapped[0]

    with sealing(here, tmp_path, archive=wrap) as seal:
        wrapped[0].armed = True
        with pytest.raises(FaultError):
            seal.seal_once()
        is_signed = here.store.reader().checkpoint() is not None
        assert is_signed == (method == "append_checkpoint")
        here.deliver_records(run, 5)
        made = seal.seal_once()
        assert made is not None
        assert made.size == here.writer.snapshot.size
    require_sound(here, tmp_path)


@pytest.mark.parametrize("takes_effect", [False, True])
def test_a_failed_archive_and_a_restart(here: Plant, tmp_path: Path, takes_effect: bool) -> None:
    here.deliver_records(Run(), 5)
    wrapped: list[Faulty] = []

    def wrap(archive: FileArchive) -> Faulty:
        wrapped.append(Faulty(archive, "append", takes_effect=takes_effect))
        return wrapped[0]

    with sealing(here, tmp_path, archive=wrap) as seal:
        wrapped[0].armed = True
        with pytest.raises(FaultError):
            seal.seal_once()
    with sealing(here, tmp_path) as seal:
        seal.seal_once()
    require_sound(here, tmp_path)


@pytest.mark.parametrize("takes_effect", [False, True])
def test_a_failed_signature(here: Plant, tmp_path: Path, takes_effect: bool) -> None:
    here.deliver_records(Run(), 5)
    signer = Faulty(SIGNER, "sign", takes_effect=takes_effect)
    with sealing(here, tmp_path, signers=lambda _: [signer]) as seal:
        signer.armed = True
        with pytest.raises(FaultError):
            seal.seal_once()
        assert here.store.reader().checkpoint() is None
        assert here.store.anchor_requests().pending() is None
        made = seal.seal_once()
        assert made is not None
    require_sound(here, tmp_path)


@pytest.mark.parametrize("takes_effect", [False, True])
def test_a_failed_commit(here: Plant, tmp_path: Path, takes_effect: bool) -> None:
    here.deliver_records(Run(), 5)
    store = here.store
    assert isinstance(store, SqlStore)
    real = store.unit_of_work
    with sealing(here, tmp_path) as seal:

        @contextmanager
        def failing() -> Iterator[object]:
            with real() as work:
                yield work
                if not takes_effect:
                    raise FaultError("before the commit")
            raise FaultError("after the commit")

        store.unit_of_work = failing
        with pytest.raises(FaultError):
            seal.seal_once()
        store.unit_of_work = real
        assert (store.reader().checkpoint() is not None) == takes_effect
        pending = store.anchor_requests().pending()
        assert (pending is not None) == takes_effect  # with the checkpoint or not at all
        here.deliver_records(Run(), 1)
        seal.seal_once()
    require_sound(here, tmp_path)


class TestNothingDamagedIsSigned:
    def alter(self, here: Plant, column: str, index: int) -> None:
        store = here.store
        assert isinstance(store, SqlStore)
        raw = getattr(store.reader().entry(index), column)
        with store.unit_of_work() as work:
            this = tables.ENTRIES.c.leaf_index == index
            changed = {column: raw[:-1] + bytes([raw[-1] ^ 1])}
            work.connection.execute(update(tables.ENTRIES).where(this).values(changed))

    @pytest.mark.parametrize("column", ["body", "leaf_hash"])
    def test_an_altered_entry(self, here: Plant, tmp_path: Path, column: str) -> None:
        here.deliver_records(Run(), 5)
        self.alter(here, column, 5)
        with sealing(here, tmp_path) as seal, pytest.raises(IntegrityError) as refusal:
            seal.seal_once()
        assert refusal.value.reason == "seal.entry"
        assert refusal.value.params["index"] == 5
        assert here.store.reader().checkpoint() is None

    def test_an_altered_tile(self, here: Plant, tmp_path: Path) -> None:
        store = here.store
        assert isinstance(store, SqlStore)
        with sealing(here, tmp_path) as seal:
            seal.seal_once()
            with store.unit_of_work() as work:
                zeros = update(tables.HASH_TILES).values(hashes=bytes(32 * 3))
                work.connection.execute(zeros)
            here.deliver_records(Run(), 5)
            with pytest.raises(PublishedTreeError) as refusal:
                seal.seal_once()
        assert refusal.value.reason == "seal.tree"

    def test_an_altered_state_of_the_tree(self, here: Plant, tmp_path: Path) -> None:
        store = here.store
        assert isinstance(store, SqlStore)
        with store.unit_of_work() as work:
            work.connection.execute(update(tables.TREE_STATE).values(root=bytes(32)))
        with sealing(here, tmp_path) as seal, pytest.raises(PublishedTreeError):
            seal.seal_once()
        assert store.reader().checkpoint() is None
