"""The check of the whole log beside a node at work: what comes meanwhile is left for next time."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.builders import Run, key
from support.plant import Plant, plant
from support.stores import ENGINES, IDENTITY, new_store

from trace_node.ports.archive import ArchivedItem
from trace_node.services.fsck import Fsck
from trace_node.services.seal import Seal
from trace_node.store.archive_file import FileArchive
from trace_node.tlog.note_keys import Sm2NoteSigner

SIGNER = Sm2NoteSigner(name=IDENTITY.origin, signer=key("log"))


@pytest.fixture(params=ENGINES)
def here(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Plant]:
    with new_store(request.param, tmp_path) as store, plant(store) as made:
        yield made


class ArchiveOfABusyNode(FileArchive):
    """While it is read, the node takes in more and seals it."""

    def __init__(self, folder: Path, here: Plant, run: Run) -> None:
        super().__init__(folder)
        self._here, self._run = here, run
        self._seal = Seal(
            store=here.store, archive=FileArchive(folder), signers=[SIGNER], clock=here.clock
        )

    def go_on(self) -> None:
        self._here.deliver_records(self._run, 5)
        self._seal.seal_once()

    def read(self, first: int = 0) -> Iterator[ArchivedItem]:
        for item in super().read(first):
            self.go_on()
            yield item
        self.go_on()


def test_what_is_sealed_meanwhile_is_not_missing_in_the_archive(
    here: Plant, tmp_path: Path
) -> None:
    archive = ArchiveOfABusyNode(tmp_path / "archive", here, Run())
    archive.go_on()
    before = here.writer.snapshot.size
    report = Fsck(store=here.store, archive=archive).run()
    assert [problem.message for problem in report.problems] == []
    assert report.counts["archived"] == before
    assert here.writer.snapshot.size > before
