"""A log in SQLite that grows and is sealed, as the services see it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.builders import NOW, Run, key
from support.plant import Plant, plant
from support.stores import ORIGIN, new_store
from support.usual_engine import USUAL

from trace_node.clock import FixedClock
from trace_node.ports.entries import StoredCheckpoint
from trace_node.services.seal import Seal
from trace_node.store.archive_file import FileArchive
from trace_node.store.sql_store import SqlStore
from trace_node.tlog import note as notes
from trace_node.tlog.note import SignedNote
from trace_node.tlog.note_keys import LogKeyVerifier, Sm2NoteSigner

SIGNER = Sm2NoteSigner(name=ORIGIN, signer=key("log"))
VERIFIER = LogKeyVerifier(SIGNER.key)


@dataclass(frozen=True, kw_only=True)
class SealedLog:
    """A log with its writer, its seal and its clock."""

    plant: Plant
    seal: Seal
    run: Run
    clock: FixedClock

    @property
    def store(self) -> SqlStore:
        return self.plant.store

    def grow(self, count: int = 3) -> StoredCheckpoint:
        """Take in ``count`` readings and seal them."""
        self.plant.deliver_records(self.run, count)
        made = self.seal.seal_once()
        assert made is not None
        return made

    def note(self) -> SignedNote:
        """The note of the newest checkpoint as it is stored now."""
        newest = self.store.reader().checkpoint()
        assert newest is not None
        return notes.parse(newest.note)


@contextmanager
def sealed_log(folder: Path) -> Iterator[SealedLog]:
    """A log with an empty checkpoint history; its records are those of the plant's enrolment."""
    folder.mkdir(exist_ok=True)
    clock = FixedClock(NOW)
    with new_store(USUAL, folder) as store, plant(store, clock=clock) as here:
        archive = FileArchive(folder / "archive")
        try:
            seal = Seal(store=store, archive=archive, signers=[SIGNER], clock=clock)
            yield SealedLog(plant=here, seal=seal, run=Run(), clock=clock)
        finally:
            archive.close()
